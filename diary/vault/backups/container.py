"""The form of a backup: the vault's own encrypted files one after the other, an index, and two sums.

    opening   "DIARYBK1" | vault id, 16 bytes | microseconds since 1970 UTC, 8 bytes
    members   the bytes of each, in the order of the index, with nothing between
    index     JSON: {"members": [{"name", "sha256" (hexadecimal), "size"}, …]}
    footer    length of the index, 8 bytes | HMAC-SHA256 | SHA-256

Numbers are big-endian. Both sums cover the opening, the length and the index; the HMAC's key is derived from
the vault key, and the SHA-256 covers the HMAC too. As the members fill the file from the opening to the index
and the index has the sum of each, every byte is covered:

- without a key, the SHA-256 tells a file that was damaged: cut off, changed, overwritten anywhere. So a stick
  can be checked by anybody, with stock tools, and damage is told before a passphrase is tried;
- with the key, the HMAC tells one that was made up: members exchanged, left out or taken from another backup,
  by somebody who can make plain sums.

The index stands at the end, so that a backup is written in one pass. It tells sizes, times and random names,
as the vault's folder does, and nothing more. Members: `vault.header`, `manifest` (sealed), `vault.db`,
`attachments/…` and `spools/…`.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import re
import stat
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from diary.errors import BackupDamaged, NotABackup
from diary.vault.keys import VaultKey, wipe

MAGIC = b"DIARYBK1"
OPENING = struct.Struct(">8s16sq")
LENGTH = struct.Struct(">Q")
SUM_BYTES = 32
FOOTER_BYTES = LENGTH.size + 2 * SUM_BYTES
HEADER_MEMBER, MANIFEST_MEMBER, DATABASE_MEMBER = "vault.header", "manifest", "vault.db"
BLOCK = 1024 * 1024
_REQUIRED = {HEADER_MEMBER, MANIFEST_MEMBER, DATABASE_MEMBER}
_NAME = re.compile(r"vault\.header|manifest|vault\.db|(?:attachments|spools)/[0-9a-f]{32}")
_MOST_INDEX = 256 * 1024 * 1024  # some two million recordings
_MOST_SMALL = 16 * 1024 * 1024

Moved = Callable[[int], None]
"""Told how many more bytes have passed."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file within: its name, SHA-256 in hexadecimal, and size in bytes."""

    name: str
    sha256: str
    size: int


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    members: tuple[Member, ...]


class ContainerWriter:
    """Writes one, from front to back.

    :param file: empty, and stays open.
    :param made: microseconds since 1970 UTC.
    """

    def __init__(self, file: BinaryIO, *, vault_id: bytes, made: int) -> None:
        self._file = file
        self._opening = OPENING.pack(MAGIC, vault_id, made)
        self._members: list[Member] = []
        file.write(self._opening)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a member.

        :raises OSError: when the disk refuses.
        """
        digest, size = hashlib.sha256(), 0
        for piece in pieces:
            self._file.write(piece)
            digest.update(piece)
            size += len(piece)
        self._members.append(Member(name=name, sha256=digest.hexdigest(), size=size))

    def finish(self, key: VaultKey) -> None:
        """Write the index and the sums, and force all of it to the disk.

        :raises OSError: when the disk refuses.
        """
        index = msgspec.json.encode(_Index(members=tuple(self._members)), order="sorted")
        length = LENGTH.pack(len(index))
        mac = _mac(self._opening + length + index, key)
        self._file.write(index + length + mac + _sum(self._opening + length + index + mac))
        self._file.flush()
        os.fsync(self._file.fileno())
        # What is read back for the verification is to come from the disk, as far as the system lets us.
        with suppress(OSError):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Container:
    """Reads one; the sums of the index are right, the members' are compared as they are read.

    :raises OSError: from each method, when the disk refuses.
    """

    def __init__(self, handle: int, name: str) -> None:
        self._handle = handle
        self._name = name
        self.size = os.fstat(handle).st_size
        """Of the whole file, in bytes."""
        self._signed, self._mac_found = self._read_frame()
        _, self.vault_id, self.made = OPENING.unpack_from(self._signed)
        self.members: dict[str, Member] = {}
        """By name, in their order."""
        self._starts: dict[str, int] = {}
        self._lay_out(self._decode(self._signed[OPENING.size + LENGTH.size :]))

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

    def check(self, *, moved: Moved, leave_out: Collection[str] = ()) -> None:
        """Read everything through; needs no key.

        :param moved: told of each piece; what it raises ends it.
        :param leave_out: members that are taken out anyway: their sums are compared then.
        :raises diary.errors.BackupDamaged: when a byte is not as it was written.
        """
        for name in self.members:
            if name not in leave_out:
                for piece in self.pieces(name):
                    moved(len(piece))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member; trust none before the iterator has ended.

        :raises diary.errors.BackupDamaged: at the end, when they are not as they were written.
        """
        start, left = self._starts[name], self.members[name].size
        digest = hashlib.sha256()
        while left:
            piece = os.pread(self._handle, min(BLOCK, left), start)
            if not piece:
                raise self.damaged("it was cut off")
            digest.update(piece)
            yield piece
            start, left = start + len(piece), left - len(piece)
        if digest.hexdigest() != self.members[name].sha256:
            raise self.damaged("some of it was changed")

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
            f"The backup {self._name} is damaged: {detail}. Nothing was changed.",
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

    def _read_frame(self) -> tuple[bytes, bytes]:
        opening = os.pread(self._handle, OPENING.size, 0)
        if not opening.startswith(MAGIC):
            raise NotABackup(
                f"{self._name} is no backup of a diary. Nothing was changed.",
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
        return signed, mac

    def _decode(self, content: bytes) -> _Index:
        try:
            return msgspec.json.decode(content, type=_Index)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self.damaged("its list of contents cannot be read") from None

    def _lay_out(self, index: _Index) -> None:
        place = OPENING.size
        for member in index.members:
            if not _NAME.fullmatch(member.name) or member.name in self.members or member.size < 0:
                raise self.damaged("its list of contents makes no sense")
            self.members[member.name] = member
            self._starts[member.name] = place
            place += member.size
        end = self.size - FOOTER_BYTES - (len(self._signed) - OPENING.size - LENGTH.size)
        if place != end or not self.members.keys() >= _REQUIRED:
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
