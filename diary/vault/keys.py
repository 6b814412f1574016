"""The vault key, what is derived from it, and how a passphrase becomes bytes.

Key bytes live in bytearrays and are overwritten when no longer needed, as far as Python lets us: a `str` that
a person typed and the copies inside libraries stay until the process ends, which is why locking replaces the
whole process.
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SALT_BYTES = 16


def wipe(secret: bytearray) -> None:
    """Overwrite the bytes with zeros."""
    secret[:] = bytes(len(secret))


class VaultKey:
    """256 random bits that encrypt everything, with the 128-bit salt that SQLCipher keeps beside them.

    :param secret: key and salt, 48 bytes; owned by this object from now on.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytearray) -> None:
        if len(secret) != KEY_BYTES + SALT_BYTES:
            raise ValueError("a vault key with its salt has 48 bytes")
        self._secret = secret

    @classmethod
    def random(cls) -> Self:
        """A new key from the operating system's generator."""
        return cls(bytearray(secrets.token_bytes(KEY_BYTES + SALT_BYTES)))

    @property
    def secret(self) -> bytearray:
        """Key and salt: to be wrapped in a slot, and for nothing else."""
        return self._secret

    def as_sqlcipher_key(self) -> str:
        """The raw key in the form of `PRAGMA key`: 96 hexadecimal digits, key then salt.

        Source: SQLCipher API, "Raw Key Data with Explicit Salt".
        """
        return f"x'{self._secret.hex()}'"

    def derive(self, purpose: bytes) -> bytearray:
        """32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
        derived = bytearray(KEY_BYTES)
        # A slice of a bytearray would be a copy, and stay.
        with memoryview(self._secret) as secret, secret[:KEY_BYTES] as key:
            _hkdf(purpose).derive_into(key, derived)
        return derived

    def wipe(self) -> None:
        """Overwrite the key; it opens nothing afterwards."""
        wipe(self._secret)

    def __repr__(self) -> str:
        return "VaultKey(…)"


def _hkdf(purpose: bytes, salt: bytes | None = None) -> HKDF:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=b"diary|" + purpose)


def derive_from_uniform(secret: bytes | bytearray, *, purpose: bytes, salt: bytes) -> bytearray:
    """32 bytes from a secret that is random already and long enough to need no slow derivation."""
    derived = bytearray(KEY_BYTES)
    _hkdf(purpose, salt).derive_into(secret, derived)
    return derived


def passphrase_bytes(passphrase: str) -> bytearray:
    """The passphrase as every keyboard and system would send it: NFC, any space as U+0020 (RFC 8265, 4.2)."""
    spaced = "".join(" " if unicodedata.category(mark) == "Zs" else mark for mark in passphrase)
    composed = unicodedata.normalize("NFC", spaced)
    # A terminal may hand over bytes that are no UTF-8 as surrogates; the same bytes must give the same key.
    return bytearray(composed.encode("utf-8", "surrogatepass"))
