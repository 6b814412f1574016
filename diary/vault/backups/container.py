"""The form of a backup: the vault's own encrypted files one after the other, an index, and two sums.

    opening   "DIARYBK1" (whole) or "DIARYBK2" (incremental) | vault id, 16 bytes
              | microseconds since 1970 UTC, 8 bytes
    members   the bytes of each, in the order of the index, with nothing between
    index     JSON, as `index` says
    footer    length of the index, 8 bytes | HMAC-SHA256 | SHA-256

Numbers are big-endian. Both sums cover the opening, the length and the index; the HMAC's key is derived from
the vault key, and the SHA-256 covers the HMAC too. As the members fill the file from the opening to the index
and the index has the sum of each, every byte is covered:

- without a key, the SHA-256 tells a file that was damaged: cut off, changed, overwritten anywhere. So a stick
  can be checked by anybody, with stock tools, and damage is told before a passphrase is tried;
- with the key, the HMAC tells one that was made up: members exchanged, left out or taken from another backup,
  by somebody who can make plain sums.

The index stands at the end, so that a backup is written in one pass. It tells sizes, times and random names,
as the vault's folder does, and nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import stat
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from diary.errors import BackupDamaged, NotABackup
from diary.vault.backups.fingerprints import Fingerprints
from diary.vault.backups.index import Base, ChangedPages, Increment, Index, Member, Whole, decode, encode
from diary.vault.backups.pages import tags_of_file
from diary.vault.keys import VaultKey, wipe

WHOLE, INCREMENT = b"DIARYBK1", b"DIARYBK2"
OPENING = struct.Struct(">8s16sq")
LENGTH = struct.Struct(">Q")
SUM_BYTES = 32
FOOTER_BYTES = LENGTH.size + 2 * SUM_BYTES
BLOCK = 1024 * 1024
_MOST_INDEX = 256 * 1024 * 1024  # some two million recordings
_MOST_SMALL = 16 * 1024 * 1024
_WAITING = 16  # pieces that wait to be summed
_SETTLED_AT_ONCE = 32 * BLOCK

Moved = Callable[[int], None]
"""Told how many more bytes have passed."""


class _Written(NamedTuple):
    """A piece of a member, where it is, and when its fingerprint is taken."""

    name: str
    number: int
    place: int
    size: int
    summed: Future[None]


class ContainerWriter:
    """Writes one, from front to back. What is written is summed by another thread; a third forces it to the
    disk meanwhile, which is then not idle until the end, and reads it back. Use it in a `with` statement: the
    threads end.

    :param file: empty, for writing and reading; stays open. :param made: microseconds since 1970 UTC.
    :param base: what it goes on from; None for a whole one.
    :ivar fingerprints: of what was written, to compare what is read back.
    :ivar came_back: whether every member was read back as it was written; known once it is finished.
    """

    def __init__(self, file: BinaryIO, *, vault_id: bytes, made: int, base: Base | None = None) -> None:
        self._file = file
        self._base = base
        self._opening = OPENING.pack(INCREMENT if base else WHOLE, vault_id, made)
        self._members: list[Member] = []
        self._summing = ThreadPoolExecutor(1, thread_name_prefix="sums")
        self._forcing = ThreadPoolExecutor(1, thread_name_prefix="force")
        self._settling: list[Future[None]] = []
        self._unsettled: list[_Written] = []
        self._settled, self._end = 0, OPENING.size
        self.came_back = True
        self.fingerprints = Fingerprints()
        file.write(self._opening)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a member, in pieces of BLOCK bytes but for the last.

        :raises OSError: when the disk refuses.
        """
        digest, size = hashlib.sha256(), 0
        waiting: deque[Future[None]] = deque()

        def sum_up(piece: bytes) -> None:
            digest.update(piece)
            self.fingerprints.take(name, piece)

        for number, piece in enumerate(pieces):
            waiting.append(self._summing.submit(sum_up, piece))
            self._file.write(piece)
            self._unsettled.append(_Written(name, number, self._end, len(piece), waiting[-1]))
            self._end += len(piece)
            if self._end - self._settled >= _SETTLED_AT_ONCE:
                self._settle_meanwhile()
            size += len(piece)
            if len(waiting) > _WAITING:
                waiting.popleft().result()
        for one in waiting:
            one.result()
        self._members.append(Member(name=name, sha256=digest.hexdigest(), size=size))

    def finish(
        self, key: VaultKey, *, database: ChangedPages | None = None, kept: tuple[str, ...] = ()
    ) -> None:
        """Write the index and the sums, and force all of it to the disk.

        :param database: where the pages of an incremental belong. :param kept: what it leaves to its base.
        :raises OSError: when the disk refuses.
        """
        index = encode(self._index(database, kept))
        length = LENGTH.pack(len(index))
        mac = _mac(self._opening + length + index, key)
        self._file.write(index + length + mac + _sum(self._opening + length + index + mac))
        self._settle_meanwhile()
        for one in self._settling:
            one.result()
        os.fsync(self._file.fileno())

    def _index(self, database: ChangedPages | None, kept: tuple[str, ...]) -> Index:
        members = tuple(self._members)
        if self._base is None or database is None:
            return Whole(members=members)
        return Increment(base=self._base, database=database, kept=kept, members=members)

    def _settle_meanwhile(self) -> None:
        while self._settling and self._settling[0].done():
            self._settling.pop(0).result()  # tells at once that the disk refuses
        self._file.flush()
        self._settling.append(self._forcing.submit(self._settle, self._unsettled, self._settled, self._end))
        self._unsettled, self._settled = [], self._end

    def _settle(self, written: list[_Written], start: int, end: int) -> None:
        handle = self._file.fileno()
        os.fdatasync(handle)
        # What is read back is to come from the disk, as far as the system lets us.
        with suppress(OSError):
            os.posix_fadvise(handle, start, end - start, os.POSIX_FADV_DONTNEED)
        for one in written:
            one.summed.result()
            piece = os.pread(handle, one.size, one.place)
            self.came_back &= self.fingerprints.is_same(one.name, one.number, piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._summing, self._forcing):
            pool.shutdown(wait=True, cancel_futures=True)


