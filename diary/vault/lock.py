"""One process at a time has a vault open: an advisory lock on `vault.lock`, which ends with its process.

A kernel lock rather than a file with a process number: after a crash nothing is left to clean up. Where
nothing may be written and the file is not there, the folder itself is locked.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from diary.errors import VaultBusy
from diary.vault.files import OWNER_ONLY, leave_to_owner

LOCK = "vault.lock"


class InstanceLock:
    """Held from construction to `release`.

    :raises diary.errors.VaultBusy: when another process, or this one, holds it.
    :raises OSError: when the file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._handle: int | None = _to_lock(folder)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise VaultBusy(
                "This diary is open in another window. Nothing was changed.",
                hint="Close it there, then try again.",
            ) from None

    def release(self) -> None:
        """Let the next one in; does nothing the second time."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _to_lock(folder: Path) -> int:
    """A descriptor of the file, or where it may not be written, of what is there."""
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(folder / LOCK, flags | os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        with suppress(OSError):
            leave_to_owner(handle, folder)
        return handle
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise
    try:
        return os.open(folder / LOCK, flags | os.O_RDONLY)
    except FileNotFoundError:
        return os.open(folder, flags | os.O_RDONLY | os.O_DIRECTORY)
