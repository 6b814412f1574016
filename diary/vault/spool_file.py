"""The file of an unsaved recording: records of sound, each encrypted and on the disk before the next.

A record is its length and a nonce counter, four bytes each, then so many bytes of sound under AES-256-GCM
with its tag. The key is the file's own. Authenticated with the sound are the vault, the file's name, the
record's number and its first eight bytes: no record can be changed, left out, put elsewhere or into another
file. The nonce counts attempts, not records: what was half written to a full disk is encrypted anew, never
with the same nonce.

What a kill or a power cut leaves of the last append is a torn tail: shorter than a record, or not authentic,
and nothing authentic behind it. It is left out, without an error, since it was never acknowledged. Anything
else that does not authenticate is damage. Then what stands before can be read, and what comes behind too as
long as the lengths lead there.

Where each record begins is kept in memory, so a read decrypts what it gives and no more. One thread may
append while others read. A file is never appended to by a later process.
"""

from __future__ import annotations

import os
import struct
import threading
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diary.durable import sync
from diary.vault.files import OWNER_ONLY, leave_to_owner
from diary.vault.stream import TAG, NotAuthentic

MOST = 32_000
"""Bytes of sound in a record at most: a second. More at once becomes several records, each synced."""
START = struct.Struct(">II")
_NUMBER = struct.Struct(">Q")
LONGEST = START.size + MOST + TAG


class Finished(Exception):
    """The file is closed, or nothing may be appended any more."""


class SpoolFile:
    """One open file.

    :param identity: binds its records to the vault and to the file's name.
    """

    def __init__(self, handle: int, key: bytes, identity: bytes) -> None:
        self._handle = handle
        self._cipher = AESGCM(key)
        self._identity = identity
        self._lock = threading.Lock()
        self._places: list[int] = []  # where each record begins
        self._ends: list[int] = []  # bytes of sound up to the end of each
        self._end = 0  # of the whole records
        self._attempts = 0
        self._clean = True
        self._broken = False
        self._finished = False

    @classmethod
    def create(cls, path: Path, key: bytes, identity: bytes) -> Self:
        """A new, empty file; it and its name are on the disk.

        :raises OSError: when the disk refuses.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        handle = os.open(path, flags, OWNER_ONLY)
        try:
            leave_to_owner(handle, path.parent)
            os.fsync(handle)
            sync(path.parent)
        except BaseException:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        return cls(handle, key, identity)

    @classmethod
    def open(cls, path: Path, key: bytes, identity: bytes) -> Self:
        """A file that an earlier process made.

        :raises OSError: when it is missing, or the disk refuses.
        """
        file = cls(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), key, identity)
        try:
            file._find_records(os.fstat(file._handle).st_size)
        except BaseException:
            file.close()
            raise
        return file

    @property
    def size(self) -> int:
        """Bytes of sound in whole records."""
        with self._lock:
            return self._ends[-1] if self._ends else 0

    def append(self, sound: bytes) -> None:
        """Add sound; on the disk when it returns.

        :raises Finished: after `finish` or `close`.
        :raises OSError: when the disk refuses: what came before is kept, and more may be appended.
        """
        with self._lock:
            if self._finished:
                raise Finished
            for start in range(0, len(sound), MOST):
                self._append(sound[start : start + MOST])

    def read(self, start: int, most: int, *, without_damage: bool = False) -> bytes:
        """Up to so many bytes of sound from byte `start` on; empty at the end.

        :param without_damage: give silence of the same length for a record that does not authenticate.
        :raises NotAuthentic: when the first byte asked for is in such a record, or behind the last length
            that makes sense; fewer bytes are given when it comes later.
        :raises Finished: after `close`.
        """
        found = bytearray()
        with self._lock:
            if self._handle < 0:
                raise Finished
            number = bisect_right(self._ends, start)
            while len(found) < most and number < len(self._ends):
                piece = self._sound(number)
                if piece is None and not without_damage:
                    break
                begin = self._begin(number)
                piece = bytes(self._ends[number] - begin) if piece is None else piece
                skipped = max(start - begin, 0)
                found += piece[skipped : skipped + most - len(found)]
                number += 1
            at_the_end = number == len(self._ends)
        if most > 0 and not found and not without_damage and (self._broken or not at_the_end):
            raise NotAuthentic
        return bytes(found)

    def is_whole(self) -> bool:
        """Whether all of it authenticates; a torn tail counts as never written."""
        with self._lock:
            return not self._broken and all(self._sound(n) is not None for n in range(len(self._ends)))

    def finish(self) -> None:
        """Let nothing be appended any more."""
        with self._lock:
            self._finished = True

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._finished = True
            handle, self._handle = self._handle, -1
            if handle >= 0:
                os.close(handle)

    # Writing

    def _append(self, piece: bytes) -> None:
        if not self._clean:
            os.ftruncate(self._handle, self._end)
            self._clean = True
        self._attempts += 1
        start = START.pack(len(piece), self._attempts)
        record = start + self._cipher.encrypt(_nonce(start), piece, self._bound(len(self._ends), start))
        try:
            _write_all(self._handle, record, self._end)
            os.fdatasync(self._handle)
        except OSError:
            self._clean = False
            with suppress(OSError):
                os.ftruncate(self._handle, self._end)
                self._clean = True
            raise
        self._add(self._end, len(piece))

    def _add(self, place: int, length: int) -> None:
        self._places.append(place)
        self._ends.append((self._ends[-1] if self._ends else 0) + length)
        self._end = place + START.size + length + TAG

    # Reading

    def _begin(self, number: int) -> int:
        return self._ends[number - 1] if number else 0

    def _sound(self, number: int) -> bytes | None:
        return self._authentic(self._places[number], self._ends[number] - self._begin(number), number)

    def _authentic(self, place: int, length: int, number: int) -> bytes | None:
        record = os.pread(self._handle, START.size + length + TAG, place)
        start = record[: START.size]
        try:
            return self._cipher.decrypt(_nonce(start), record[START.size :], self._bound(number, start))
        except (InvalidTag, ValueError, struct.error):
            return None

    def _bound(self, number: int, start: bytes) -> bytes:
        return self._identity + _NUMBER.pack(number) + start

    def _find_records(self, size: int) -> None:
        while (length := self._length_at(self._end, size)) is not None:
            self._add(self._end, length)
        places, ends, end = list(self._places), list(self._ends), self._end
        if self._ends and self._sound(len(self._ends) - 1) is None:
            self._end = self._places.pop()
            self._ends.pop()
        if self._end < size and not self._is_torn(size):
            self._places, self._ends, self._end = places, ends, end
            self._broken = end < size

    def _length_at(self, place: int, size: int) -> int | None:
        """Of the record that may begin here; None when none can."""
        start = os.pread(self._handle, START.size, place)
        if len(start) < START.size:
            return None
        length, _ = START.unpack(start)
        return length if 0 < length <= MOST and place + START.size + length + TAG <= size else None

    def _is_torn(self, size: int) -> bool:
        """Whether what stands behind the whole records can be what is left of one append."""
        last = len(self._ends) - 1
        if size - self._end > LONGEST or (last >= 0 and self._sound(last) is None):
            return False
        return not any(
            self._authentic(place, length, last + 2) is not None
            for place in range(self._end + 1, size)
            if (length := self._length_at(place, size)) is not None
        )


def _nonce(start: bytes) -> bytes:
    return bytes(8) + start[4:]


def _write_all(handle: int, content: bytes, place: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(handle, view, place)
        view, place = view[written:], place + written
