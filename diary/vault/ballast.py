"""A file that gives its room back when the disk is full, so that deleting still works.

Deleting writes too: SQLite keeps the old pages until the new ones are safe. Opening needs some room as well,
and takes a quarter of it, or the words that are written next would take all. After a removal the log gives
its room back, and at each opening the room is taken again, as much as leaves a quarter for words. The file
holds random bytes, since a filesystem that compresses would give zeros no room.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from diary.errors import DiskFull
from diary.vault.files import OWNER_ONLY, leave_to_owner

BALLAST = "vault.ballast"
SIZE = 4 * 1024 * 1024  # some 250 pages of the database: what removing a few hundred entries touches
_QUARTER = SIZE // 4


Result = TypeVar("Result")


class Ballast:
    """The ballast file of one vault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / BALLAST

    def keep(self) -> None:
        """Take the room, or as many quarters of it as leave one free; what is taken stays so."""
        with suppress(OSError):
            there = self._size() // _QUARTER * _QUARTER
            if there < SIZE and self._grow(there) == 0:
                self._path.unlink()

    @property
    def is_short(self) -> bool:
        """Whether the disk had no room for all of it, after `keep`, or hardly has any beside it."""
        try:
            return self._size() < SIZE or shutil.disk_usage(self._path.parent).free < SIZE
        except OSError:
            return False

    def release(self) -> bool:
        """Give the room back; False when it was given back before."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def release_some(self) -> bool:
        """Give a quarter back; False when there is none left."""
        try:
            size = self._size()
            if size > _QUARTER:
                os.truncate(self._path, size - _QUARTER)
                return True
        except OSError:
            return False
        return self.release()

    def make_room_for(self, removal: Callable[[], Result]) -> Result:
        """Do something that takes away; on a full disk, give the room back and do it again.

        :raises diary.errors.DiskFull: when that was not enough.
        """
        try:
            return removal()
        except DiskFull:
            if not self.release():
                raise
            return removal()

    def empty_log(self, checkpoint: Callable[[], bool]) -> None:
        """After something was taken away: have the log moved into the database, which gives its room back, if
        need be with the room that is taken here; then take what there is.
        """
        if not checkpoint() and self.release():
            checkpoint()
        self.keep()

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _grow(self, there: int) -> int:
        """Its size afterwards. It grows by a quarter more than it keeps: that one is known to be free."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        handle = os.open(self._path, flags, OWNER_ONLY)
        try:
            leave_to_owner(handle, self._path.parent)
            reached = there
            with suppress(OSError):
                while reached < SIZE + _QUARTER:
                    reached += os.pwrite(handle, secrets.token_bytes(_QUARTER), reached)
                os.fsync(handle)
            kept = max(there, min(SIZE, reached // _QUARTER * _QUARTER - _QUARTER))
            os.ftruncate(handle, kept)
            os.fsync(handle)
            return kept
        finally:
            os.close(handle)
