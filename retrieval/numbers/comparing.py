"""Two selections of a metric, compared: the later minus the earlier, with both sides as its parts; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from diary.model.number import Function, Number
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval import statistics
from retrieval.numbers.reading import Asked
from retrieval.numbers.rows import Rows

Compute = Callable[[Asked, Rows], Number]

_TOO_FEW = "One side rests on fewer than {least} days, which is too few to speak of an effect."


def difference(asked: Asked, sides: Sequence[Rows], compute: Compute) -> Number:
    """The later side minus the earlier one.

    :param compute: the number of one side.
    """
    early, late = sorted(sides, key=_place)
    firsts = [one.first == 1 for one in (asked.selections if early is sides[0] else asked.selections[::-1])]
    parts = tuple(
        _side(asked, side, first, compute) for side, first in zip((early, late), firsts, strict=True)
    )
    parts = tuple(_none_then(part, side) for part, side in zip(parts, (early, late), strict=True))
    whole = Number(
        metric=parts[0].metric,
        function=Function.DIFFERENCE,
        value=None,
        unit=parts[0].unit or parts[1].unit,
        n=parts[0].n + parts[1].n,
        missing_days=parts[0].missing_days + parts[1].missing_days,
        range=_covering(early.range, late.range),
        rows=_together(parts),
        parts=parts,
        left_out=parts[0].left_out + parts[1].left_out,
    )
    before, after = parts[0].value, parts[1].value
    if before is None or after is None:
        missing = next(part for part in parts if part.value is None)
        return replace(whole, why=missing.why)
    if parts[0].unit != parts[1].unit:
        return replace(whole, why="Not enough data: the two sides are noted in different units.")
    if parts[0].function is Function.MEAN and parts[1].function is Function.MEAN:
        value = statistics.difference_of_means(late.values, early.values)
    else:
        value = statistics.difference(after, before)
    return replace(whole, value=value, caution=_caution(asked, parts))


def _none_then(part: Number, side: Rows) -> Number:
    """A count of none is 0 beside another when the metric was kept by then; before, nobody can tell."""
    start = side.range.start if side.range else None
    kept = side.kept_since is not None and start is not None and side.kept_since <= start
    if part.function is Function.COUNT and part.value is None and kept:
        return replace(part, value=0.0, why=None)
    return part


def _side(asked: Asked, side: Rows, first: bool, compute: Compute) -> Number:
    """One side: a single observation of one day is itself, not a mean."""
    number = compute(asked, side)
    if len(side.rows) != 1 or asked.computation.function is not Function.MEAN or not _is_day(side.range):
        return number
    return replace(number, function=Function.FIRST if first else Function.LAST)


def _caution(asked: Asked, parts: Sequence[Number]) -> str | None:
    picked = all(one.one or _is_day(one.range) for one in asked.selections)
    if asked.computation.function not in (Function.MEAN, Function.MEDIAN) or picked:
        return None
    if min(len({row.day for row in part.rows}) for part in parts) < statistics.LEAST_DAYS:
        return _TOO_FEW.format(least=statistics.LEAST_DAYS)
    return None


def _is_day(used: TimeRange | None) -> bool:
    return used is not None and used.start is not None and used.start == used.end


def _place(side: Rows) -> tuple[bool, date, date]:
    """Where a side lies in time."""
    start = side.range.start if side.range else None
    end = side.range.end if side.range else None
    return (not side.usual, end or date.max, start or date.max)


def _covering(early: TimeRange | None, late: TimeRange | None) -> TimeRange | None:
    if early is None or late is None:
        return early or late
    starts, ends = (early.start, late.start), (early.end, late.end)
    return TimeRange(
        None if None in starts else min(day for day in starts if day),
        None if None in ends else max(day for day in ends if day),
        " / ".join(phrase for phrase in (early.phrase, late.phrase) if phrase),
    )


def _together(parts: Sequence[Number]) -> tuple[Observation, ...]:
    rows = {(row.happened, row.entry, row.start, row.part): row for part in parts for row in part.rows}
    return tuple(rows[key] for key in sorted(rows))
