"""Emergency access for a clinic (45 CFR 164.312(a)(2)(ii)): a secret sealed to the clinic's public key.

The clinic makes a key pair on its own machine and names the public half in its policy. A vault under that
policy seals a random secret to it (HPKE, RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305; base mode), bound
to the vault by its id, and has a slot that this secret opens. Only the private half opens it again.

What it cannot do: make its use visible when the clinic opens the vault's files with tools of its own.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from policies.key_file import open_key, seal_key

_FORM = "emergency key 1"
_INFO = b"diary emergency access 1\x00"


def new_key(passphrase: str) -> bytes:
    """A new private key, as the bytes of its file; raises as `key_file.seal_key`."""
    return seal_key(X25519PrivateKey.generate().private_bytes_raw(), passphrase, _FORM)


def load_key(untrusted: bytes, passphrase: str) -> X25519PrivateKey:
    """The private key in such a file; raises as `key_file.open_key`."""
    return X25519PrivateKey.from_private_bytes(open_key(untrusted, passphrase, _FORM))


def public_bytes(key: X25519PrivateKey) -> bytes:
    """Its public half, 32 bytes, as `people.break_glass` names it in hexadecimal."""
    return key.public_key().public_bytes_raw()


def seal_secret(secret: bytes, clinic: bytes, *, vault_id: bytes) -> bytes:
    """The secret, for the clinic alone.

    :param clinic: its public key, 32 bytes. :param vault_id: 16 bytes.
    :raises ValueError: when the public key is none.
    """
    return _suite().encrypt(secret, X25519PublicKey.from_public_bytes(clinic), info=_INFO + vault_id)


def open_secret(sealed: bytes, key: X25519PrivateKey, *, vault_id: bytes) -> bytes | None:
    """The secret; None when it was sealed to another key, for another vault, or was changed."""
    try:
        return _suite().decrypt(sealed, key, info=_INFO + vault_id)
    except (InvalidTag, ValueError):
        return None


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
