"""Questions that ask for a review or a plan, answered from the notes: "how was my week?", "plan the move",
"which appointments are coming up?".

What a review or a plan is made of is worked out by `retrieval.reviewing` and `retrieval.planning`; here it
becomes an answer: its quotes, each verified there, and its numbers. The commands `review` and `plan` show the
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from diary.errors import TimeNotUnderstood
from diary.model.answer import AnswerKind, Question, Quote
from diary.model.number import Number
from diary.model.plan import Plan
from diary.model.progress import Cancelled, never
from diary.model.review import Review
from diary.model.time_range import TimeRange
from retrieval.reviewing.periods import period
from retrieval.routing import Route
from retrieval.when import parse_range

_UNIT = re.compile(r"\b(?:week|month|year|woche|monat|jahr)\b", re.I)
_DAY = re.compile(r"\b(?:my|the|this) day\b", re.I)
_LEAD = re.compile(r"^\W*(?:how (?:was|were|is|has|did)|wie war|review|recap|sum up|summari[sz]e)\s+", re.I)
_ASKING_TO_PLAN = re.compile(
    r"^\W*(?:please |can you |could you )*(?:help me (?:to )?|make (?:me )?a |draw up a )?"
    r"(?:plan|prepare(?: me)?|get ready|organi[sz]e)?(?: for| of)?\b\W*",
    re.I,
)


class LooksBack(Protocol):
    """Makes reviews and plans. Satisfied by `diary.looking_back.LookingBack`."""

    def review(
        self, reviewed: TimeRange, *, as_of: date | None = None, cancelled: Cancelled = never
    ) -> Review:
        """What the notes of a period say."""
        ...

    def plan(self, goal: str, *, as_of: date | None = None, cancelled: Cancelled = never) -> Plan:
        """What the notes name for a goal, and what lies ahead."""
        ...


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What an answer shows of a review or a plan."""

    kind: AnswerKind
    range: TimeRange | None
    quotes: tuple[Quote, ...]
    numbers: tuple[Number, ...] = ()


def look_back(way: Route, question: Question, looks: LooksBack, cancelled: Cancelled) -> LookedBack | None:
    """The review or plan that a question asks for; None when it names no time, or the notes have none of it.

    :raises diary.errors.EngineFailed: when the embedder crashed.
    """
    most = max(question.limit, question.list_limit)
    if way is not Route.REVIEW:
        asked = _ASKING_TO_PLAN.sub("", question.text) if way is Route.PLAN else question.text
        goal = asked.strip(" ?.!") or question.text
        plan = looks.plan(goal, as_of=question.as_of, cancelled=cancelled)
        # What lies ahead beside the goal belongs into a plan, not into an answer.
        items = [item for item in plan.items if item.for_goal]
        quotes = _numbered((quote for item in items for quote in item.quotes), most)
        return LookedBack(AnswerKind.PLAN, plan.range, quotes) if quotes else None
    reviewed = question.range or reviewed_range(question.text, question.as_of)
    if reviewed is None:
        return None
    review = looks.review(reviewed, as_of=question.as_of, cancelled=cancelled)
    told = (*review.happened, *(intention.said for intention in review.intentions))
    quotes = _numbered(told, most)
    known = tuple(number for number in review.numbers if number.known)
    return LookedBack(AnswerKind.REVIEW, review.range, quotes, known) if quotes else None


def reviewed_range(text: str, as_of: date) -> TimeRange | None:
    """The days that a question for a review names: "last week", "March", "my week" up to today."""
    found = parse_range(text, as_of)
    if found is not None:
        return found
    if _DAY.search(text):
        return TimeRange(as_of, as_of, "day")
    unit = _UNIT.search(text)
    words = unit.group() if unit else _LEAD.sub("", text).strip(" ?.!")
    try:
        return period(words, as_of)
    except TimeNotUnderstood:
        return None


def _numbered(quotes: Iterable[Quote], most: int) -> tuple[Quote, ...]:
    """The quotes in order, each span once, numbered anew."""
    once = {(quote.entry, quote.start, quote.end): quote for quote in quotes}
    kept = list(once.values())[:most]
    return tuple(replace(quote, id=f"q{number}") for number, quote in enumerate(kept, start=1))
