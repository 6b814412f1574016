"""In-memory stand-ins for the vault: the same ports, the same rules, no disk and no key.

They keep words in the clear, so they refuse to be built outside a test run. Each passes the suite of its
port in `tests/contracts`, which the vault passes too; a rule that matters belongs there, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from diary.errors import BatchNotFound, EntryNotFound
from diary.model.entry import (
    BatchId,
    Draft,
    Entry,
    EntryChanges,
    EntryDraft,
    EntryFilter,
    EntryId,
    ImportBatch,
    ImportOutcome,
    Revision,
    Transcript,
)
from diary.model.speech import Segment
from tests.fakes.guard import refuse_outside_tests
from tests.fakes.observations import FakeObservations
from tests.fakes.passages import FakePassages

__all__ = [
    "FakeDrafts",
    "FakeEntries",
    "FakeImports",
    "FakeObservations",
    "FakePassages",
    "FakeRecordings",
    "FakeStores",
    "TickingClock",
    "fake_stores",
]


class TickingClock:
    """Aware local time that is one second later each time it is asked: tests can tell saves apart."""

    def __init__(self, start: datetime | None = None) -> None:
        self._next = start or datetime(2026, 6, 15, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    def __call__(self) -> datetime:
        moment = self._next
        self._next += timedelta(seconds=1)
        return moment


@dataclass
class _Kept:
    """One entry with what only the store knows about it."""

    entry: Entry
    made: datetime
    arrived_as: tuple[datetime, str | None, str]
    format: str | None = None
    earlier: list[Revision] = field(default_factory=list)


_Revisions = list[Revision]  # inside the class, `list` is its method


class FakeEntries:
    """An EntryStore and EntryEditor; the other fakes share its entries."""

    def __init__(self, *, now: Callable[[], datetime] | None = None) -> None:
        refuse_outside_tests()
        self.now = now or TickingClock()
        self.kept: dict[EntryId, _Kept] = {}
        self.on_delete: list[Callable[[EntryId], None]] = []
        self.on_revise: list[Callable[[EntryId], None]] = []
        self.on_new_words: list[Callable[[EntryId], None]] = []
        self._last = 0

    def add(self, draft: EntryDraft) -> Entry:
        return self.keep(draft)

    def keep(self, draft: EntryDraft, *, batch: BatchId | None = None, format: str | None = None) -> Entry:
        """Keep a draft, as part of an import when `batch` is given."""
        self._last += 1
        recorded = self.now()
        entry = Entry(
            id=EntryId(self._last),
            text=draft.text,
            happened=draft.happened,
            written=draft.written,
            recorded=recorded,
            revision=1,
            title=draft.title or None,
            tags=tuple(draft.tags),
            starred=draft.starred,
            kind=draft.kind,
            source_id=draft.source_id,
            metadata=draft.metadata,
            batch=batch,
            transcript=draft.transcript,
        )
        self.kept[entry.id] = _Kept(entry, recorded, (entry.happened, entry.title, entry.text), format)
        return entry

    def get(self, entry: EntryId) -> Entry:
        return self._find(entry).entry

    def list(self, chosen: EntryFilter, *, limit: int | None = None, offset: int = 0) -> list[Entry]:
        matching = [kept.entry for kept in self.kept.values() if _matches(kept.entry, chosen)]
        matching.sort(key=lambda entry: (entry.happened, entry.id), reverse=True)
        return matching[offset : None if limit is None else offset + limit]

    def count(self) -> int:
        return len(self.kept)

    def revise(self, entry: EntryId, changes: EntryChanges) -> Entry:
        kept = self._find(entry)
        old = kept.entry
        new = replace(
            old,
            text=old.text if changes.text is None else changes.text,
            title=old.title if changes.title is None else (changes.title or None),
            tags=old.tags if changes.tags is None else tuple(changes.tags),
            starred=old.starred if changes.starred is None else changes.starred,
            happened=changes.happened or old.happened,
        )
        if new == old and new.happened.utcoffset() == old.happened.utcoffset():
            return old
        kept.earlier.append(_revision(old, kept.made))
        kept.entry = replace(new, revision=old.revision + 1)
        kept.made = self.now()
        if new.text != old.text:
            for told in self.on_new_words:
                told(entry)
        if (new.text, new.title, new.happened) != (old.text, old.title, old.happened):
            for told in self.on_revise:
                told(entry)
        return kept.entry

    def delete(self, entry: EntryId) -> None:
        self._find(entry)
        for told in self.on_delete:
            told(entry)
        del self.kept[entry]

    def history(self, entry: EntryId) -> _Revisions:
        kept = self._find(entry)
        return [*kept.earlier, _revision(kept.entry, kept.made)]

    def _find(self, entry: EntryId) -> _Kept:
        if entry not in self.kept:
            raise EntryNotFound(f"There is no entry {entry}.")
        return self.kept[entry]


def _matches(entry: Entry, chosen: EntryFilter) -> bool:
    return (
        (chosen.range is None or chosen.range.contains(entry.happened.date()))
        and (chosen.tag is None or chosen.tag.casefold() in {tag.casefold() for tag in entry.tags})
        and (chosen.kind is None or entry.kind is chosen.kind)
        and (entry.starred or not chosen.starred)
        and (chosen.batch is None or entry.batch == chosen.batch)
    )


def _revision(entry: Entry, made: datetime) -> Revision:
    return Revision(
        entry=entry.id,
        number=entry.revision,
        made=made,
        text=entry.text,
        happened=entry.happened,
        title=entry.title,
        tags=entry.tags,
        starred=entry.starred,
    )


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

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries
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


class FakeRecordings:
    """A RecordingStore over the entries of a FakeEntries.

    :ivar heard: per voice entry, the engine and segments last set.
    """

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._sounds: dict[EntryId, bytes] = {}
        self.heard: dict[EntryId, tuple[str, tuple[Segment, ...]]] = {}
        entries.on_delete.append(self._forget)

    def keep(self, draft: EntryDraft, sound: bytes, *, name: str) -> Entry:
        entry = self._entries.keep(draft)
        self._sounds[entry.id] = bytes(sound)
        return entry

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        self.sound(entry)
        revised = self._entries.revise(entry, EntryChanges(text=text))
        revised = replace(revised, transcript=status)
        self._entries.kept[entry].entry = revised
        self.heard[entry] = (engine, tuple(segments))
        return revised

    def sound(self, entry: EntryId) -> bytes:
        if entry not in self._sounds:
            raise EntryNotFound(f"Entry {entry} has no recording.")
        return self._sounds[entry]

    def _forget(self, entry: EntryId) -> None:
        self._sounds.pop(entry, None)
        self.heard.pop(entry, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeStores:
    """All fakes over one set of entries, in the shape of `diary.session.Stores`."""

    entries: FakeEntries
    drafts: FakeDrafts
    imports: FakeImports
    recordings: FakeRecordings
    passages: FakePassages
    observations: FakeObservations


def fake_stores(*, now: Callable[[], datetime] | None = None) -> FakeStores:
    """An empty diary in memory."""
    clock = now or TickingClock()
    entries = FakeEntries(now=clock)
    return FakeStores(
        entries=entries,
        drafts=FakeDrafts(now=clock),
        imports=FakeImports(entries),
        recordings=FakeRecordings(entries),
        passages=FakePassages(entries),
        observations=FakeObservations(entries),
    )
