"""The period of a review, and the one before and after it; pure.

Rules: a week is seven days, of which the last week's end today: on a Monday a calendar week would be empty;
months and years are those of the calendar, up to today; any other days move by their own number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from diary.model.time_range import TimeRange


class Unit(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """Days to look back on; both ends are given."""

    unit: Unit
    start: date
    end: date

    @property
    def range(self) -> TimeRange:
        """As a range."""
        return TimeRange(self.start, self.end)

    def words(self, today: date) -> str:
        """What kind of days these are: `7 days`, `November 2026, so far`."""
        so_far = ", so far" if self.end == today else ""
        match self.unit:
            case Unit.MONTH:
                return f"{self.start:%B %Y}{so_far}"
            case Unit.YEAR:
                return f"{self.start.year}{so_far}"
            case _:
                days = (self.end - self.start).days + 1
                return "1 day" if days == 1 else f"{days:,} days"


def up_to(today: date, unit: Unit) -> Period:
    """The week, month or year up to today."""
    if unit is Unit.MONTH:
        return Period(unit, today.replace(day=1), today)
    if unit is Unit.YEAR:
        return Period(unit, today.replace(month=1, day=1), today)
    return Period(Unit.WEEK, today - timedelta(days=6), today)


def of_range(chosen: TimeRange, today: date) -> Period | None:
    """Days that were chosen; an open end is today; None when it has no beginning or lies ahead."""
    if chosen.start is None or chosen.start > today:
        return None
    return Period(Unit.DAYS, chosen.start, min(chosen.end or today, today))


def earlier(period: Period) -> Period | None:
    """The period just before; None before the calendar begins."""
    try:
        last = period.start - timedelta(days=1)
        if period.unit in (Unit.MONTH, Unit.YEAR):
            return Period(period.unit, up_to(last, period.unit).start, last)
        return Period(period.unit, period.start - (period.end - period.start) - timedelta(days=1), last)
    except OverflowError:
        return None


def later(period: Period, today: date) -> Period | None:
    """The period just after, up to today; None when that lies ahead."""
    first = _next_start(period)
    if first > today:
        return None
    if period.unit in (Unit.MONTH, Unit.YEAR):
        last = _next_start(Period(period.unit, first, first)) - timedelta(days=1)
    else:
        last = first + (period.end - period.start)
    return Period(period.unit, first, min(last, today))


def _next_start(period: Period) -> date:
    if period.unit is Unit.MONTH:
        return (period.start.replace(day=1) + timedelta(days=32)).replace(day=1)
    if period.unit is Unit.YEAR:
        return date(period.start.year + 1, 1, 1)
    return period.end + timedelta(days=1)
