"""A signed statement of what this installation is and what its wall was found to do: made on one machine,
checked on another, without a vault.

A statement is one JSON object: what is stated, the public key, and the signature over the canonical bytes of
what is stated (keys sorted, no spaces, ASCII; no fractions, no name twice), with words before them that say
what it is. An auditor gives a nonce, so that an old statement cannot be handed in for a new one.

**What the signature proves:** that nobody changed the statement after it was made, that it was made after the
nonce was told, and that whoever made it held the report key of this installation, the same as on the visit
before. **What it does not:** that the statement is true. The program speaks of itself, its key lies where its
user can read it, and a changed program, or its user, can sign anything. The hashes say which program should
have spoken; to know that it did, look at the machine.

Here: the form. Not here: what goes in (`evidence`), the key's file (`report_key`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from policies.errors import PolicyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORM = "diary statement 1"
MOST_BYTES = 4_000_000
LONGEST_NONCE = 200
_DEEPEST = 8

Content = Mapping[str, object]
"""Texts, whole numbers, true and false, null, lists and objects of these."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose signature holds. :ivar key: who signed, 32 bytes. :ivar content: what is stated."""

    key: bytes
    content: dict[str, object]


def encode(key: Ed25519PrivateKey, content: Content) -> bytes:
    """The statement as a file, signed.

    :raises ValueError: when something in it has no one way to be written.
    """
    from policies import signing

    signed = signing.sign(key, signing.REPORT, canonical(content))
    document = {
        "form": FORM, "statement": content, "key": signed.key.hex(), "signature": signed.signature.hex(),
    }  # fmt: skip
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def decode(untrusted: bytes) -> Statement:
    """The statement in a file, when its signature holds.

    :raises policies.PolicyError: when it is none, or was changed.
    """
    from policies import signing

    match _parsed(untrusted):
        case {"form": str(form), "statement": dict(content), "key": str(key), "signature": str(signature),
              **rest} if form == FORM and not rest:  # fmt: skip
            pass
        case _:
            _refuse("The file is no statement that diary wrote")
    try:
        who, by = bytes.fromhex(key), bytes.fromhex(signature)
        signed = canonical(content)
    except ValueError:
        _refuse("The file is no statement that diary wrote")
    if not signing.verifies(who, signing.REPORT, signed, by):
        _refuse(
            "The statement was changed after it was signed, or another key signed it than it says",
            "Have another made, and bring it yourself.",
        )
    return Statement(who, content)


def canonical(content: Content) -> bytes:
    """The one way to write it.

    :raises ValueError: when there is none: a fraction, an unknown kind, too deep.
    """
    _require_plain(content, _DEEPEST)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def is_one(untrusted: bytes) -> bool:
    """Whether a file says that it is a statement; to tell it from a policy, nothing more."""
    return untrusted[:1] == b"{" and json.dumps(FORM).encode() in untrusted[:200]


def _require_plain(value: object, deep: int) -> None:
    if deep == 0:
        raise ValueError("too deep")
    match value:
        case None | bool() | int() | str():
            return
        case list() | tuple():
            for part in value:
                _require_plain(part, deep - 1)
        case dict() if all(isinstance(name, str) for name in value):
            for part in value.values():
                _require_plain(part, deep - 1)
        case _:
            raise ValueError(f"no plain value: {type(value).__name__}")


def _parsed(untrusted: bytes) -> object:
    if len(untrusted) > MOST_BYTES:
        _refuse("The file is too long to be a statement")
    try:
        return json.loads(untrusted, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        _refuse("The file is no statement that diary wrote")


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A name that comes twice would show one value to one reader and another to the next."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refuse(what: str, hint: str = "One is made with: diary policy check --report FILE") -> NoReturn:
    raise PolicyError(f"{what}, so nothing in it is believed.", hint=hint)