class Container:
    """Reads one; the sums of the index are right, the members' are compared as they are read.

    :raises OSError: from each method, when the disk refuses.
    """

    def __init__(self, handle: int, name: str) -> None:
        self._handle = handle
        self.name = name
        """Of the file, without its folder."""
        self.size = os.fstat(handle).st_size
        """Of the whole file, in bytes."""
        self._signed, self._mac_found, self.sum = self._read_frame(name)
        _, self.vault_id, self.made = OPENING.unpack_from(self._signed)
        index = self._decode(self._signed[OPENING.size + LENGTH.size :])
        self.increment = index if isinstance(index, Increment) else None
        """What it leaves to others; None for a whole one."""
        self.members: dict[str, Member] = {}
        """By name, in their order."""
        self._starts: dict[str, int] = {}
        self._lay_out(index)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a backup; close it, or use it in a `with` statement.

        :raises diary.errors.NotABackup: when it is none, or there is no such file.
        :raises diary.errors.BackupDamaged: when its frame is not as it was written.
        """
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise NotABackup(
                f"The file {path.name} cannot be opened: {error.strerror}. Nothing was changed.",
                hint="Check its name and its permissions.",
            ) from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NotABackup(f"{path.name} is no file, so it is no backup. Nothing was changed.")
            return cls(handle, path.name)
        except BaseException:
            os.close(handle)
            raise

    def is_authentic(self, key: VaultKey) -> bool:
        """Whether somebody who has the vault key put it together."""
        return hmac.compare_digest(_mac(self._signed, key), self._mac_found)

    def pieces(self, name: str, written: Fingerprints | None = None) -> Iterator[bytes]:
        """The bytes of a member; trust none before the iterator has ended.

        :param written: compare with these, piece by piece, and not with the member's sum, which is slower.
        :raises diary.errors.BackupDamaged: when they are not as they were written; told at the end.
        """
        start, left, number = self._starts[name], self.members[name].size, 0
        digest, same = hashlib.sha256(), True
        while left:
            piece = os.pread(self._handle, min(BLOCK, left), start)
            if not piece:
                raise self.damaged("it was cut off")
            if written is None:
                digest.update(piece)
            else:
                same = same and written.is_same(name, number, piece)
            yield piece
            start, left, number = start + len(piece), left - len(piece), number + 1
        if written is None:
            same = digest.hexdigest() == self.members[name].sha256
        if not same or (written is not None and number != written.count(name)):
            raise self.damaged("some of it was changed")

    def tags(self, name: str, page_size: int) -> bytes:
        """The tags of the pages that a member is made of, without reading the pages or comparing its sum."""
        return tags_of_file(self._handle, self.members[name].size, page_size, start=self._starts[name])

    def read(self, name: str) -> bytes:
        """A small member, whole."""
        if self.members[name].size > _MOST_SMALL:
            raise self.damaged("its contents are not laid out as they should be")
        return b"".join(self.pieces(name))

    def stream(self, name: str) -> BinaryIO:
        """A member to be read as a file; its sum is not compared.

        :raises FileNotFoundError: when there is none of this name.
        """
        if name not in self.members:
            raise FileNotFoundError(name)
        return io.BufferedReader(_Region(self._handle, self._starts[name], self.members[name].size), BLOCK)

    def damaged(self, detail: str) -> BackupDamaged:
        """What to raise."""
        return BackupDamaged(
            f"The backup {self.name} is damaged: {detail}. Nothing was changed.",
            hint="Use another backup, and make a new one as long as the diary opens.",
        )

    def close(self) -> None:
        """Close the file."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_frame(self, name: str) -> tuple[bytes, bytes, str]:
        opening = os.pread(self._handle, OPENING.size, 0)
        if not opening.startswith((WHOLE, INCREMENT)):
            raise NotABackup(
                f"{name} is no backup of a diary. Nothing was changed.",
                hint="Name a file that “diary backup” made.",
            )
        cut_off = self.damaged("it was cut off")
        if self.size < OPENING.size + FOOTER_BYTES:
            raise cut_off
        footer = os.pread(self._handle, FOOTER_BYTES, self.size - FOOTER_BYTES)
        (length,) = LENGTH.unpack_from(footer)
        if length > min(_MOST_INDEX, self.size - OPENING.size - FOOTER_BYTES):
            raise cut_off
        index = os.pread(self._handle, length, self.size - FOOTER_BYTES - length)
        signed = opening + footer[: LENGTH.size] + index
        mac, total = footer[LENGTH.size : -SUM_BYTES], footer[-SUM_BYTES:]
        if not hmac.compare_digest(_sum(signed + mac), total):
            raise self.damaged("its end is not as it was written")
        return signed, mac, total.hex()

    def _decode(self, content: bytes) -> Index:
        index = decode(content, increment=self._signed.startswith(INCREMENT))
        if index is None:
            raise self.damaged("its list of contents makes no sense")
        return index

    def _lay_out(self, index: Index) -> None:
        place = OPENING.size
        for member in index.members:
            self.members[member.name] = member
            self._starts[member.name] = place
            place += member.size
        end = self.size - FOOTER_BYTES - (len(self._signed) - OPENING.size - LENGTH.size)
        if place != end:
            raise self.damaged("its list of contents makes no sense")


class _Region(io.RawIOBase):
    """So many bytes of an open file, from one place on."""

    def __init__(self, handle: int, start: int, size: int) -> None:
        self._handle = handle
        self._place = start
        self._end = start + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = os.pread(self._handle, min(len(buffer), self._end - self._place), self._place)
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _mac(signed: bytes, key: VaultKey) -> bytes:
    derived = key.derive(b"backup")
    try:
        return hmac.digest(derived, signed, "sha256")
    finally:
        wipe(derived)
