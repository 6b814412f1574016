"""Times told by events in questions for numbers: guessed first, looked for when the rest is understood.

To find the day of an event takes a search, so it is not done for each question that might ask for a number: a
guess stands in for it until the question is understood, and only then the notes are asked. An event whose day
the notes do not tell leaves the question without an answer in numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from diary.model.answer import Question
from diary.model.number import Function
from diary.model.resolved_range import RangeSource, ResolvedRange
from diary.model.time_range import TimeRange
from retrieval.numbers.reading import Asked
from retrieval.numbers.selections import Selection
from retrieval.numbers.times import TimeReader
from retrieval.when.events import EventReference, Relation, outside_events, parse_events
from retrieval.when.ranges import parse_ranges

Resolve = Callable[[Question], Sequence[ResolvedRange]]
"""The ranges a question names, events found in the notes. Satisfied by `RangeResolver.resolve_all`."""

_LONG_AGO = date(1900, 1, 1)
"""The guess: before anything that may be the other end of a range."""


class Guesses:
    """Reads times with events guessed; `used` tells whether any was."""

    def __init__(self) -> None:
        self.used = False

    def __call__(self, words: str, as_of: date) -> Sequence[TimeRange]:
        """The times that words name, in order, with a guess for each event."""
        calendar = parse_ranges(words, as_of)
        references = parse_events(words, as_of)
        inside = any(_holds(reference, calendar) for reference in references)
        named = outside_events(calendar, references)
        if not references or (named and not inside):
            return named
        found = [self._range(reference, as_of) for reference in references]
        return [one for one in found if one is not None]

    def _range(self, reference: EventReference, as_of: date) -> TimeRange | None:
        dated = reference.dated
        if dated is None or dated.start is None:
            self.used = True
        day = dated.start if dated and dated.start else _LONG_AGO
        end = reference.end
        ended = end.end if isinstance(end, TimeRange) else None
        if isinstance(end, EventReference):
            self.used = True
            ended = as_of
        elif reference.relation is Relation.WHILE:
            ended = dated.end if dated else as_of
        return reference.range(day, as_of, ended)


def _holds(reference: EventReference, calendar: Sequence[TimeRange]) -> bool:
    inside = any(found.phrase and found.phrase in reference.phrase for found in calendar)
    return inside and reference.relation is Relation.BETWEEN


def settled(guessed: Asked, sure: Asked | None) -> Asked | None:
    """What to compute once the events were looked for: only with every time that was asked for.

    A course from an event on whose day the notes do not tell for sure is given whole, and says so.
    """
    if sure is not None and len(sure.selections) == len(guessed.selections):
        pairs = zip(guessed.selections, sure.selections, strict=True)
        if all((one.range is None) == (other.range is None) for one, other in pairs):
            return sure
    if guessed.computation.function is not Function.CHANGE or guessed.comparing:
        return None
    used = guessed.selections[0].range
    return replace(guessed, selections=(Selection(),), unresolved=used.phrase if used else "")


def _is_sure(found: ResolvedRange) -> bool:
    """Whether it rests on days, not on a time in which an event that was not found is said to lie."""
    return found.source is not RangeSource.EVENT or bool(found.events)


def resolved(resolve: Resolve) -> TimeReader:
    """A reader of times that looks for events in the notes, for each words once."""
    known: dict[tuple[str, date], list[TimeRange]] = {}

    def times(words: str, as_of: date) -> Sequence[TimeRange]:
        key = words, as_of
        if key not in known:
            found = resolve(Question(text=words, as_of=as_of))
            known[key] = [one.range for one in found if one.range is not None and _is_sure(one)]
        return known[key]

    return times
