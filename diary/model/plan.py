"""Plans: what notes say is wanted, promised or in the way, as dated items with their quotes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from diary.model.answer import Quote
from diary.model.time_range import TimeRange


class PlanItemKind(StrEnum):
    """What the note says of it."""

    GOAL = "goal"
    COMMITMENT = "commitment"
    APPOINTMENT = "appointment"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """One thing to do or to mind.

    :ivar text: what it is, in the note's own words; editable before it is saved.
    :ivar since: the first day, where the notes name a longer time than a day ("next week"); else None.
    :ivar due: the day it is due or happens, of a longer time the last; None when the notes name none.
    :ivar at: the time of day of an appointment.
    :ivar quotes: the verbatim spans it was taken from, the latest word first; never empty.
    :ivar for_goal: whether the notes speak of it near the goal; others are ahead too, and stand apart.
    """

    kind: PlanItemKind
    text: str
    due: date | None
    quotes: tuple[Quote, ...]
    since: date | None = None
    at: time | None = None
    done: bool = False
    for_goal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Items for a goal, in the order they are due; those without a day come last.

    :ivar range: the time the goal names ("next week"), to which the items are kept; None for any time ahead.
    """

    goal: str
    as_of: date
    items: tuple[PlanItem, ...]
    range: TimeRange | None = None
