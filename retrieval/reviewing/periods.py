""" "week", "last month", "May 2024", "2024" → the days to review, and the days to compare them with; pure.

Rules: `week`, `month` and `year` alone are the seven days, the month and the year up to and with today: a
review is made at any time, and on a Monday "this week" would be empty; whatever `retrieval.when` reads is
taken; an end that is open or lies ahead is today.
"""

from __future__ import annotations

import re
from datetime import date

from diary.errors import TimeNotUnderstood
from diary.model.time_range import TimeRange
from retrieval.when import parse_range
from retrieval.when.periods import Days, month, month_around, plus_days, plus_months, year

_UNITS = {
    "week": ("week", "woche", "semana", "semaine"),
    "month": ("month", "monat", "mes", "mois"),
    "year": ("year", "jahr", "año", "an", "année"),
}
_ISO = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>0[1-9]|1[0-2]))?")


def period(words: str, as_of: date) -> TimeRange:
    """The days that words name.

    :raises diary.errors.TimeNotUnderstood: when they name none.
    """
    asked = " ".join(words.lower().split())
    for unit, names in _UNITS.items():
        if asked in names or asked.removeprefix("the ") in names:
            back = {
                "week": plus_days(as_of, -7),
                "month": plus_months(as_of, -1),
                "year": plus_months(as_of, -12),
            }
            return TimeRange(plus_days(back[unit], 1), as_of, words)
    iso = _ISO.fullmatch(asked)
    if iso:
        named = int(iso["year"])
        days = month(named, int(iso["month"])) if iso["month"] else year(named)
        return _until_today(TimeRange(days.start, days.end, words), as_of)
    found = parse_range(words, as_of) or parse_range(f"in {words}", as_of)
    if found is None:
        raise TimeNotUnderstood(
            "That period was not understood, so nothing was looked up.",
            hint="Try week, month, year, “last month”, “May 2024”, 2024 or “2024-05-01 to 2024-05-14”.",
        )
    return _until_today(found, as_of)


def _until_today(found: TimeRange, as_of: date) -> TimeRange:
    if found.end is not None and found.end <= as_of:
        return found
    if found.start is not None and found.start > as_of:
        return found  # wholly ahead: there will be nothing, and the review says so
    return TimeRange(found.start, as_of, found.phrase)


def before(reviewed: TimeRange) -> TimeRange | None:
    """The period of the same length just before; a month before a month, a year before a year."""
    if reviewed.start is None or reviewed.end is None:
        return None
    days = Days(reviewed.start, reviewed.end)
    try:
        last = plus_days(days.start, -1)
        if days == month_around(days.start):
            return TimeRange(month_around(last).start, last)
        if days == year(days.start.year):
            return TimeRange(year(last.year).start, last)
        return TimeRange(plus_days(days.start, -((days.end - days.start).days + 1)), last)
    except (ValueError, OverflowError):
        return None
