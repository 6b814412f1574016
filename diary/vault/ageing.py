"""What is old enough for a rule of retention to take, or to condense: entries, and older versions of entries.

An entry counts from the day it is about or the moment it came into the vault, whichever is later; one that
is being edited is not taken. A version counts from the moment the next took its place. Erasing is done by the
one path there is (`removal`). What is condensed keeps its place, its day, its tags and its star; an entry
whose words are changed afterwards is a note again. Not here: the rules, and who is told (`diary.retention`),
and what is left of the words (`ingest.observations.condensed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from diary.model.audit import Event
from diary.model.entry import EntryId, Kind
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import Aged
from diary.vault.audit import AuditLog
from diary.vault.connection import Database
from diary.vault.entries import Entries
from diary.vault.removal import Removal
from diary.vault.rows import time_from_row, time_to_row

_ENTRIES = """
    SELECT id, max(happened, recorded) FROM entries WHERE max(happened, recorded) <= ?
    AND kind <> ? AND id NOT IN (SELECT entry FROM drafts WHERE entry IS NOT NULL) ORDER BY 2, 1
"""
_VERSIONS = """
    SELECT entry, replaced, number FROM (
        SELECT r.entry, r.number, lead(r.made, 1, e.revised)
            OVER (PARTITION BY r.entry ORDER BY r.number) AS replaced
        FROM revisions r JOIN entries e ON e.id = r.entry
    ) WHERE replaced <= ? ORDER BY 2, 1, 3
"""


class Ageing:
    """The AgeingStore of a vault."""

    def __init__(self, database: Database, entries: Entries, removal: Removal, audit: AuditLog) -> None:
        self._database = database
        self._entries = entries
        self._audit = audit
        self._removal = removal

    def entries(self, before: datetime) -> list[Aged]:
        """Entries that are as old as this or older, oldest first."""
        return self._aged(before, other_than="")

    def to_condense(self, before: datetime) -> list[Aged]:
        """Of `entries` those that were not condensed yet, oldest first."""
        return self._aged(before, other_than=Kind.CONDENSED.value)

    def versions(self, before: datetime) -> list[Aged]:
        """Versions that were replaced then or earlier, earliest replaced first; never the newest of an
        entry.
        """
        rows = self._database.rows(_VERSIONS, (time_to_row(before)[0],))
        return [
            Aged(entry=EntryId(entry), since=time_from_row(since, 0), version=number)
            for entry, since, number in rows
        ]

    def condense(self, aged: Sequence[Aged], condensed: Callable[[str], str]) -> int:
        """Leave of these entries what `condensed` makes of their words, in one transaction; how many were
        still there.

        Their titles, versions, files, sound and what was heard are erased, and what an import knew of them.

        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was changed.
        """

        def choose() -> list[EntryId]:
            found = self._there(dict.fromkeys(one.entry for one in aged))
            if found:
                self._audit.log_within(Event.CONDENSED, entries=len(found), by="retention")
            return found

        return self._removal.reduce(choose, lambda entry: self._entries.condense_within(entry, condensed))

    def erase(self, aged: Sequence[Aged]) -> int:
        """Erase these entries, or these versions, for good; how many were still there."""
        entries = list(dict.fromkeys(one.entry for one in aged if one.version is None))
        versions = [(one.entry, one.version) for one in aged if one.version is not None]
        erased = self._removal.remove(lambda: self._still_there(entries)) if entries else 0
        if not versions:
            return erased
        gone = self._removal.erase_versions(versions)
        if gone:
            self._audit.after(Event.ERASED, versions=gone, by="retention")
        return erased + gone

    def finish(self, *, report: Report = silent, cancelled: Cancelled = never) -> bool:
        """Finish an erasure that was cut short; whether nothing is left to do."""
        return self._removal.finish(report=report, cancelled=cancelled)

    def _aged(self, before: datetime, *, other_than: str) -> list[Aged]:
        rows = self._database.rows(_ENTRIES, (time_to_row(before)[0], other_than))
        return [Aged(entry=EntryId(entry), since=time_from_row(since, 0)) for entry, since in rows]

    def _there(self, entries: Iterable[EntryId]) -> list[EntryId]:
        there = {row[0] for row in self._database.rows("SELECT id FROM entries")}
        return [entry for entry in entries if entry in there]

    def _still_there(self, entries: Sequence[EntryId]) -> list[EntryId]:
        found = self._there(entries)
        if found:
            self._audit.log_within(Event.ERASED, entries=len(found), by="retention")
        return found
