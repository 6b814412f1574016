"""Imports: what they brought, what was here already, and taking one back.

What is here already has the same format and source id, or the same time, title and text, as it is now or as
it came. Two entries of one import that share a source id but differ are both kept: nothing is lost to a
program that numbers badly. What was deleted since may come again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from diary.errors import BatchNotFound
from diary.model.audit import Event
from diary.model.entry import BatchId, EntryDraft, EntryId, ImportBatch, ImportOutcome
from diary.vault.audit import AuditLog
from diary.vault.connection import Database
from diary.vault.entries import Entries
from diary.vault.removal import Removal
from diary.vault.rows import clean, time_from_row, time_to_row

# A draft of the editor is an edit too: what is unsaved must not lose its entry.
_UNTOUCHED = """
    SELECT id FROM entries
    WHERE batch = ? AND revision = 1 AND id NOT IN (SELECT entry FROM drafts WHERE entry IS NOT NULL)
"""
_UNTOUCHED_DELETED = """
    SELECT entry FROM deleted WHERE json_extract(rows, '$.entries[0].batch') = ?
    AND json_extract(rows, '$.entries[0].revision') = 1 AND json_array_length(rows, '$.drafts') = 0
"""

# Files of different people number their items alike, so an id is the same item only at the same time: as it
# came, whatever it was edited to since.
_SAME_SOURCE = """
    SELECT 1 FROM entries e WHERE source_id = ? AND source_format = ? AND coalesce(
        (SELECT happened FROM revisions WHERE entry = e.id AND number = 1), happened
    ) = ? LIMIT 1
"""
# Two items of one source may say the same at the same time ("yes", "yes"); their ids tell them apart.
_SAME_WORDS = """
    SELECT 1 FROM entries WHERE (content = ?1 OR arrived = ?1)
    AND NOT (?3 IS NOT NULL AND source_format IS ?2 AND source_id IS NOT NULL AND source_id <> ?3) LIMIT 1
"""


class Imports:
    """The ImportLedger and BatchLedger of a vault."""

    def __init__(
        self,
        database: Database,
        entries: Entries,
        removal: Removal,
        audit: AuditLog,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._entries = entries
        self._removal = removal
        self._now = now

    def known(self, draft: EntryDraft, format: str) -> bool:
        """Whether this draft is here already."""
        return self._same_source(draft, format) or self._same_words(draft, format)

    def add(self, drafts: Sequence[EntryDraft], *, format: str, source: str) -> ImportOutcome:
        """Keep all drafts that are not here yet, in one transaction: all or none."""
        with self._database.transaction():
            here_before = [self._same_source(draft, format) for draft in drafts]
            batch = self._begin(format, source)
            added: list[EntryId] = []
            for draft, here in zip(drafts, here_before, strict=True):
                if not here and not self._same_words(draft, format):
                    added.append(self._entries.keep(draft, batch=batch, format=format))
            if added:
                self._database.run("UPDATE imports SET added = ? WHERE id = ?", (len(added), batch))
                self._audit.log_within(Event.IMPORTED, format=format, entries=len(added))
            else:
                self._database.run("DELETE FROM imports WHERE id = ?", (batch,))
        return ImportOutcome(
            batch=batch if added else None, added=tuple(added), duplicates=len(drafts) - len(added)
        )

    def batches(self) -> Sequence[ImportBatch]:
        """The imports that can be undone, latest first."""
        rows = self._database.rows(
            "SELECT id, format, source, made, made_offset, added FROM imports "
            "WHERE NOT undone ORDER BY id DESC"
        )
        return [
            ImportBatch(
                id=BatchId(row[0]),
                format=row[1],
                source=row[2],
                made=time_from_row(row[3], row[4]),
                added=row[5],
            )
            for row in rows
        ]

    def undo(self, batch: BatchId) -> int:
        """Erase what this import added and nobody edited since; the number of entries removed.

        What of it was deleted since, and could be brought back, is erased too.

        :raises diary.errors.BatchNotFound: when there is no such import, or it was undone before.
        """
        return self._removal.remove(lambda: self._untouched(batch), also=lambda: self._mark_undone(batch))

    def _untouched(self, batch: BatchId) -> list[EntryId]:
        if self._database.row("SELECT 1 FROM imports WHERE id = ? AND NOT undone", (batch,)) is None:
            raise BatchNotFound(
                f"There is no import {batch} that can be taken back. Nothing was changed.",
                hint="Its number was shown when it was imported.",
            )
        found = [EntryId(row[0]) for row in self._database.rows(_UNTOUCHED, (batch,))]
        ((format,),) = self._database.rows("SELECT format FROM imports WHERE id = ?", (batch,))
        self._audit.log_within(Event.IMPORT_UNDONE, format=format, entries=len(found))
        return found

    def _begin(self, format: str, source: str) -> BatchId:
        return BatchId(
            self._database.insert(
                "INSERT INTO imports(format, source, made, made_offset, added) VALUES (?, ?, ?, ?, 0)",
                (format, clean(source), *time_to_row(self._now())),
            )
        )

    def _mark_undone(self, batch: BatchId) -> list[EntryId]:
        """What of it is among the deleted, to be erased with the rest."""
        self._database.run("UPDATE imports SET undone = 1 WHERE id = ?", (batch,))
        found = [EntryId(row[0]) for row in self._database.rows(_UNTOUCHED_DELETED, (batch,))]
        if found:
            self._audit.log_within(Event.ERASED, entries=len(found), by="undo")
        return found

    def _same_source(self, draft: EntryDraft, format: str) -> bool:
        return (
            draft.source_id is not None
            and self._database.row(
                _SAME_SOURCE,
                (clean(draft.source_id), format, time_to_row(draft.happened)[0]),
            )
            is not None
        )

    def _same_words(self, draft: EntryDraft, format: str) -> bool:
        content = self._entries.content_hash(draft)
        source_id = None if draft.source_id is None else clean(draft.source_id)
        return self._database.row(_SAME_WORDS, (content, format, source_id)) is not None
