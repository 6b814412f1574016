"""An in-memory stand-in for the vault's observations; see `tests.fakes.stores`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from diary.model.entry import Entry, EntryId, Transcript
from diary.model.observation import Observation, ObservationDraft
from diary.model.time_range import TimeRange
from tests.fakes.guard import refuse_outside_tests

if TYPE_CHECKING:
    from tests.fakes.stores import FakeEntries


class FakeObservations:
    """An ObservationReader, ObservationWriter and ReadingState over the entries of a FakeEntries."""

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._version: int | None = None
        self.read_only = False
        self._read: dict[EntryId, tuple[ObservationDraft, ...]] = {}
        entries.on_delete.append(self._forget)
        entries.on_new_words.append(self._forget)

    def keys(self) -> dict[str, int]:
        counted = Counter(draft.key for _, draft in self._confirmed())
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    def observations(self, key: str, within: TimeRange | None = None) -> list[Observation]:
        found = [
            Observation(**asdict(draft), entry=entry.id, source_id=entry.source_id, happened=entry.happened)
            for entry, draft in self._confirmed()
            if draft.key == key.casefold() and (within is None or within.contains(entry.happened.date()))
        ]
        return sorted(found, key=lambda one: (one.happened, one.entry))

    def use_reader(self, version: int) -> None:
        if version != self._version:
            self._version = version
            self._read.clear()

    def unread(self, *, limit: int) -> list[Entry]:
        waiting = [kept.entry for number, kept in self._entries.kept.items() if number not in self._read]
        return sorted(waiting, key=lambda entry: (entry.happened, entry.id))[:limit]

    def record(self, read: Sequence[tuple[Entry, Sequence[ObservationDraft]]]) -> None:
        for entry, drafts in read:
            kept = self._entries.kept.get(entry.id)
            if kept is not None and kept.entry.revision == entry.revision:
                self._read.pop(entry.id, None)
                self._read[entry.id] = tuple(drafts)

    def unread_count(self) -> int:
        return len(self.unread(limit=self._entries.count()))

    def units(self, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        found = [
            (draft.key, draft.name, draft.unit)
            for _, draft in self._confirmed()
            if draft.key in keys and draft.unit and draft.value is not None
        ]
        return list(dict.fromkeys(found))

    def _confirmed(self) -> list[tuple[Entry, ObservationDraft]]:
        return [
            (self._entries.get(number), draft)
            for number, drafts in self._read.items()
            for draft in drafts
            if self._entries.get(number).transcript is not Transcript.ROUGH
        ]

    def _forget(self, entry: EntryId) -> None:
        self._read.pop(entry, None)
