"""The header: which slots open the vault, in two copies that are replaced one after the other.

    "DIARYVLT" | length, 4 bytes big-endian | JSON, keys sorted | HMAC-SHA256 | SHA-256

The last 32 bytes tell a damaged copy without any key. The HMAC before them, under a key derived from the
vault key, tells a changed one after unlocking: a slot dropped, added or swapped, a generation turned back.
A copy that is damaged or refused gives way to the other. Damage of both is the commonest way to lose an
encrypted disk (the LUKS FAQ says so); it is also why a backup contains the header.

What it cannot do: an old header put back whole, with its old passphrase, still opens the vault, until
there is another vault key (`rotation`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from diary.vault.failures import forbidden, header_lost, no_vault
from diary.vault.files import NotPlain, read_plain, replace_synced, sweep_aside
from diary.vault.keys import VaultKey, wipe
from diary.vault.recovery import read_code
from diary.vault.slots import PASSPHRASE, RECOVERY_CODE, KdfParameters, KeySlot, make_slot

HEADER = "vault.header"
COPY = "vault.header.copy"
MAGIC = b"DIARYVLT"
VAULT_ID_BYTES = 16
_MAC_BYTES = 32
_SUM_BYTES = 32
_FRAME_BYTES = len(MAGIC) + 4 + _MAC_BYTES + _SUM_BYTES
MOST_BYTES = 64 * 1024
MOST_SLOTS = 16  # each may cost a second to try


# omit_defaults: the header of a vault without a clinic is what it was before there were clinics.
class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a header says.

    :ivar version: of this format.
    :ivar generation: one more at each change.
    :ivar page_size: of the database, which cannot be opened without knowing it.
    :ivar bound: the vault has a clinic; which one stands in the database (`binding`).
    """

    version: int
    vault_id: bytes
    generation: int
    page_size: int
    slots: tuple[KeySlot, ...]
    bound: bool = False


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """A header whose checksum is right, with its bytes; not authentic until `is_authentic` says so."""

    header: Header
    content: bytes

    def is_authentic(self, key: VaultKey) -> bool:
        """Whether it was written by someone who has the vault key."""
        authentic = self.content[:-_SUM_BYTES]
        signed, mac = authentic[:-_MAC_BYTES], authentic[-_MAC_BYTES:]
        return hmac.compare_digest(_mac(signed, key), mac)


def encode(header: Header, key: VaultKey) -> bytes:
    """The bytes of the file."""
    body = msgspec.json.encode(header, order="sorted")
    signed = MAGIC + struct.pack(">I", len(body)) + body
    authentic = signed + _mac(signed, key)
    return authentic + hashlib.sha256(authentic).digest()


def decode(content: bytes) -> StoredHeader | None:
    """Read a header, or None when its bytes are damaged or not of this format."""
    if not _FRAME_BYTES <= len(content) <= MOST_BYTES or not content.startswith(MAGIC):
        return None
    if hashlib.sha256(content[:-_SUM_BYTES]).digest() != content[-_SUM_BYTES:]:
        return None
    (length,) = struct.unpack_from(">I", content, len(MAGIC))
    if length != len(content) - _FRAME_BYTES:
        return None
    start = len(MAGIC) + 4
    try:
        header = msgspec.json.decode(content[start : start + length], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if header.version != 1 or len(header.vault_id) != VAULT_ID_BYTES or len(header.slots) > MOST_SLOTS:
        return None
    return StoredHeader(header, content)


def save(folder: Path, header: Header, key: VaultKey) -> bytes:
    """Replace both copies, the spare one first, so that one of them is whole at any moment.

    :raises OSError: when the disk refuses; the old header still opens the vault.
    """
    content = encode(header, key)
    if decode(content) is None:  # before it takes the place of one that can be read
        raise RuntimeError("a header that cannot be read again")
    for name in (COPY, HEADER):
        replace_synced(folder / name, content)
    return content


def load(folder: Path) -> list[StoredHeader]:
    """The readable copies, newest generation first, identical ones once.

    :raises diary.errors.VaultMissing: when there is neither copy.
    :raises diary.errors.VaultDamaged: when neither can be read.
    :raises diary.errors.StorageFailed: when it is only this user who may not read them.
    """
    paths = [folder / name for name in (HEADER, COPY)]
    contents = [content for path in paths if (content := _read(path)) is not None]
    if not contents:
        raise no_vault(folder)
    readable = [stored for content in dict.fromkeys(contents) if (stored := decode(content)) is not None]
    if not readable:
        if any(path.exists() and not os.access(path, os.R_OK) for path in paths):
            raise forbidden("the diary's header")
        raise header_lost("unreadable")
    return sorted(readable, key=lambda stored: stored.header.generation, reverse=True)


def repair(folder: Path, good: StoredHeader) -> None:
    """Make both copies what the authenticated one is, and remove what a crash left beside them.

    :raises OSError: when the disk refuses; the good copy is untouched.
    """
    for name in (COPY, HEADER):
        sweep_aside(folder / name)
        if _read(folder / name) != good.content:
            replace_synced(folder / name, good.content)


def _read(path: Path) -> bytes | None:
    try:
        return read_plain(path, MOST_BYTES + 1)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not isinstance(error, NotPlain):
            return None
        return b""  # a copy that the disk cannot read, or that is no file, is a damaged one


def _mac(signed: bytes, key: VaultKey) -> bytes:
    derived = key.derive(b"header")
    try:
        return hmac.digest(derived, signed, "sha256")
    finally:
        wipe(derived)


def first(
    key: VaultKey, secret: bytearray, code: str, kdf: KdfParameters, page_size: int, made: datetime
) -> Header:
    """The header of a new vault, that a passphrase and a recovery code open."""
    vault_id = secrets.token_bytes(VAULT_ID_BYTES)
    symbols = read_code(code).symbols
    if symbols is None:
        raise RuntimeError("a recovery code that does not read as one")
    slots = (
        make_slot(PASSPHRASE, secret, key, vault_id=vault_id, made=made, kdf=kdf),
        make_slot(RECOVERY_CODE, symbols, key, vault_id=vault_id, made=made),
    )
    return Header(version=1, vault_id=vault_id, generation=1, page_size=page_size, slots=slots)
