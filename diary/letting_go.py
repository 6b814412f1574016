"""What an open diary lets go, and what of it comes back: deleted entries, older versions, what is old.

The part of a session (`diary.session`) that takes words out of view or away for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from diary.errors import VersionNotFound
from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, EntryChanges, EntryId
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import RetentionDone, RetentionRules
from diary.parts import Stores
from ingest.observations.at_once import read_at_once

if TYPE_CHECKING:
    from diary.retention import Retention


class LettingGo:
    """Deletes, brings back, erases.

    :param rules: how long what is deleted, or old, is kept. :param clock: the machine's.
    """

    def __init__(self, stores: Stores, rules: RetentionRules, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._rules = rules
        self._clock = clock

    def delete(self, entry: EntryId, *, erase: bool = False) -> DeletedEntry | None:
        """Take an entry and everything made from it out of the diary.

        :param erase: for good, at once.
        :return: what can be brought back, and until when; None when nothing can.
        """
        kept_for = self._rules.deleted
        if erase or not kept_for:
            self._stores.entries.delete(entry)
            return None
        return self._stores.deleted.take_out(entry, kept_for=kept_for)

    @property
    def deleted_can_be_restored(self) -> bool:
        """Whether what is deleted is kept for a while."""
        return bool(self._rules.deleted)

    def require_erasable(self) -> None:
        """:raises diary.errors.PolicyForbids: when nothing may be erased for good."""
        self._stores.policy.require_erasable()

    @property
    def deleted_kept_for(self) -> timedelta | None:
        """How long what is deleted now can be brought back, if at all; None: for as long as a legal hold
        stands.
        """
        return None if self._rules.hold else self._rules.deleted

    def deleted(self) -> list[DeletedEntry]:
        """What was deleted and can be brought back, last deleted first."""
        return self._stores.deleted.list()

    def restore_deleted(self, entry: EntryId) -> Entry:
        """Bring a deleted entry back as it was."""
        restored = self._stores.deleted.restore(entry)
        read_at_once(self._stores.observations, restored)
        return restored

    def erase_deleted(self, entries: Sequence[EntryId]) -> int:
        """Erase deleted entries for good; how many."""
        return self._stores.deleted.erase(entries)

    @cached_property
    def retention(self) -> Retention:
        """The rules of how long things are kept."""
        from diary.retention import Retention

        stores = self._stores
        return Retention(
            stores.ageing,
            stores.deleted,
            stores.preferences,
            self._rules,
            now=self._clock,
            clock_in_doubt=stores.clock_in_doubt,
        )

    def keep_rules(self, *, report: Report = silent, cancelled: Cancelled = never) -> RetentionDone:
        """Erase what the rules take, and announce what they will take; what is to be told of it."""
        return self.retention.run(report=report, cancelled=cancelled)

    def restore_version(self, entry: EntryId, number: int) -> Entry:
        """Make an older version the newest, by a new version; all are kept.

        :raises diary.errors.VersionNotFound: when there is none of this number.
        """
        versions = self._stores.entries.history(entry)
        version = next((one for one in versions if one.number == number), None)
        if version is None:
            raise VersionNotFound(
                f"Entry {entry} has no version {number}. Nothing was changed.",
                hint=f"See which there are with: diary history {entry}",
            )
        changes = EntryChanges(
            text=version.text,
            title=version.title or "",
            tags=version.tags,
            starred=version.starred,
            happened=version.happened,
        )
        restored = self._stores.entries.revise(entry, changes)
        read_at_once(self._stores.observations, restored)
        return restored
