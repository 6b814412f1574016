"""The range a question was answered within, with how it was read and what in the notes told it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from diary.model.entry import EntryId
from diary.model.time_range import TimeRange


class RangeSource(StrEnum):
    """How the range was found."""

    GIVEN = "given"
    CALENDAR = "calendar"
    EVENT = "event"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDate:
    """The day an event happened, and the words of the diary that tell it.

    :ivar event: the words of the question that name the event.
    :ivar entry: the entry that tells; None when the question itself named the day.
    :ivar quote: what it says, verbatim: `quote == entry.text[start:end]`; "" when the question named the day.
    :ivar told: the day of that entry, which may be later or earlier than the event.
    :ivar confidence: 0 to 1; 1 when the question named the day.
    """

    event: str
    day: date
    entry: EntryId | None = None
    source_id: str | None = None
    quote: str = ""
    start: int = 0
    end: int = 0
    told: date | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRange:
    """A range and where it comes from.

    :ivar range: None means any time.
    :ivar events: for EVENT, the days it rests on, so that they can be shown and corrected.
    """

    range: TimeRange | None
    source: RangeSource
    events: tuple[EventDate, ...] = ()
