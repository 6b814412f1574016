"""The entries of a diary in memory, and its clock; the other fakes share them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from diary.errors import EntryNotFound
from diary.model.entry import BatchId, Entry, EntryChanges, EntryDraft, EntryFilter, EntryId, Kind, Revision
from tests.fakes.guard import refuse_outside_tests


class TickingClock:
    """Aware local time that is one second later each time it is asked: tests can tell saves apart."""

    def __init__(self, start: datetime | None = None) -> None:
        self._next = start or datetime(2026, 6, 15, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    def __call__(self) -> datetime:
        moment = self._next
        self._next += timedelta(seconds=1)
        return moment


@dataclass
class Kept:
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
        self.kept: dict[EntryId, Kept] = {}
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
        self.kept[entry.id] = Kept(entry, recorded, (entry.happened, entry.title, entry.text), format)
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
        if old.kind is Kind.CONDENSED and (new.text, new.title) != (old.text, old.title):
            new = replace(new, kind=Kind.NOTE)
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

    def condense(self, entry: EntryId, condensed: Callable[[str], str]) -> None:
        kept = self._find(entry)
        kept.earlier.clear()
        kept.entry = replace(
            kept.entry,
            text=condensed(kept.entry.text),
            title=None,
            kind=Kind.CONDENSED,
            metadata=None,
            transcript=None,
            revision=kept.entry.revision + 1,
        )
        kept.made = self.now()
        for told in (*self.on_new_words, *self.on_revise):
            told(entry)

    def delete(self, entry: EntryId) -> None:
        self._find(entry)
        for told in self.on_delete:
            told(entry)
        del self.kept[entry]

    def history(self, entry: EntryId) -> _Revisions:
        kept = self._find(entry)
        return [*kept.earlier, _revision(kept.entry, kept.made)]

    def _find(self, entry: EntryId) -> Kept:
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
        and (chosen.transcript is None or entry.transcript is chosen.transcript)
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
