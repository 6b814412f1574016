"""The sums by which anybody can look at a backup without a key: they tell damage, and no deceit.

A member has its SHA-256. The database in "DIARYBK3" has the SHA-256 over the checksums of its MiBs, which
takes a tenth of the time: a GMAC (NIST SP 800-38D) of each under a key of zeros, with its number as the
nonce. That finds any damage: what is not done on purpose is missed by a chance of about 2^-112. Whoever wants
to deceive can make bytes to fit it, as he can make a SHA-256 of his own; against him each page has an HMAC.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diary.vault.backups.index import DATABASE_MEMBER

PIECE = 1024 * 1024
_KEY = bytes(16)
_NONCE_BYTES = 12


def checksum(number: int, piece: bytes | bytearray | memoryview) -> bytes:
    """16 bytes for the piece of that number, from 0."""
    return AESGCM(_KEY).encrypt(number.to_bytes(_NONCE_BYTES, "big"), b"", piece)


class Checksums:
    """The sum of a database in "DIARYBK3"; given as hashlib's sums are."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._count = 0
        self._held = bytearray()

    def update(self, part: bytes | memoryview) -> None:
        """Its next bytes."""
        view = memoryview(part)
        if self._held:
            wanted = view[: PIECE - len(self._held)]
            self._held += wanted
            view = view[len(wanted) :]
            if len(self._held) < PIECE:
                return
            self._take(self._held)
            self._held = bytearray()
        whole = len(view) - len(view) % PIECE
        for start in range(0, whole, PIECE):
            self._take(view[start : start + PIECE])
        self._held += view[whole:]

    def hexdigest(self) -> str:
        """64 digits; nothing may come after."""
        if self._held:
            self._take(self._held)
        return self._digest.hexdigest()

    def _take(self, piece: bytearray | memoryview) -> None:
        self._digest.update(checksum(self._count, piece))
        self._count += 1


def sums_of(name: str, *, checksummed: bool) -> Checksums | hashlib._Hash:
    """For the bytes of a member."""
    return Checksums() if checksummed and name == DATABASE_MEMBER else hashlib.sha256()
