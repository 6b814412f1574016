"""Processes that back up, or restore, again and again until they are killed, and tell what is done."""

from __future__ import annotations

import itertools
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from diary.vault.backups.restoring import restore
from diary.vault.vault import Vault
from tests.unit.vault.fresh import MORNING, words


def back_up_until_killed(folder: Path, code: str, run: int, told: Connection) -> None:
    """Write an entry, replace the one backup, back up into a folder with rotation; tell the entries in it."""
    out = folder.parent / "stick"
    with Vault.unlock(folder, code) as vault:
        for turn in itertools.count():
            vault.entries.add(words(f"turn {turn} of run {run} " + "word " * 300, days=turn % 30))
            told.send(vault.backups.make(out / "one.backup").contents.entries)
            told.send(vault.backups.make(out, keep=2).contents.entries)


def restore_until_killed(folder: Path, code: str, run: int, told: Connection) -> None:
    """Put the backup in the vault's place, over and over."""
    for turn in itertools.count():
        moment = MORNING + timedelta(days=run, seconds=turn)
        restore(folder.parent / "stick/one.backup", code, folder, now=moment, replace=True)
        told.send(turn)
