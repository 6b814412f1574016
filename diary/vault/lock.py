"""One process at a time has a vault open: an advisory lock on `vault.lock`, which ends with its process.

A kernel lock rather than a file with a process number: after a crash nothing is left to clean up.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from diary.errors import VaultBusy
from diary.vault.files import OWNER_ONLY

LOCK = "vault.lock"


class InstanceLock:
    """Held from construction to `release`.

    :raises diary.errors.VaultBusy: when another process, or this one, holds it.
    :raises OSError: when the file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._handle: int | None = os.open(
            folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY
        )
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
