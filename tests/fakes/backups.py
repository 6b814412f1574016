"""Backups that are remembered and not made, and a session's that a test scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from diary.errors import Stopped, StorageFailed
from diary.model.backup import BackupContents, BackupDue, BackupMade, LastBackup
from diary.model.progress import Cancelled, Progress, Report, never, silent
from tests.fakes.entries import FakeEntries


class FakeBackups:
    """Writes an empty file, and remembers it as the last good one."""

    def __init__(self, entries: FakeEntries, *, now: Callable[[], datetime]) -> None:
        self._entries = entries
        self._now = now
        self._last: LastBackup | None = None

    def make(
        self,
        target: Path,
        *,
        keep: int | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> BackupMade:
        if cancelled():
            raise Stopped("Stopped. Nothing was changed.")
        if not target.is_dir():
            raise StorageFailed(f"There is no folder {target}, so no backup was made.")
        older = sorted(target.glob("diary-*.backup"))
        file = target / f"diary-{len(older) and int(older[-1].stem[6:]) + 1}.backup"
        file.touch()
        report(Progress("Proving", 1, 1))
        gone = tuple([*older, file][:-keep]) if keep else ()
        for path in gone:
            path.unlink()
        entries, made = self._entries.count(), self._now()
        self._last = LastBackup(made=made, file=str(file), entries=entries)
        contents = BackupContents(made=made, entries=entries, newest=None, recordings=0, unsaved=0, size=0)
        return BackupMade(
            file=file,
            contents=contents,
            findings=(),
            needs=(),
            notes=(),
            removed=gone,
            written_seconds=0,
            verified_seconds=0,
        )

    def last(self) -> LastBackup | None:
        return self._last


class FakeBackingUp:
    """`diary.backing_up.BackingUp` as the screen sees it; tells that one is due as long as `is_due` says so.

    :param called: told of each call by its name; may wait, or raise.
    """

    def __init__(self, called: Callable[[str], None]) -> None:
        self._called = called
        self.is_due: BackupDue | None = None
        self.told: Progress | None = None
        self.made: BackupMade | None = None

    def due(self) -> BackupDue | None:
        return self.is_due

    def make(self, *, report: Report = silent, cancelled: Cancelled = never) -> BackupMade:
        if self.told is not None:
            report(self.told)
        self._called("backup")
        if cancelled():
            raise Stopped("Stopped. Nothing was changed.")
        assert self.made is not None
        self.is_due = None
        return self.made
