"""Entries that were deleted and can still be brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diary.model.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedEntry:
    """An entry that is in no list, index or answer, but whose rows are kept.

    :ivar entry: as it was. :ivar removed: aware time it was deleted.
    :ivar until: aware time from which it is erased for good, as was told when it was deleted.
    """

    entry: Entry
    removed: datetime
    until: datetime
