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

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from diary.model.number import Function, Number, metric_words
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval import statistics
from retrieval.numbers.metrics import Metric, tokens_of
from retrieval.numbers.reading import Asked
from retrieval.numbers.selections import Selection
from retrieval.ports import ObservationReader

_TOO_FEW = "One side rests on fewer than {least} days, which is too few to speak of an effect."
_TWO_ONLY = "It rests on two observations, which is too few to speak of a trend."
_SHORT = "The time is shorter than a {unit}, so there is not enough data for a rate."


@dataclass(frozen=True, slots=True)
class _Rows:
    """The observations of one selection.

    :ivar all: of any unit, those that meet the condition, in order of time.
    :ivar rows: those of them to compute with.
    :ivar among: how many there were before the condition.
    :ivar usual: whether it is everything, which comes before whatever is set against it.
    """

    metric: str
    all: tuple[Observation, ...]
    rows: tuple[Observation, ...]
    unit: str
    range: TimeRange | None
    among: int
    days: tuple[date, ...]
    label: str
    why: str
    usual: bool = False

    @property
    def values(self) -> list[float]:
        return [row.value for row in self.rows if row.value is not None]

    @property
    def left_out(self) -> int:
        return len(self.all) - len(self.rows)

    def number(self, function: Function, value: float | None, **more: object) -> Number:
        """A number of these rows; fields can be given otherwise."""
        fields: dict[str, object] = {
            "metric": self.metric,
            "function": function,
            "value": value,
            "unit": self.unit,
            "n": len(self.rows),
            "missing_days": statistics.missing_days(self.range, self.days),
            "range": self.range,
            "rows": self.rows,
            "label": self.label,
            "left_out": self.left_out,
            "why": self.why if value is None else None,
        }
        return Number(**{**fields, **more})  # type: ignore[arg-type]


def compute(asked: Asked, reader: ObservationReader, as_of: date) -> tuple[Number, ...]:
    """The numbers: one, or one for each part; of a comparison the difference, then its two sides."""
    everything = _observations(asked.metric, reader)
    numbers: list[Number] = []
    for part in _parts(asked, everything):
        metric = replace(asked.metric, part=part)
        rows = [row for row in everything if row.part == part or not part]
        if asked.comparing:
            sides = [_selected(asked, metric, rows, one, as_of) for one in asked.selections]
            whole = _difference(asked, sides)
            numbers += [whole, *whole.parts]
        else:
            numbers.append(_one(asked, _selected(asked, metric, rows, asked.selections[0], as_of)))
    return tuple(numbers)


def _observations(metric: Metric, reader: ObservationReader) -> list[Observation]:
    """All of a metric, under whichever of its keys, in order of time."""
    rows = [row for key in (metric.key, *metric.also) for row in reader.observations(key)]
    return sorted((row for row in rows if _of_name(row, metric)), key=lambda row: (row.happened, row.entry))


def _of_name(row: Observation, metric: Metric) -> bool:
    return not metric.name or metric.name in tokens_of(row.name)


def _parts(asked: Asked, rows: Sequence[Observation]) -> list[str]:
    """The parts to give a number for; counting counts a reading once, by its first part."""
    parts = list(dict.fromkeys(row.part for row in rows)) or [asked.metric.part]
    if asked.metric.part:
        return [asked.metric.part]
    function = asked.computation.function
    once = function in (Function.COUNT, Function.STREAK, Function.RATE) or asked.condition is not None
    return parts[:1] if once else parts


def _selected(
    asked: Asked, metric: Metric, rows: Sequence[Observation], selection: Selection, as_of: date
) -> _Rows:
    """The observations of a selection that meet the condition, in the unit most of them have."""
    within = [row for row in rows if selection.range is None or selection.range.contains(row.day)]
    if selection.first:
        within = within[: selection.first]
    if selection.last:
        within = within[-selection.last :]
    limit = asked.condition
    unit = _unit(within)
    met = [
        row
        for row in within
        if limit is None or (row.value is not None and row.unit == unit and limit.holds(row.value))
    ]
    days = tuple(row.day for row in within)
    bounds = selection.range
    if selection.first or selection.last:
        bounds = TimeRange(min(days), max(days)) if days else bounds
    used = statistics.looked_at(bounds, days, as_of)
    if asked.computation.function is Function.RATE and bounds is None and used and used.start:
        used = TimeRange(used.start, max(as_of, used.end or as_of))  # it goes on after the last one
    label = selection.label if asked.comparing else (limit.words if limit else "")
    # A reading counted once is of the whole metric, not of its first part.
    name = str(asked.metric if limit is None and _counts(asked) else metric)
    return _Rows(
        metric=name,
        all=tuple(met),
        rows=tuple(row for row in met if row.value is not None and row.unit == unit),
        unit=unit,
        range=used,
        among=len(within),
        days=days,
        label=label,
        why=_missing(name, rows, selection.range),
        usual=not selection.narrow,
    )


