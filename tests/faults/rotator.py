"""A process that makes a new vault key, or opens a vault, until it kills itself before the n-th change of a
name in the vault's folder; or until it is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from diary.model.key import KeyFile
from diary.model.progress import Progress
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault

_CHANGES = {"os.rename", "os.remove", "os.link", "open"}


class Countdown:
    """Counts what is opened, renamed, linked and removed in a folder, and dies before the n-th; 0: never."""

    def __init__(self, folder: Path, last: int) -> None:
        self._folder, self._last = str(folder), last
        self.seen = 0
        sys.addaudithook(self._notice)

    def _notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CHANGES or not str(arguments[0]).startswith(self._folder):
            return
        self.seen += 1
        if self.seen == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def rotate_until_killed(folder: Path, file: KeyFile, last: int, told: Connection) -> None:
    """Tell that it begins, and at the end the new recovery code and how many changes there were."""
    with KeyRing.open(folder, file) as keys:
        told.send("begun")
        countdown = Countdown(folder, last)
        code = keys.rotate(report=lambda _: None).recovery_code
        told.send((code, countdown.seen))


def rotate_and_tell(folder: Path, file: KeyFile, told: Connection) -> None:
    """Tell that it begins, each step, and the new recovery code."""

    def report(progress: Progress) -> None:
        told.send((progress.task, progress.done))

    with KeyRing.open(folder, file) as keys:
        told.send("begun")
        told.send((keys.rotate(report=report).recovery_code, 0))


def open_until_killed(folder: Path, secret: str | KeyFile, last: int, told: Connection) -> None:
    """Open it and close it."""
    countdown = Countdown(folder, last)
    Vault.unlock(folder, secret).close()
    told.send(("opened", countdown.seen))
