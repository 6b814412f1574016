"""Statements → one for each thing, with the latest word on it; pure.

Rules, for two statements of which the later follows the earlier:
- the same day and much the same words are the same thing, told twice;
- a later one that moves or calls off a thing with the same words means that thing: the latest word counts,
  and what was called off is gone;
- two appointments on different days are two, unless the later says that it was moved;
- a later one keeps the day, and with "same time" the time of day, that it does not name itself;
- two promises with nearly the same words are one: its day is the latest that was named.

The words of what was said before are kept with it: both are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from diary.model.plan import PlanItemKind
from retrieval.statements.gist import gist
from retrieval.statements.reading import Statement

SOME, MUCH, NEARLY = 0.34, 0.5, 0.75
"""Shares of the fewer words of two statements that must be the same."""
MOVED_WITHIN = timedelta(days=7)
"""A thing can be moved until a few days after it should have been; after that, it is another."""

_SAME_TIME = re.compile(r"\b(?:same (?:time|hour)|gleiche[rn]? (?:uhr)?zeit|misma hora|même heure)\b", re.I)
_SAY_LITTLE = frozenset(
    gist("appointment booked moved cancelled date time see go visit ring get new back put called off")
)


_SORTS = gist(
    "review check check-up meeting lesson class visit test scan exam interview session clinic course trip "
    "service lunch dinner party delivery call"
)
"""Words for a sort of appointment, of which there may be several."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The latest word on a thing, and what was said of it before, latest first."""

    statement: Statement
    before: tuple[Statement, ...] = ()


def settle(statements: Sequence[Statement]) -> list[Settled]:
    """One for each thing that was not called off, in the order they were first told."""
    settled: list[Settled] = []
    for statement in sorted(statements, key=lambda one: (one.entry.happened, one.entry.id, one.start)):
        place = next(
            (
                place
                for place in reversed(range(len(settled)))
                if is_same(settled[place].statement, statement)
            ),
            None,
        )
        if place is None:
            settled.append(Settled(statement))
        else:
            settled[place] = _together(settled[place], statement)
    return [one for one in settled if not one.statement.off]


def _together(earlier: Settled, later: Statement) -> Settled:
    was = earlier.statement
    if later.first is None and not (later.moved or later.off):
        later = replace(later, first=was.first, last=was.last, at=was.at)
    elif later.at is None and _SAME_TIME.search(later.sentence):
        later = replace(later, at=was.at)
    return Settled(later, (was, *earlier.before))


def is_same(earlier: Statement, later: Statement) -> bool:
    """Whether a later statement speaks of the thing that an earlier one does."""
    if PlanItemKind.CONSTRAINT in (earlier.kind, later.kind) and earlier.kind is not later.kind:
        return False
    share, common = _overlap(earlier, later)
    if common == 0 or earlier.denied is not later.denied:
        return False
    if later.off:
        return share >= SOME and later.first in (None, earlier.first) and _is_named(earlier, later)
    if later.moved and earlier.last is not None and earlier.last >= later.said_on - MOVED_WITHIN:
        return share >= SOME and earlier.kind is later.kind and _is_named(earlier, later)
    if earlier.first is not None and later.first is not None:
        if earlier.first == later.first:
            return share >= MUCH
        return earlier.kind is not PlanItemKind.APPOINTMENT and share >= NEARLY and common > 1
    return share >= NEARLY and common > 1


def _is_named(earlier: Statement, later: Statement) -> bool:
    """Whether what both name tells the thing from others of its sort: "the review moved" may be any review.

    Two lines for one thing are mild; an appointment that is lost is not.
    """
    first = gist(earlier.text) - _SAY_LITTLE
    common = first & gist(later.text)
    return bool(common - _SORTS) or common == first


def _overlap(earlier: Statement, later: Statement) -> tuple[float, int]:
    """Share of the fewer words that are the same, and their number; words that say little do not count."""
    first, second = gist(earlier.text) - _SAY_LITTLE, gist(later.text) - _SAY_LITTLE
    if not first or not second:
        return 0.0, 0
    common = len(first & second)
    return common / min(len(first), len(second)), common
