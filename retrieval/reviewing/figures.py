"""Moods and numbers of a period: the mean of each metric with n, and its change against the period before;
pure.

Rules: what has a name (`med:: sertraline 50 mg`) is counted by name; a change is given when both periods
have at least three days with a value, and says otherwise that there is not enough data; the metrics of which
the period has most come first, and at most MOST are given. A change is no effect: a review says what the
numbers are, not why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from diary.model.number import Function, Number, metric_words
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval.ports import ObservationReader
from retrieval.statistics import LEAST_DAYS, difference_of_means, looked_at, mean, missing_days

MOST = 8
MOST_NAMES = 5


def figures(
    reader: ObservationReader, reviewed: TimeRange, before: TimeRange | None, as_of: date
) -> tuple[Number, ...]:
    """Means, each followed by its change; then counts of what has a name."""
    kept: list[tuple[int, tuple[Number, ...]]] = []
    for key in reader.keys():  # noqa: SIM118  a port's method, no dict's
        now = reader.observations(key, reviewed)
        if not now:
            continue
        earlier = reader.observations(key, before) if before is not None else []
        if any(row.name for row in now):
            kept.append((len(now), _counted(key, now, reviewed, as_of)))
            continue
        for part in dict.fromkeys(row.part for row in now):
            rows = _valued(now, part)
            if rows:
                metric = f"{key}.{part}" if part else key
                compared = _compared(metric, rows, _valued(earlier, part), reviewed, before, as_of)
                kept.append((len(rows), compared))
    kept.sort(key=lambda one: -one[0])
    return tuple(number for _, numbers in kept[:MOST] for number in numbers)


def _valued(rows: Sequence[Observation], part: str) -> list[Observation]:
    return [row for row in rows if row.part == part and row.value is not None]


def _values(rows: Sequence[Observation]) -> list[float]:
    return [row.value for row in rows if row.value is not None]


def _compared(
    metric: str,
    now: Sequence[Observation],
    earlier: Sequence[Observation],
    reviewed: TimeRange,
    before: TimeRange | None,
    as_of: date,
) -> tuple[Number, ...]:
    mean_now = replace(_mean(metric, now, reviewed, as_of), label="this period")
    same = [row for row in earlier if row.unit == mean_now.unit]
    if before is None or not same:
        return (mean_now,)
    mean_before = replace(_mean(metric, same, before, as_of), label="the period before")
    enough = min(_days(now), _days(same)) >= LEAST_DAYS
    change = Number(
        metric=metric,
        function=Function.DIFFERENCE,
        value=difference_of_means(_values(now), _values(same)) if enough else None,
        unit=mean_now.unit,
        n=len(now) + len(same),
        missing_days=mean_now.missing_days + mean_before.missing_days,
        range=TimeRange(before.start, reviewed.end),
        rows=(*same, *now),
        why=None if enough else _too_little(metric),
        parts=(mean_before, mean_now) if enough else (),
    )
    return mean_now, change


def _too_little(metric: str) -> str:
    return (
        f"Not enough data for a change of {metric_words(metric)}: "
        f"it needs {LEAST_DAYS} days with a value in this period and in the one before."
    )


def _mean(metric: str, rows: Sequence[Observation], used: TimeRange, as_of: date) -> Number:
    days = [row.day for row in rows]
    return Number(
        metric=metric,
        function=Function.MEAN,
        value=mean(_values(rows)),
        unit=rows[-1].unit,
        n=len(rows),
        missing_days=missing_days(looked_at(used, days, as_of), days),
        range=used,
        rows=tuple(rows),
    )


def _days(rows: Sequence[Observation]) -> int:
    return len({row.day for row in rows})


def _counted(key: str, rows: Sequence[Observation], used: TimeRange, as_of: date) -> tuple[Number, ...]:
    """How often each name stands, the most frequent first."""
    by_name: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        by_name[row.name].append(row)
    names = sorted(by_name, key=lambda name: (-len(by_name[name]), name))[:MOST_NAMES]
    return tuple(
        Number(
            metric=f"{key}.{name}" if name else key,
            function=Function.COUNT,
            value=float(len(by_name[name])),
            unit="",
            n=len(by_name[name]),
            missing_days=missing_days(looked_at(used, [], as_of), [row.day for row in by_name[name]]),
            range=used,
            rows=tuple(by_name[name]),
        )
        for name in names
    )
