"""Checkpoints of a log, to be kept elsewhere: signed, as a file, and as a code short enough to copy by hand.

The file is JSON with everything in hexadecimal; it holds nothing that tells of the diary but how many events
there were, and when. The code is the size and the first 60 bits of the root, in groups: enough that no other
history can be found to fit it, since only one who has the vault key could try.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from diary.errors import DiaryError
from diary.model.audit import Checkpoint, ShortCode
from diary.vault.rows import time_to_row

_PURPOSE = b"diary audit checkpoint 1\x00"
_FORM = "diary audit checkpoint 1"
_CODE_BYTES = 8
_GROUP = 4
CODE = re.compile(r"([0-9]{1,12})((?:-[A-Z2-7]{4}){3})")
_MISREAD = str.maketrans("018", "OIB")
_SIZES = {"vault": 16, "root": 32, "key": 32, "signature": 64}


class CheckpointWrong(DiaryError):
    """The file is no checkpoint, or was changed since it was signed."""

    code = "checkpoint-wrong"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: str
    vault: str
    size: int
    root: str
    made: datetime
    key: str
    signature: str


def signed_checkpoint(
    signer: Ed25519PrivateKey, vault: bytes, size: int, root: bytes, made: datetime
) -> Checkpoint:
    """A checkpoint with its signature."""
    return Checkpoint(
        vault=vault,
        size=size,
        root=root,
        made=made,
        key=signer.public_key().public_bytes_raw(),
        signature=signer.sign(_signed(vault, size, root, made)),
    )


def encode(checkpoint: Checkpoint) -> bytes:
    """The bytes of its file."""
    form = _File(
        form=_FORM,
        vault=checkpoint.vault.hex(),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        made=checkpoint.made,
        key=checkpoint.key.hex(),
        signature=checkpoint.signature.hex(),
    )
    return msgspec.json.format(msgspec.json.encode(form), indent=1) + b"\n"


def decode(untrusted: bytes) -> Checkpoint:
    """The checkpoint in a file, its signature verified; whose key it is stays to be compared.

    :raises CheckpointWrong: when it is none, or was changed since.
    """
    try:
        form = msgspec.json.decode(untrusted, type=_File)
        parts = {name: bytes.fromhex(getattr(form, name)) for name in _SIZES}
        right = form.form == _FORM and form.size >= 0 and form.made.utcoffset() is not None
        if not right or {name: len(part) for name, part in parts.items()} != _SIZES:
            raise ValueError("another form")
        found = Checkpoint(size=form.size, made=form.made, **parts)
        Ed25519PublicKey.from_public_bytes(found.key).verify(
            found.signature, _signed(found.vault, found.size, found.root, found.made)
        )
    except (msgspec.MsgspecError, ValueError, InvalidSignature, RecursionError, OverflowError):
        raise CheckpointWrong(
            "The file is no checkpoint that diary wrote, or was changed since. Nothing was compared.",
            hint="Make one with: diary audit checkpoint FILE",
        ) from None
    return found


def short_code(checkpoint: Checkpoint) -> str:
    """Its size and the beginning of its root, to be written on paper: "1042-K7QF-..."."""
    letters = letters_of(checkpoint.root)
    return "-".join([str(checkpoint.size), *(letters[at : at + _GROUP] for at in range(0, 12, _GROUP))])


def letters_of(root: bytes) -> str:
    """The first 60 bits of a root, in base 32: 12 letters."""
    return base64.b32encode(root[:_CODE_BYTES]).decode()[:12]


def read_code(text: str) -> ShortCode | None:
    """A short code as it was typed: in capitals or not, with spaces, and with digits that no code has for the
    letters that they are taken for on paper. None when it does not read as one.
    """
    size, _, letters = "-".join(text.upper().split()).partition("-")
    found = CODE.fullmatch(f"{size}-{letters.translate(_MISREAD)}")
    return None if found is None else ShortCode(int(found[1]), found[2].replace("-", ""))


def _signed(vault: bytes, size: int, root: bytes, made: datetime) -> bytes:
    moment, offset = time_to_row(made)
    return _PURPOSE + msgspec.msgpack.encode([vault, size, root, moment, offset])
