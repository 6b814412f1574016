"""What is old enough for a rule of retention, over the entries of a FakeEntries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from diary.model.entry import Kind
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import Aged
from tests.fakes.entries import FakeEntries
from tests.fakes.guard import refuse_outside_tests


class FakeAgeing:
    """An AgeingStore."""

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries

    def entries(self, before: datetime) -> list[Aged]:
        kept = [one.entry for one in self._entries.kept.values()]
        found = [Aged(entry=one.id, since=max(one.happened, one.recorded)) for one in kept]
        return sorted((one for one in found if one.since <= before), key=lambda one: (one.since, one.entry))

    def to_condense(self, before: datetime) -> list[Aged]:
        kept = self._entries.kept
        return [one for one in self.entries(before) if kept[one.entry].entry.kind is not Kind.CONDENSED]

    def condense(self, aged: Sequence[Aged], condensed: Callable[[str], str]) -> int:
        there = {one.entry for one in aged if one.entry in self._entries.kept}
        for entry in there:
            self._entries.condense(entry, condensed)
        return len(there)

    def versions(self, before: datetime) -> list[Aged]:
        found = []
        for number, kept in self._entries.kept.items():
            made = [*(version.made for version in kept.earlier), kept.made]
            found += [
                Aged(entry=number, since=following, version=version.number)
                for version, following in zip(kept.earlier, made[1:], strict=True)
            ]
        return sorted((one for one in found if one.since <= before), key=lambda one: (one.since, one.entry))

    def erase(self, aged: Sequence[Aged]) -> int:
        erased = 0
        for one in aged:
            kept = self._entries.kept.get(one.entry)
            if kept is None:
                continue
            if one.version is None:
                self._entries.delete(one.entry)
                erased += 1
            else:
                left = [version for version in kept.earlier if version.number != one.version]
                erased += len(kept.earlier) - len(left)
                kept.earlier[:] = left
        return erased

    def finish(self, *, report: Report = silent, cancelled: Cancelled = never) -> bool:
        return True
