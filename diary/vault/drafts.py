"""Unsaved words of the editor, encrypted from the first save: what a crash leaves to be found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from diary.model.entry import Draft, EntryId
from diary.vault.connection import Database
from diary.vault.rows import clean, time_from_row, time_to_row


class Drafts:
    """The DraftStore of a vault."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def save(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        """Keep the words of this slot in the place of what it held; on the disk when it returns."""
        with self._database.transaction():
            self._database.run(
                "INSERT OR REPLACE INTO drafts(slot, text, saved, saved_offset, entry) "
                "VALUES (?, ?, ?, ?, ?)",
                (slot, clean(text), *time_to_row(self._now()), entry),
            )

    def list(self) -> list[Draft]:
        """All drafts, latest saved first."""
        rows = self._database.rows(
            "SELECT slot, text, saved, saved_offset, entry FROM drafts ORDER BY saved DESC, rowid DESC"
        )
        return [
            Draft(
                slot=row[0],
                text=row[1],
                saved=time_from_row(row[2], row[3]),
                entry=None if row[4] is None else EntryId(row[4]),
            )
            for row in rows
        ]

    def discard(self, slot: str) -> None:
        """Forget the words of this slot, if any."""
        with self._database.transaction():
            self._database.run("DELETE FROM drafts WHERE slot = ?", (slot,))
