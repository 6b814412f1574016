"""Calendar arithmetic: days, weeks, months, quarters, seasons and years as pairs of days, both included.

Functions raise ValueError or OverflowError outside the years 1 to 9999; the grammar takes that for "no time".
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import NamedTuple

from retrieval.when.words import SEASONS


class Days(NamedTuple):
    """From `start` to `end`, both included."""

    start: date
    end: date


def one(day: date) -> Days:
    """A single day."""
    return Days(day, day)


def plus_days(day: date, count: int) -> date:
    """`count` days later; earlier when negative."""
    return day + timedelta(days=count)


def plus_months(day: date, count: int) -> date:
    """The same day `count` months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plus(day: date, count: int, unit: str) -> date:
    """`count` units of day, week, fortnight, month, year or decade later."""
    match unit:
        case "day" | "night":
            return plus_days(day, count)
        case "week" | "weekend":
            return plus_days(day, 7 * count)
        case "fortnight":
            return plus_days(day, 14 * count)
        case "month":
            return plus_months(day, count)
        case "year":
            return plus_months(day, 12 * count)
        case _:
            return plus_months(day, 120 * count)


def week(day: date) -> Days:
    """Monday to Sunday around a day."""
    monday = plus_days(day, -day.weekday())
    return Days(monday, plus_days(monday, 6))


def weekend(day: date) -> Days:
    """Saturday and Sunday of the week around a day."""
    return Days(plus_days(week(day).start, 5), week(day).end)


def month(year: int, number: int) -> Days:
    """A whole month."""
    return Days(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def month_around(day: date) -> Days:
    """The month a day lies in."""
    return month(day.year, day.month)


def latest_month(number: int, as_of: date) -> Days:
    """The latest month of this number that has begun."""
    return month(as_of.year if number <= as_of.month else as_of.year - 1, number)


def quarter(year: int, number: int) -> Days:
    """Quarter 1 to 4 of a year."""
    return Days(date(year, 3 * number - 2, 1), month(year, 3 * number).end)


def half(year: int, number: int) -> Days:
    """First or second half of a year."""
    return Days(date(year, 6 * number - 5, 1), month(year, 6 * number).end)


def year(number: int) -> Days:
    """A whole year."""
    return Days(date(number, 1, 1), date(number, 12, 31))


def decade(first: int) -> Days:
    """Ten years from `first`."""
    return Days(date(first, 1, 1), date(first + 9, 12, 31))


def season(number: int, name: str) -> Days:
    """The season that begins in this year; winter ends in the next."""
    start = date(number, SEASONS[name], 1)
    return Days(start, plus_days(plus_months(start, 3), -1))


def latest_season(name: str, as_of: date, *, ended: bool) -> Days:
    """The latest season of this name that has begun, or that has `ended`."""
    candidates = [season(as_of.year - back, name) for back in range(3)]
    return next(days for days in candidates if (days.end < as_of if ended else days.start <= as_of))


def century(number: int) -> Days:
    """The century of this number: the 19th is 1801 to 1900."""
    return Days(date(100 * number - 99, 1, 1), date(100 * number, 12, 31))


def third(whole: Days, which: int) -> Days:
    """The early (0), middle (1) or late (2) part of a time: whole months of a season or longer, else days.

    A month is cut after its 10th and 20th day; a week into Monday and Tuesday, to Thursday, and the rest.
    """
    length = (whole.end - whole.start).days + 1
    if length > 62:
        months = (whole.end.year - whole.start.year) * 12 + whole.end.month - whole.start.month + 1
        first = plus_months(whole.start, months * which // 3)
        return Days(first, plus_days(plus_months(whole.start, months * (which + 1) // 3), -1))
    step = 10 if length >= 28 else max(length // 3, 1)
    first = plus_days(whole.start, step * which)
    return Days(first, whole.end if which == 2 else plus_days(first, step - 1))


def nth_weekday(year: int, number: int, weekday: int, nth: int) -> date:
    """The nth weekday of a month; -1 is the last."""
    whole = month(year, number)
    if nth < 0:
        return plus_days(whole.end, -((whole.end.weekday() - weekday) % 7))
    first = plus_days(whole.start, (weekday - whole.start.weekday()) % 7)
    return plus_days(first, 7 * (nth - 1))


def latest_date(day: int, number: int, as_of: date) -> date:
    """The latest such day of the year that is not in the future; 29 February only in leap years."""
    for back in range(9):
        try:
            found = date(as_of.year - back, number, day)
        except ValueError:
            continue
        if found <= as_of:
            return found
    raise ValueError("no such day")


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    rest_leaps, rest_years = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * rest_leaps - moon - rest_years) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    number, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, number, day + 1)
