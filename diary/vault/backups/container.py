"""The form of a backup: the vault's own encrypted files one after the other, an index, and two sums.

    whole         database | other members | index | opening, "DIARYBK3" | footer
    incremental   opening, "DIARYBK2" | members | index | footer
    whole, old    opening, "DIARYBK1" | members | index | footer; read, and no longer written

    opening   8 bytes that name the form | vault id, 16 bytes | microseconds since 1970 UTC, 8 bytes
    members   the bytes of each, in the order of the index, with nothing between
    index     JSON, as `index` says
    footer    length of the index, 8 bytes | HMAC-SHA256 | SHA-256

Numbers are big-endian. Both sums cover the opening, the length and the index, in this order; the HMAC's key
is derived from the vault key, and the SHA-256 covers the HMAC too. As the members fill the file up to the
index and the index has the sum of each, every byte is covered:

- without a key, the sums tell a file that was damaged: cut off, changed, overwritten anywhere. So a stick
  can be checked by anybody, with stock tools, and damage is told before a passphrase is tried;
- with the key, the HMAC tells one that was made up: members exchanged, left out or taken from another backup,
  by somebody who can make plain sums.

The sum of a member is its SHA-256; that of the database in "DIARYBK3" is the SHA-256 over the checksums of
its MiBs (`sums`), at a tenth of the price, for each of its pages has an HMAC of its own, and the
manifest seals all of them. Whatever trusts such a database has its pages authenticated (`pages`).

The database of a whole one is at the front, so that SQLCipher opens it where it is, by a name with
`immutable=1`: it takes as many pages as the first one says and does not look at what comes after. A whole one
that was not finished begins with its opening, and has none at the end.

The index stands at the end, so that a backup is written in one pass. It tells sizes, times and random names,
as the vault's folder does, and nothing more. Not here: writing one (`container_writer`).
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import stat
import struct
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from diary.errors import BackupDamaged, NotABackup
from diary.vault.backups.index import (
    DATABASE_MEMBER,
    Increment,
    Index,
    Member,
    decode,
)
from diary.vault.backups.pages import PageProof, proving, tags_of_file
from diary.vault.backups.reading import Handed, read_ahead
from diary.vault.backups.sums import PIECE, sums_of
from diary.vault.keys import VaultKey, wipe

OLD_WHOLE, INCREMENT, WHOLE = b"DIARYBK1", b"DIARYBK2", b"DIARYBK3"
OPENING = struct.Struct(">8s16sq")
LENGTH = struct.Struct(">Q")
SUM_BYTES = 32
FOOTER_BYTES = LENGTH.size + 2 * SUM_BYTES
_MOST_INDEX = 256 * 1024 * 1024  # some two million recordings
_MOST_SMALL = 16 * 1024 * 1024

TAKE_OUT = "diary restore FILE --to DIR --damaged takes out what is there."
Moved = Callable[[int], None]
"""Told how many more bytes have passed."""


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
        form, self.vault_id, self.made = OPENING.unpack_from(self._signed)
        self.is_checksummed = form == WHOLE
        """Whether the sum of its database is no proof against somebody who wants to deceive."""
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
        return hmac.compare_digest(signature(self._signed, key), self._mac_found)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member; trust none before the iterator has ended.

        :raises diary.errors.BackupDamaged: when they are not as they were written; told at the end.
        """
        return (bytes(piece) for piece in self.passing(name))

    def passing(self, name: str, *, handed: Handed | None = None) -> Generator[memoryview, None, None]:
        """As `pieces`; each is good until the next is asked for, and what `handed` told of is done. Close it:
        others read ahead for it.
        """
        member, digest = self.members[name], sums_of(name, checksummed=self.is_checksummed)
        try:
            for piece in read_ahead(self._handle, member.size, start=self._starts[name], handed=handed):
                digest.update(piece)
                yield piece
        except FileNotFoundError:
            raise self.damaged("it was cut off") from None
        if digest.hexdigest() != member.sha256:
            raise self.damaged("some of it was changed")

    def proved(self, name: str, proof: PageProof, tags: list[bytes]) -> Generator[memoryview, None, None]:
        """As `passing`, of pages of a database: at the end they are those that diary wrote. An authentic sum
        shows that; the checksum of a database does not, so that each of its pages is authenticated.

        :param tags: learns the tags of the pages; in parts, of 64 bytes each.
        :raises diary.errors.BackupDamaged: when they are others; told at the end.
        """
        if not self.is_checksummed:
            for piece in self.passing(name):
                tags.append(proof.tags(piece))
                yield piece
            return
        with proving(proof) as prover:
            yield from self.passing(name, handed=prover.take_next)
            wrong, found = prover.finish()
        if wrong:
            raise self.damaged(f"{len(wrong)} pages of the database were changed")
        tags.append(found)

    def tags(self, name: str, page_size: int) -> bytes:
        """The tags of the pages that a member is made of; its sum is not compared."""
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
        return io.BufferedReader(_Region(self._handle, self._starts[name], self.members[name].size), PIECE)

    def part(self, name: str, start: int, size: int) -> bytes:
        """Bytes of a member, fewer at its end; its sum is not compared.

        :raises OSError: when the disk refuses.
        """
        return os.pread(self._handle, min(size, self.members[name].size - start), self._starts[name] + start)

    def damaged(self, detail: str) -> BackupDamaged:
        """What to raise."""
        return BackupDamaged(
            f"The backup {self.name} is damaged: {detail}. Nothing was changed.",
            hint="Use another backup, and make a new one as long as the diary opens. If there is no other: "
            f"{TAKE_OUT}",
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
        footer_at = self.size - FOOTER_BYTES
        opening, at_end = read_opening(self._handle, self.size), False
        if opening.startswith(WHOLE):
            at_end = True
        elif not opening.startswith((OLD_WHOLE, INCREMENT)):
            raise NotABackup(
                f"{name} is no backup of a diary, or only the beginning of one. Nothing was changed.",
                hint="Name a file that “diary backup” made.",
            )
        cut_off = self.damaged("it was cut off")
        if footer_at < OPENING.size:
            raise cut_off
        footer = os.pread(self._handle, FOOTER_BYTES, footer_at)
        (length,) = LENGTH.unpack_from(footer)
        if length > min(_MOST_INDEX, footer_at - OPENING.size):
            raise cut_off
        self._members_from = 0 if at_end else OPENING.size
        self._members_to = footer_at - length - (OPENING.size if at_end else 0)
        index = os.pread(self._handle, length, self._members_to)
        signed = opening + footer[: LENGTH.size] + index
        mac, total = footer[LENGTH.size : -SUM_BYTES], footer[-SUM_BYTES:]
        if not hmac.compare_digest(plain_sum(signed + mac), total):
            raise self.damaged("its end is not as it was written")
        return signed, mac, total.hex()

    def _decode(self, content: bytes) -> Index:
        index = decode(content, increment=self._signed.startswith(INCREMENT))
        if index is None:
            raise self.damaged("its list of contents makes no sense")
        return index

    def _lay_out(self, index: Index) -> None:
        place = self._members_from
        for member in index.members:
            self.members[member.name] = member
            self._starts[member.name] = place
            place += member.size
        misplaced = self.is_checksummed and self._starts[DATABASE_MEMBER] != 0
        if place != self._members_to or misplaced:
            raise self.damaged("its list of contents makes no sense")


def read_opening(handle: int, size: int) -> bytes:
    """The opening of a backup of that size, wherever it is; of another file other bytes, or too few."""
    opening = os.pread(handle, OPENING.size, 0)
    if not opening.startswith((OLD_WHOLE, INCREMENT)):
        place = size - FOOTER_BYTES - OPENING.size
        opening = os.pread(handle, OPENING.size, place) if place >= 0 else b""
    return opening


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


def plain_sum(content: bytes) -> bytes:
    """Of a frame, with its signature: 32 bytes that anybody can make."""
    return hashlib.sha256(content).digest()


def signature(signed: bytes, key: VaultKey) -> bytes:
    """Of a frame: 32 bytes that only somebody with the vault key can make."""
    derived = key.derive(b"backup")
    try:
        return hmac.digest(derived, signed, "sha256")
    finally:
        wipe(derived)
