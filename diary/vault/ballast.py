"""A file that gives its room back when the disk is full, so that deleting still works.

Deleting writes too: SQLite keeps the old pages until the new ones are safe. The file holds random bytes,
since a filesystem that compresses would give zeros no room.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from diary.errors import DiskFull
from diary.vault.files import write_synced

BALLAST = "vault.ballast"
SIZE = 4 * 1024 * 1024  # some 250 pages of the database: what removing a few hundred entries touches


Result = TypeVar("Result")


class Ballast:
    """The ballast file of one vault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / BALLAST

    def keep(self) -> None:
        """Take the room, unless it is taken or there is none."""
        with suppress(OSError):
            if not self._path.exists():
                write_synced(self._path, [secrets.token_bytes(SIZE)])

    def release(self) -> bool:
        """Give the room back; False when it was given back before."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

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
