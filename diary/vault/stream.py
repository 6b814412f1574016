"""STREAM: a file encrypted in pieces; none can be changed, dropped, moved or taken from another file.

Each file has a key of its own. It begins with 8 bytes that name the format and a random salt; then come
pieces of 64 KiB, each with AES-256-GCM under a nonce of 11 counting bytes and one that marks the last.
The key of the pieces is derived from the file's key, the salt and the file's identity.
Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (CRYPTO 2015), as laid out in C2SP age.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diary.vault.keys import SALT_BYTES, derive_from_uniform, wipe

MAGIC = b"DIARYAT1"
PIECE = 64 * 1024
TAG = 16


class NotAuthentic(Exception):
    """The bytes are not what was written under this key and identity."""


class Source(Protocol):
    """What can be read to its end."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...


class Pieces:
    """A Source of what `unseal` gives, to be sealed again."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int, /) -> bytes:
        """The next piece. :raises NotAuthentic: as `unseal`."""
        return next(self._pieces, b"")


def seal(source: Source, key: bytes, *, identity: bytes) -> Iterator[bytes]:
    """Encrypted pieces of everything `source` gives."""
    salt = secrets.token_bytes(SALT_BYTES)
    cipher = _cipher(key, salt, identity)
    yield MAGIC + salt
    number, piece, last = 0, source.read(PIECE), False
    while not last:
        following = source.read(PIECE)
        last = not following
        yield cipher.encrypt(_nonce(number, last), piece, None)
        number, piece = number + 1, following


def unseal(source: BinaryIO, key: bytes, *, identity: bytes) -> Iterator[bytes]:
    """The pieces as they were given; trust none before the iterator has ended.

    :raises NotAuthentic: at the first piece that is changed, out of place or missing.
    """
    start = source.read(len(MAGIC) + SALT_BYTES)
    if len(start) != len(MAGIC) + SALT_BYTES or not start.startswith(MAGIC):
        raise NotAuthentic
    cipher = _cipher(key, start[len(MAGIC) :], identity)
    number, piece, last = 0, source.read(PIECE + TAG), False
    while not last:
        following = source.read(PIECE + TAG)
        last = not following
        try:
            yield cipher.decrypt(_nonce(number, last), piece, None)
        except (InvalidTag, ValueError):
            raise NotAuthentic from None
        number, piece = number + 1, following


def unseal_past_damage(source: BinaryIO, key: bytes, *, identity: bytes) -> Iterator[tuple[bytes, bool]]:
    """What `unseal` gives, and whether it authenticates: zeros of the same length where it does not.

    A file that is cut off ends with what it has, told as not authentic. None of it is to be trusted like what
    `unseal` gives.
    """
    start = source.read(len(MAGIC) + SALT_BYTES)
    if len(start) != len(MAGIC) + SALT_BYTES or not start.startswith(MAGIC):
        yield b"", False
        return
    cipher = _cipher(key, start[len(MAGIC) :], identity)
    number, piece, last = 0, source.read(PIECE + TAG), False
    while not last:
        following = source.read(PIECE + TAG)
        last = not following
        for as_last in (last, not last):
            try:
                content = cipher.decrypt(_nonce(number, as_last), piece, None)
            except (InvalidTag, ValueError):
                continue
            yield content, as_last == last
            break
        else:
            yield bytes(max(len(piece) - TAG, 0)), False
        number, piece = number + 1, following


class Check:
    """Whether bytes that pass by, in any parts, are what `seal` gave; none of them is kept."""

    def __init__(self, key: bytes, *, identity: bytes) -> None:
        self._key = key
        self._identity = identity
        self._cipher: AESGCM | None = None
        self._held = bytearray()
        self._number = 0
        self._wrong = False

    def see(self, part: bytes | memoryview) -> None:
        """The next ones."""
        if self._wrong:
            return
        self._held += part
        done = 0
        if self._cipher is None:
            done = len(MAGIC) + SALT_BYTES
            if len(self._held) < done:
                return
            self._wrong = not self._held.startswith(MAGIC)
            self._cipher = _cipher(self._key, bytes(self._held[len(MAGIC) : done]), self._identity)
        while not self._wrong and len(self._held) - done > PIECE + TAG:  # what may be the last one waits
            self._open(done, done + PIECE + TAG, last=False)
            done += PIECE + TAG
        del self._held[:done]

    def is_authentic(self) -> bool:
        """At the end of them: whether nothing was changed, out of place or missing."""
        if not self._wrong and self._cipher is not None:
            self._open(0, len(self._held), last=True)
        return not self._wrong and self._cipher is not None

    def _open(self, start: int, end: int, *, last: bool) -> None:
        assert self._cipher is not None  # noqa: S101 - for the type checker
        try:
            with memoryview(self._held) as held:
                self._cipher.decrypt(_nonce(self._number, last), held[start:end], None)
        except (InvalidTag, ValueError):
            self._wrong = True
        self._number += 1


def _cipher(key: bytes, salt: bytes, identity: bytes) -> AESGCM:
    derived = derive_from_uniform(key, purpose=b"attachment|" + identity, salt=salt)
    try:
        return AESGCM(derived)
    finally:
        wipe(derived)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
