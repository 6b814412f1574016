"""Deleted entries in memory, with what the other fakes hold of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from diary.errors import EntryNotFound
from diary.model.attachment import Attachment, AttachmentId
from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, EntryId
from tests.fakes.attachments import FakeAttachments
from tests.fakes.entries import FakeEntries, Kept
from tests.fakes.guard import refuse_outside_tests
from tests.fakes.recordings import FakeRecordings, Held

Numbers = list[EntryId]  # inside the class, `list` is its method


@dataclass
class _Aside:
    deleted: DeletedEntry
    kept: Kept
    held: Held
    attached: dict[AttachmentId, tuple[Attachment, bytes]]


class FakeDeleted:
    """A DeletedStore over the entries of a FakeEntries."""

    def __init__(
        self,
        entries: FakeEntries,
        recordings: FakeRecordings,
        attachments: FakeAttachments,
        *,
        now: Callable[[], datetime],
    ) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._recordings = recordings
        self._attachments = attachments
        self._now = now
        self._aside: dict[EntryId, _Aside] = {}

    def take_out(self, entry: EntryId, *, kept_for: timedelta) -> DeletedEntry:
        removed = self._now()
        deleted = DeletedEntry(entry=self._entries.get(entry), removed=removed, until=removed + kept_for)
        self._aside[entry] = _Aside(
            deleted,
            self._entries.kept[entry],
            self._recordings.held(entry),
            self._attachments.held(entry),
        )
        self._entries.delete(entry)
        return deleted

    def list(self) -> list[DeletedEntry]:
        found = [aside.deleted for aside in self._aside.values()]
        return sorted(found, key=lambda one: (one.removed, one.entry.id), reverse=True)

    def over(self, now: datetime) -> Numbers:
        return [one.entry.id for one in reversed(self.list()) if one.until <= now]

    def restore(self, entry: EntryId) -> Entry:
        aside = self._find(entry)
        del self._aside[entry]
        self._entries.kept[entry] = aside.kept
        self._recordings.take_back(entry, aside.held)
        self._attachments.take_back(aside.attached)
        return aside.kept.entry

    def erase(self, entries: Sequence[EntryId], *, by: str = "person") -> int:
        for entry in entries:
            self._find(entry)
        for entry in entries:
            del self._aside[entry]
        return len(entries)

    def erase_of_batch(self, batch: int) -> None:
        """What an import brought and nobody edited goes with it."""
        for number, aside in list(self._aside.items()):
            if aside.kept.entry.batch == batch and aside.kept.entry.revision == 1:
                del self._aside[number]

    def _find(self, entry: EntryId) -> _Aside:
        if entry not in self._aside:
            raise EntryNotFound(f"There is no entry {entry} among the deleted.")
        return self._aside[entry]
