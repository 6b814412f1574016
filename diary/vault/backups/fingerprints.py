"""What was written, remembered so that what comes back can be compared with it.

A GMAC (NIST SP 800-38D) of each piece under a key that is made for the run and kept nowhere: nobody can have
made a piece to fit, and two pieces that differ agree by a chance of about 2^-111. It runs at several times
the speed of SHA-256, by which the file itself is checked from then on.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BITS = 128


class Fingerprints:
    """Of the pieces of several members, in order."""

    def __init__(self) -> None:
        self._aead = AESGCM(AESGCM.generate_key(_KEY_BITS))
        self._of: dict[str, list[bytes]] = {}
        self._members: dict[str, int] = {}

    def take(self, name: str, piece: bytes) -> None:
        """Remember the next piece of this member."""
        of_member = self._of.setdefault(name, [])
        of_member.append(self._fingerprint(name, len(of_member), piece))

    def is_same(self, name: str, number: int, piece: bytes) -> bool:
        """Whether this is the piece of that number, from 0."""
        of_member = self._of.get(name, [])
        return number < len(of_member) and hmac.compare_digest(
            of_member[number], self._fingerprint(name, number, piece)
        )

    def count(self, name: str) -> int:
        """How many pieces a member has."""
        return len(self._of.get(name, []))

    def _fingerprint(self, name: str, number: int, piece: bytes) -> bytes:
        member = self._members.setdefault(name, len(self._members))
        return self._aead.encrypt(member.to_bytes(4, "big") + number.to_bytes(8, "big"), b"", piece)