def _counts(asked: Asked) -> bool:
    return asked.computation.function in (Function.COUNT, Function.STREAK, Function.RATE)


def _unit(rows: Sequence[Observation]) -> str:
    units = Counter(row.unit for row in rows if row.value is not None)
    return units.most_common(1)[0][0] if units else ""


def _missing(metric: str, rows: Sequence[Observation], asked: TimeRange | None) -> str:
    """Why there is no number: nothing then, and the nearest observation when one day was asked for."""
    words = metric_words(metric)
    if asked is None or not rows:
        return f"Your notes have no {words} to compute this from."
    start, end = asked.start, asked.end
    when = f"on {_day(start)}" if start and start == end else "in that time"
    sentence = f"Not enough data: no {words} is noted {when}"
    if start and end:
        nearest = min(rows, key=lambda row: min(abs((row.day - start).days), abs((row.day - end).days)))
        sentence += f"; the nearest is of {_day(nearest.day)}"
    return f"{sentence}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _one(asked: Asked, found: _Rows) -> Number:
    """The number of one selection."""
    computation = asked.computation
    match computation.function:
        case Function.COUNT:
            return _count(asked, found)
        case Function.STREAK:
            return _streak(found)
        case Function.RATE:
            return _rate(found, computation.per, times=bool(computation.counted))
        case Function.CHANGE:
            return _change(found)
        case Function.FIRST | Function.LAST as function:
            return _at_the_end(found, function)
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


def _count(asked: Asked, found: _Rows) -> Number:
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


def _streak(found: _Rows) -> Number:
    days = [row.day for row in found.all]
    run = statistics.longest_streak(days)
    if run is None:
        value = 0.0 if found.among else None
        return found.number(Function.STREAK, value, unit="days", n=0, rows=(), left_out=0)
    rows = tuple(row for row in found.all if run[0] <= row.day <= run[1])
    length = (run[1] - run[0]).days + 1
    return found.number(
        Function.STREAK, float(length), unit="days", n=len(rows), rows=rows, range=TimeRange(*run),
        missing_days=0, left_out=0,
    )  # fmt: skip


def _rate(found: _Rows, per: str, *, times: bool) -> Number:
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


def _at_the_end(found: _Rows, function: Function) -> Number:
    """The first or the last observation, with or without a number."""
    rows = found.all[:1] if function is Function.FIRST else found.all[-1:]
    if not rows:
        return found.number(function, None, n=0)
    row = rows[0]
    return found.number(function, row.value, unit=row.unit, rows=rows, n=1, why=None, left_out=0)


def _change(found: _Rows) -> Number:
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
    caution = _TWO_ONLY if len(rows) == 2 else None
    return found.number(Function.CHANGE, statistics.difference(last, first), parts=ends, caution=caution)


def _only_one(found: _Rows) -> str:
    return f"Not enough data: {metric_words(found.metric)} is noted on one day only in that time."


def _difference(asked: Asked, sides: Sequence[_Rows]) -> Number:
    """The later side minus the earlier one."""
    early, late = sorted(sides, key=_place)
    firsts = [one.first == 1 for one in (asked.selections if early is sides[0] else asked.selections[::-1])]
    parts = tuple(_side(asked, side, first) for side, first in zip((early, late), firsts, strict=True))
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


def _side(asked: Asked, side: _Rows, first: bool) -> Number:
    """One side: a single observation of one day is itself, not a mean."""
    number = _one(asked, side)
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


def _place(side: _Rows) -> tuple[bool, date, date]:
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
