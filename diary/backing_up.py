"""Backups as a habit: into the folder of the settings, and a reminder when the last good one is long ago.

A reminder is due when backups are wished for every so many days and the last good one is older, or there is
none and the diary has more than a few entries. It is a line, never a question. Not here: how a backup is made
and proved (`diary.vault.backups`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

from diary.errors import DiaryError, UsageError
from diary.model.backup import BackupDue, BackupMade
from diary.model.progress import Cancelled, Report, never, silent
from diary.parts import Stores
from diary.settings import BackupHabit

FEW = 10
"""So many entries may be lost with the disk before the first reminder."""

_REMINDED = "backup.reminded"


class BackingUp:
    """Makes backups of an open diary, and tells when one is due.

    :param now: the clock; aware local time.
    """

    def __init__(self, stores: Stores, habit: BackupHabit, *, now: Callable[[], datetime]) -> None:
        self._stores = stores
        self._habit = habit
        self._now = now

    def due(self) -> BackupDue | None:
        """That a backup is due, or None; cheap."""
        if self._habit.every is None:
            return None
        last, folder = self._stores.backups.last(), self._habit.folder is not None
        if last is None:
            few = self._stores.entries.count() <= FEW
            return None if few else BackupDue(days=None, folder=folder)
        days = (self._now().date() - last.made.date()).days
        return BackupDue(days=days, folder=folder) if days > self._habit.every.days else None

    def due_today(self) -> BackupDue | None:
        """The same, but only the first time on a day; that it was told is remembered."""
        due = self.due()
        today = self._now().date()
        if due is None or self._reminded() == today:
            return None
        with suppress(DiaryError):  # on a full disk it is told once more
            self._stores.preferences.set(_REMINDED, today.isoformat())
        return due

    def make(self, *, report: Report = silent, cancelled: Cancelled = never) -> BackupMade:
        """Make one in the folder of the settings, where as many stay as they say.

        :raises diary.errors.UsageError: when the settings name no folder.
        :raises diary.errors.DiaryError: as `diary.vault.backups.making.Backups.make`.
        """
        if self._habit.folder is None:
            raise UsageError(
                "The settings name no folder for backups, so none was made.",
                hint=f'Write under [backup] in {self._habit.config}: folder = "{self._habit.example}". Or: '
                "diary backup FOLDER",
            )
        if not self._habit.folder.is_dir():  # or it would become a file of that name
            raise UsageError(
                f"The folder for backups of the settings, {self._habit.folder}, is not there, so no backup "
                "was made.",
                hint="Is the stick plugged in? One that was plugged in after diary started is outside its "
                "wall: start it again.",
            )
        return self._stores.backups.make(
            self._habit.folder, keep=self._habit.keep, report=report, cancelled=cancelled
        )

    def _reminded(self) -> date | None:
        with suppress(ValueError):
            return date.fromisoformat(self._stores.preferences.get(_REMINDED) or "")
        return None
