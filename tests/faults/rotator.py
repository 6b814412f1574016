"""A process that makes a new vault key until it is killed, and tells how far it is."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from diary.model.key import KeyFile
from diary.model.progress import Progress
from diary.vault.keyring import KeyRing


def rotate_until_killed(folder: Path, file: KeyFile, told: Connection) -> None:
    """Tell that it begins, each step, and the new recovery code."""
    with KeyRing.open(folder, file) as keys:

        def report(progress: Progress) -> None:
            told.send((progress.task, progress.done))

        told.send(("begun", 0))
        told.send(("done", keys.rotate(report=report).recovery_code))
