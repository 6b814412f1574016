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

    :ivar text: what it is, in the note's own words as far as possible; editable before it is saved.
    :ivar due: the day it is due or happens; None when the notes name none.
    :ivar at: the time of day of an appointment.
    :ivar quotes: the verbatim spans it was taken from; never empty.
    """

    kind: PlanItemKind
    text: str
    due: date | None
    quotes: tuple[Quote, ...]
    at: time | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Items for a goal, in the order they are due; those without a day come last."""

    goal: str
    as_of: date
    items: tuple[PlanItem, ...]
    range: TimeRange | None = None
