"""What observations say as numbers: pure arithmetic over values and days.

Rules:
- exact: sums and means are computed with fractions (a mean of 69.8 and 70.2 is 70, not 70.00000000000001) and
  turned into a float once; rounding is for whoever shows a number;
- a day is a local day; what is missing is counted in days of the range that have no observation;
- a change is the last value minus the first, a difference the later part minus the earlier one;
- no value without an observation: the functions take at least one and say so.

No confidence intervals: a person's days hang together (a bad night follows a bad day), so that the textbook
interval for independent draws would claim more than a diary can show. What is given instead is n, the days
without an observation, and a caution when a side of a comparison has fewer than LEAST_DAYS days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from diary.model.time_range import TimeRange

LEAST_DAYS = 3
"""Days that each side of a comparison needs before its difference may be read as an effect (DESIGN, 6)."""

_DAY = timedelta(days=1)
DAYS_OF = {"day": Fraction(1), "week": Fraction(7), "month": Fraction(1461, 48), "year": Fraction(1461, 4)}
"""Days of a unit of a rate: of the Julian calendar's mean month and year."""


def exact(value: float) -> Fraction:
    """The decimal number that was written: 69.8 is 349/5, not the nearest binary fraction."""
    return Fraction(repr(float(value)))


def total(values: Sequence[float]) -> float:
    """Sum."""
    return float(sum((exact(value) for value in values), Fraction(0)))


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean of at least one value."""
    return float(_mean(values))


def _mean(values: Sequence[float]) -> Fraction:
    return sum((exact(value) for value in values), Fraction(0)) / len(values)


def median(values: Sequence[float]) -> float:
    """The middle value of at least one; of an even number, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else mean(ordered[middle - 1 : middle + 1])


def difference(later: float, earlier: float) -> float:
    """Later minus earlier."""
    return float(exact(later) - exact(earlier))


def difference_of_means(later: Sequence[float], earlier: Sequence[float]) -> float:
    """Mean of the later values minus mean of the earlier, without rounding between."""
    return float(_mean(later) - _mean(earlier))


def rate(amount: float, days: int, unit: str) -> float:
    """An amount over a number of days, as so much for each `unit` ("day", "week", "month", "year")."""
    return float(exact(amount) * DAYS_OF[unit] / days)


def longest_streak(days: Iterable[date]) -> tuple[date, date] | None:
    """First and last day of the longest run of consecutive days; the latest of equally long ones."""
    best: tuple[date, date] | None = None
    for run in _runs(days):
        if best is None or run[1] - run[0] >= best[1] - best[0]:
            best = run
    return best


def latest_streak(days: Iterable[date]) -> tuple[date, date] | None:
    """First and last day of the latest run of consecutive days, whether it is over or not."""
    runs = _runs(days)
    return runs[-1] if runs else None


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][1] == _DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def looked_at(asked: TimeRange | None, days: Collection[date], today: date) -> TimeRange | None:
    """The days that were looked at: open sides end at the first and last day that has an observation.

    Days after today are not missing, they have not come: a range ends today, unless it lies wholly ahead or
    an observation is later.
    """
    start = asked.start if asked else None
    end = asked.end if asked else None
    first, last = start or min(days, default=None), end or max(days, default=None)
    if first is None or last is None or first > last:
        return asked
    latest = max((today, *days))
    if end is not None and first <= latest:
        last = min(last, latest)
    return TimeRange(first, last, asked.phrase if asked else "")


def missing_days(used: TimeRange | None, days: Collection[date]) -> int:
    """Days of the range without an observation; 0 where the range is open."""
    if used is None or used.start is None or used.end is None:
        return 0
    return (used.end - used.start).days + 1 - len({day for day in days if used.contains(day)})
