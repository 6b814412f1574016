"""What was asked → numbers, from the diary's observations.

Rules:
- values are computed with others of their unit only, the one most of them have; the rest counts as left out;
- a blood pressure without a part gives a number for each part; a condition on it is about the systolic one;
- a difference is the later selection minus the earlier one, whichever the question names first;
- from no observation comes no value, and a sentence says what is missing and where the nearest one is; but
  when some were looked at and none met a condition, the count is 0;
- a difference of means from fewer than three days on a side carries a caution, not a claim.

Arithmetic is in `retrieval.statistics`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from diary.model.number import Function, Number, metric_words
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval import statistics
from retrieval.numbers.comparing import difference
from retrieval.numbers.reading import Asked
from retrieval.numbers.rows import Rows, observations_of, selected
from retrieval.ports import ObservationReader

_TWO_ONLY = "It rests on two observations, which is too few to speak of a trend."
_UNRESOLVED = "When “{words}” was, your notes do not tell for sure: this is the whole course."
_SHORT = "The time is shorter than a {unit}, so there is not enough data for a rate."


def compute(asked: Asked, reader: ObservationReader, as_of: date) -> tuple[Number, ...]:
    """The numbers: one, or one for each part; of a comparison the difference, then its two sides."""
    everything = observations_of(asked.metric, reader)
    numbers: list[Number] = []
    for part in _parts(asked, everything):
        metric = replace(asked.metric, part=part)
        rows = [row for row in everything if row.part == part or not part]
        if asked.comparing:
            sides = [selected(asked, metric, rows, one, as_of) for one in asked.selections]
            whole = difference(asked, sides, _one)
            numbers += [whole, *whole.parts]
        else:
            numbers.append(_one(asked, selected(asked, metric, rows, asked.selections[0], as_of)))
    return tuple(numbers)


def _parts(asked: Asked, rows: Sequence[Observation]) -> list[str]:
    """The parts to give a number for; counting counts a reading once, by its first part."""
    parts = list(dict.fromkeys(row.part for row in rows)) or [asked.metric.part]
    if asked.metric.part:
        return [asked.metric.part]
    function = asked.computation.function
    once = function in (Function.COUNT, Function.STREAK, Function.RATE) or asked.condition is not None
    return parts[:1] if once else parts


def _one(asked: Asked, found: Rows) -> Number:
    """The number of one selection."""
    computation = asked.computation
    match computation.function:
        case Function.COUNT:
            return _count(asked, found)
        case Function.STREAK:
            return _streak(found, latest=computation.latest)
        case Function.RATE:
            return _rate(found, computation.per, times=bool(computation.counted))
        case Function.CHANGE:
            return _change(found, asked.unresolved)
        case Function.FIRST | Function.LAST as function:
            few = max(asked.selections[0].first, asked.selections[0].last)
            return _at_the_end(found, function, few)
        case function if not found.rows:
            return found.number(function, None)
        case Function.MIN | Function.MAX as function:
            value = (min if function is Function.MIN else max)(found.values)
            reached = tuple(row for row in found.rows if row.value == value)
            return found.number(function, value, rows=reached)
        case function:
            return found.number(function, _PLAIN[function](found.values))


_PLAIN: dict[Function, Callable[[Sequence[float]], float]] = {
    Function.MEAN: statistics.mean,
    Function.MEDIAN: statistics.median,
    Function.SUM: statistics.total,
}


def _count(asked: Asked, found: Rows) -> Number:
    """How many; 0 only when there were some to look at."""
    rows, counted = found.all, asked.computation.counted
    value = len({(row.entry, row.start, row.end) for row in rows})
    if counted:
        value = len({row.entry for row in rows} if counted == "entries" else {row.day for row in rows})
    limited = asked.condition is not None
    return found.number(
        Function.COUNT,
        float(value) if found.among else None,
        unit=counted or ("doses" if asked.metric.name else "times"),
        n=len(rows),
        rows=rows,
        left_out=0,
        among=found.among if limited else None,
    )


def _streak(found: Rows, *, latest: bool) -> Number:
    days = [row.day for row in found.all]
    run = statistics.latest_streak(days) if latest else statistics.longest_streak(days)
    if run is None:
        value = 0.0 if found.among else None
        return found.number(Function.STREAK, value, unit="days", n=0, rows=(), left_out=0)
    rows = tuple(row for row in found.all if run[0] <= row.day <= run[1])
    length = (run[1] - run[0]).days + 1
    return found.number(
        Function.STREAK, float(length), unit="days", n=len(rows), rows=rows, range=TimeRange(*run),
        missing_days=0, left_out=0, latest=latest,
    )  # fmt: skip


def _rate(found: Rows, per: str, *, times: bool) -> Number:
    """So much for each day, week, month or year of the time looked at."""
    rows = found.all if times else found.rows
    used = found.range
    if not rows or used is None or used.start is None or used.end is None:
        return found.number(Function.RATE, None, rows=rows, n=len(rows))
    days = (used.end - used.start).days + 1
    unit = f"{'times' if times else found.unit} a {per}".strip()
    if days < statistics.DAYS_OF[per] and not (per == "month" and days >= 28):
        return found.number(
            Function.RATE, None, unit=unit, rows=rows, n=len(rows), why=_SHORT.format(unit=per)
        )
    amount = (
        float(len({(row.entry, row.start, row.end) for row in rows}))
        if times
        else statistics.total(found.values)
    )
    return found.number(
        Function.RATE, statistics.rate(amount, days, per), unit=unit, rows=rows, n=len(rows),
        left_out=0 if times else found.left_out,
    )  # fmt: skip


def _at_the_end(found: Rows, function: Function, few: int) -> Number:
    """The first or the last observation, with or without a number; of the last `few`, all are its rows."""
    rows = found.all[:1] if function is Function.FIRST else found.all[-1:]
    if not rows:
        return found.number(function, None, n=0)
    row = rows[0]
    shown = found.all if few > 1 else rows
    return found.number(function, row.value, unit=row.unit, rows=shown, n=len(shown), why=None, left_out=0)


def _change(found: Rows, unresolved: str = "") -> Number:
    """Last minus first, with the whole series as its rows and both ends as its parts."""
    rows = found.rows
    if len({row.day for row in rows}) < 2:
        why = found.why if not rows else _only_one(found)
        return found.number(Function.CHANGE, None, why=why)
    ends = tuple(
        found.number(function, row.value, rows=(row,), n=1, missing_days=0, label=label, left_out=0,
                     range=TimeRange(row.day, row.day))
        for function, row, label in ((Function.FIRST, rows[0], "first"), (Function.LAST, rows[-1], "last"))
    )  # fmt: skip
    first, last = found.values[0], found.values[-1]
    caution = _UNRESOLVED.format(words=unresolved) if unresolved else _TWO_ONLY if len(rows) == 2 else None
    return found.number(Function.CHANGE, statistics.difference(last, first), parts=ends, caution=caution)


def _only_one(found: Rows) -> str:
    return f"Not enough data: there is a note of {metric_words(found.metric)} on one day only in that time."
