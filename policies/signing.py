"""Signatures of a clinic: over its policies, over the next of its keys, and over reports.

Ed25519 (RFC 8032). What is signed begins with words that say what it is, so that no signature over one kind
of thing serves for another. A signing key is made on the clinic's own machine and kept there, in a file that
is encrypted with a passphrase (`key_file`).

A key is succeeded by another through a statement that the old one signs. A chain of such statements leads
from the key that a vault knows to the one that signed; so a clinic can change its key without a visit to each
vault. A key that was lost can only be replaced by a release that it signed before.

Not here: where policies lie and which vault knows which key (`clinic`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from policies.errors import PolicyError
from policies.key_file import open_key, seal_key

POLICY = b"diary policy 1\x00"
SUCCESSION = b"diary key succession 1\x00"
REPORT = b"diary report 1\x00"
KEY_BYTES, SIGNATURE_BYTES = 32, 64
MOST_BYTES = 100_000
_FORM = "diary signature 1"
_KEY_FORM = "signing key 1"
_MOST_LINKS = 100


@dataclass(frozen=True, slots=True)
class Link:
    """One key succeeded by another. :ivar signature: by `old`, over both."""

    old: bytes
    new: bytes
    signature: bytes

    def holds(self) -> bool:
        """Whether the old key really said so."""
        return verifies(self.old, SUCCESSION, self.old + self.new, self.signature)


@dataclass(frozen=True, slots=True)
class Signature:
    """What lies beside a signed file.

    :ivar key: the public key, 32 bytes. :ivar signature: 64 bytes. :ivar chain: how it came to be the key.
    """

    key: bytes
    signature: bytes
    chain: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """What a signature is over, in words for whoever signs next; not authenticated, and trusted by nobody.

    :ivar version: of the policy. :ivar sha256: of its file, in hexadecimal.
    """

    version: int
    sha256: str


def new_key(passphrase: str) -> bytes:
    """A new signing key, as the bytes of its file; raises as `key_file.seal_key`."""
    return seal_key(Ed25519PrivateKey.generate().private_bytes_raw(), passphrase, _KEY_FORM)


def load_key(untrusted: bytes, passphrase: str) -> Ed25519PrivateKey:
    """The key in such a file; raises as `key_file.open_key`."""
    return Ed25519PrivateKey.from_private_bytes(open_key(untrusted, passphrase, _KEY_FORM))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Its public key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def sign(key: Ed25519PrivateKey, purpose: bytes, content: bytes, *, chain: Sequence[Link] = ()) -> Signature:
    """Sign content for one purpose."""
    return Signature(public_bytes(key), key.sign(purpose + content), tuple(chain))


def succeed(old: Ed25519PrivateKey, new: bytes) -> Link:
    """The old key's word that the new one follows it."""
    own = public_bytes(old)
    return Link(own, new, old.sign(SUCCESSION + own + new))


def verifies(key: bytes, purpose: bytes, content: bytes, signature: bytes) -> bool:
    """Whether this key signed this content for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, purpose + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def follows(known: bytes, signed: Signature) -> bool:
    """Whether the key that signed is the known one, or came from it by true successions."""
    reached = known
    for link in signed.chain:
        if link.old == reached and link.holds():
            reached = link.new
    return reached == signed.key


def encode(signed: Signature, over: Issued | None = None) -> bytes:
    """The signature as a file: JSON, in hexadecimal; `over` is noted beside it."""
    links = [[link.old.hex(), link.new.hex(), link.signature.hex()] for link in signed.chain]
    form = {"form": _FORM, "key": signed.key.hex(), "signature": signed.signature.hex(), "chain": links}
    note = {} if over is None else {"over": {"version": over.version, "sha256": over.sha256}}
    return json.dumps(form | note, indent=1).encode() + b"\n"


def noted(untrusted: bytes) -> Issued | None:
    """What such a file says that it is over; None when it says nothing that can be read."""
    try:
        match json.loads(untrusted[:MOST_BYTES]):
            case {"over": {"version": int(version), "sha256": str(sha256)}}:
                return Issued(version, sha256)
    except (ValueError, RecursionError):
        pass
    return None


def decode(untrusted: bytes) -> Signature:
    """What such a file says; nothing in it is verified yet.

    :raises policies.PolicyError: when it is none.
    """
    try:
        if len(untrusted) > MOST_BYTES:
            raise ValueError("too long")
        untrusted_form = json.loads(untrusted)
        match untrusted_form:
            case {"form": form, "key": str(key), "signature": str(signature), "chain": list(chain)} if (
                form == _FORM
            ):
                return Signature(_hex(key, KEY_BYTES), _hex(signature, SIGNATURE_BYTES), links_of(chain))
            case _:
                raise ValueError("another form")
    except (ValueError, RecursionError):
        raise _refused("The signature is not one that diary writes") from None


def links_of(untrusted_links: Sequence[object]) -> tuple[Link, ...]:
    """Successions as `encode` writes them; ValueError when they are none."""
    if len(untrusted_links) > _MOST_LINKS:
        raise ValueError("too many links")
    return tuple(_link(one) for one in untrusted_links)


def _link(untrusted: object) -> Link:
    match untrusted:
        case [str(old), str(new), str(signature)]:
            return Link(_hex(old, KEY_BYTES), _hex(new, KEY_BYTES), _hex(signature, SIGNATURE_BYTES))
        case _:
            raise ValueError("not a link")


def _hex(text: str, size: int) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != size:
        raise ValueError("another length")
    return found


def _refused(what: str) -> PolicyError:
    return PolicyError(f"{what}, so nothing was done.")
