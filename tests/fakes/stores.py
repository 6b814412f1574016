"""In-memory stand-ins for the vault: the same ports, the same rules, no disk and no key.

They keep words in the clear, so they refuse to be built outside a test run. Each passes the suite of its
port in `tests/contracts`, which the vault passes too; a rule that matters belongs there, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from diary.errors import BatchNotFound
from diary.model.entry import BatchId, Draft, EntryDraft, EntryId, ImportBatch, ImportOutcome
from tests.fakes.ageing import FakeAgeing
from tests.fakes.attachments import FakeAttachments
from tests.fakes.audit import FakeLog
from tests.fakes.backups import FakeBackups
from tests.fakes.deleted import FakeDeleted
from tests.fakes.entries import FakeEntries, TickingClock
from tests.fakes.guard import refuse_outside_tests
from tests.fakes.observations import FakeObservations
from tests.fakes.passages import FakePassages
from tests.fakes.recordings import FakeGlossary, FakePreferences, FakeRecordings, FakeSpools

__all__ = [
    "FakeAgeing",
    "FakeAttachments",
    "FakeDeleted",
    "FakeDrafts",
    "FakeEntries",
    "FakeGlossary",
    "FakeImports",
    "FakeObservations",
    "FakePassages",
    "FakePreferences",
    "FakeRecordings",
    "FakeSpools",
    "FakeStores",
    "TickingClock",
    "fake_stores",
]


class FakeDrafts:
    """A DraftStore."""

    def __init__(self, *, now: Callable[[], datetime] | None = None) -> None:
        refuse_outside_tests()
        self._now = now or TickingClock()
        self._drafts: dict[str, Draft] = {}

    def save(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        self._drafts[slot] = Draft(slot=slot, text=text, saved=self._now(), entry=entry)

    def list(self) -> list[Draft]:
        return sorted(self._drafts.values(), key=lambda draft: draft.saved, reverse=True)

    def discard(self, slot: str) -> None:
        self._drafts.pop(slot, None)


class FakeImports:
    """An ImportLedger and BatchLedger over the entries of a FakeEntries."""

    def __init__(self, entries: FakeEntries, deleted: FakeDeleted) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._deleted = deleted
        self._batches: dict[BatchId, ImportBatch] = {}
        self._last = 0

    def known(self, draft: EntryDraft, format: str) -> bool:
        return self._same_source(draft, format) or self._same_words(draft, format)

    def add(self, drafts: Sequence[EntryDraft], *, format: str, source: str) -> ImportOutcome:
        batch = BatchId(self._last + 1)
        here_before = {id(draft) for draft in drafts if self._same_source(draft, format)}
        added: list[EntryId] = []
        for draft in drafts:
            if id(draft) not in here_before and not self._same_words(draft, format):
                added.append(self._entries.keep(draft, batch=batch, format=format).id)
        duplicates = len(drafts) - len(added)
        if not added:
            return ImportOutcome(batch=None, added=(), duplicates=duplicates)
        self._last = batch
        self._batches[batch] = ImportBatch(
            id=batch, format=format, source=source, made=self._entries.now(), added=len(added)
        )
        return ImportOutcome(batch=batch, added=tuple(added), duplicates=duplicates)

    def batches(self) -> Sequence[ImportBatch]:
        return sorted(self._batches.values(), key=lambda batch: batch.id, reverse=True)

    def undo(self, batch: BatchId) -> int:
        if self._batches.pop(batch, None) is None:
            raise BatchNotFound(f"There is no import {batch}.")
        untouched = [
            kept.entry.id
            for kept in self._entries.kept.values()
            if kept.entry.batch == batch and kept.entry.revision == 1
        ]
        for entry in untouched:
            self._entries.delete(entry)
        self._deleted.erase_of_batch(batch)
        return len(untouched)

    def _same_source(self, draft: EntryDraft, format: str) -> bool:
        return draft.source_id is not None and any(
            (kept.format, kept.entry.source_id, kept.arrived_as[0])
            == (format, draft.source_id, draft.happened)
            for kept in self._entries.kept.values()
        )

    def _same_words(self, draft: EntryDraft, format: str) -> bool:
        words = (draft.happened, draft.title or None, draft.text)
        return any(
            words in (kept.arrived_as, (kept.entry.happened, kept.entry.title, kept.entry.text))
            and not (
                draft.source_id
                and kept.entry.source_id
                and kept.format == format
                and kept.entry.source_id != draft.source_id
            )
            for kept in self._entries.kept.values()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeStores:
    """All fakes over one set of entries, in the shape of `diary.session.Stores`."""

    entries: FakeEntries
    deleted: FakeDeleted
    ageing: FakeAgeing
    drafts: FakeDrafts
    imports: FakeImports
    recordings: FakeRecordings
    attachments: FakeAttachments
    passages: FakePassages
    observations: FakeObservations
    spools: FakeSpools
    glossary: FakeGlossary
    preferences: FakePreferences
    backups: FakeBackups
    audit: FakeLog = field(default_factory=FakeLog)
    read_only: bool = False
    clock_in_doubt: Callable[[], str | None] = lambda: None


def fake_stores(*, now: Callable[[], datetime] | None = None) -> FakeStores:
    """An empty diary in memory."""
    clock = now or TickingClock()
    entries = FakeEntries(now=clock)
    spools = FakeSpools()
    recordings = FakeRecordings(entries, spools)
    attachments = FakeAttachments(entries)
    deleted = FakeDeleted(entries, recordings, attachments, now=clock)
    return FakeStores(
        entries=entries,
        deleted=deleted,
        ageing=FakeAgeing(entries),
        drafts=FakeDrafts(now=clock),
        imports=FakeImports(entries, deleted),
        recordings=recordings,
        attachments=attachments,
        passages=FakePassages(entries),
        observations=FakeObservations(entries),
        spools=spools,
        glossary=FakeGlossary(),
        preferences=FakePreferences(),
        backups=FakeBackups(entries, now=clock),
    )
