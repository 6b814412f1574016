"""The rules by which `retrieval.statements.ahead` reads days to come: one table, most specific first; pure.

English stands here, the plain forms of German, Spanish and French in `elsewhere`. Where two rules read the
same characters, the first counts. A reading that leaves the calendar is no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from retrieval.statements.elsewhere import ELSEWHERE_RULES
from retrieval.when.holidays import HOLIDAY, find_holiday
from retrieval.when.periods import (
    Days,
    month,
    month_around,
    one,
    plus,
    plus_days,
    plus_months,
    season,
    week,
    weekend,
    year,
)
from retrieval.when.words import (
    DAY_NUMBER,
    MONTH,
    NUMBER,
    SEASON,
    WEEKDAY,
    YEAR,
    day_number,
    month_number,
    number,
    weekday_number,
)

Read = Callable[[re.Match[str], date], Days | None]
AheadRule = tuple[re.Pattern[str], Read, bool]
"""A pattern, what it means seen from the day of the note, and whether it can only mean the future."""


def ahead_rule(pattern: str, read: Read, *, sure: bool = False) -> AheadRule:
    """A rule whose pattern must not begin or end inside a word, a number or a date."""
    return re.compile(rf"(?<![\w.,/:-]){pattern}(?!\w|[.,:]\d)"), read, sure


def _next_date(day: int, number_of_month: int, written: date) -> date:
    """The next such day of the year; 29 February only in leap years."""
    for later in range(9):
        try:
            found = date(written.year + later, number_of_month, day)
        except ValueError:
            continue
        if found >= written:
            return found
    raise ValueError("no such day")


def _iso(found: re.Match[str], written: date) -> Days:
    return one(date(int(found["year"]), int(found["month"]), int(found["day"])))


def _numeric(found: re.Match[str], written: date) -> Days:
    """Day first, as in `retrieval.when`."""
    day, number_of_month = int(found["day"]), int(found["month"])
    if not found["year"]:
        return one(_next_date(day, number_of_month, written))
    named = int(found["year"])
    return one(date(named + 2000 if named < 100 else named, number_of_month, day))


def _dated(found: re.Match[str], written: date) -> Days:
    day, number_of_month = day_number(found["day"]), month_number(found["month"])
    if found["year"]:
        return one(date(int(found["year"]), number_of_month, day))
    return one(_next_date(day, number_of_month, written))


def _date_span(found: re.Match[str], written: date) -> Days:
    last = _dated(found, written).end
    return Days(last.replace(day=day_number(found["from"])), last)


def _day_of_month(found: re.Match[str], written: date) -> Days:
    day = day_number(found["day"])
    for later in range(3):
        try:
            candidate = plus_months(written.replace(day=1), later).replace(day=day)
        except ValueError:
            continue
        if candidate > written:
            return one(candidate)
    raise ValueError("no such day")


def _weekday(found: re.Match[str], written: date) -> Days:
    wanted = weekday_number(found["weekday"])
    if found["which"]:
        return one(plus_days(week(written).start, 7 + wanted))
    coming = plus_days(written, (wanted - written.weekday() - 1) % 7 + 1)
    return one(coming)


def _week_on(found: re.Match[str], written: date) -> Days:
    """A week on Thursday, Thursday week, a fortnight on Friday."""
    weeks = {"week": 1, "fortnight": 2}[found["unit"]] * number(found["count"] or "1")
    if found["from"] == "today":
        return one(plus_days(written, 7 * weeks))
    if found["from"] == "tomorrow":
        return one(plus_days(written, 7 * weeks + 1))
    wanted = weekday_number(found["from"])
    return one(plus_days(written, (wanted - written.weekday() - 1) % 7 + 1 + 7 * weeks))


def _after_next(found: re.Match[str], written: date) -> Days:
    if found["unit"]:
        return week(plus_days(written, 14))
    return one(plus_days(week(written).start, 14 + weekday_number(found["weekday"])))


def _in_units(found: re.Match[str], written: date) -> Days:
    count, unit = number(found["count"]), found["unit"].rstrip("s'")
    reached = plus(written, count, unit)
    if unit == "day" or found["count"] in ("a", "one", "an"):
        return one(reached) if unit in ("day", "week", "fortnight") else month_around(reached)
    if unit in ("week", "fortnight"):
        return week(reached)
    return month_around(reached) if unit == "month" else year(reached.year)


def _named_unit(found: re.Match[str], written: date) -> Days:
    shift, unit = (1 if found["which"] == "next" else 0), found["unit"]
    match unit:
        case "week":
            return week(plus_days(written, 7 * shift))
        case "weekend":
            return weekend(plus_days(written, 7 * shift))
        case "month":
            return month_around(plus_months(written.replace(day=1), shift))
        case _:
            return year(written.year + shift)


def _part_of(found: re.Match[str], written: date) -> Days:
    """The beginning, middle or end of a month or year: its thirds, or its last week."""
    if found["unit"]:
        whole = _named_unit(found, written)
    else:
        whole = _month_days(month_number(found["month"]), found["year"], written)
    if found["part"].startswith(("end", "late")):
        return Days(plus_days(whole.end, -6), whole.end)
    length = (whole.end - whole.start).days + 1
    third = 1 if found["part"].startswith("mid") else 0
    start = plus_days(whole.start, length * third // 3)
    return Days(start, plus_days(whole.start, length * (third + 1) // 3 - 1))


def _month_days(number_of_month: int, year_word: str | None, written: date) -> Days:
    if year_word:
        return month(int(year_word), number_of_month)
    return month(written.year + (number_of_month < written.month), number_of_month)


def _month(found: re.Match[str], written: date) -> Days:
    return _month_days(month_number(found["month"]), found["year"], written)


def _holiday(found: re.Match[str], written: date) -> Days:
    holiday = find_holiday(found["name"])
    if found["year"]:
        return holiday(int(found["year"]))
    this_year = holiday(written.year)
    return this_year if this_year.end >= written else holiday(written.year + 1)


def _season(found: re.Match[str], written: date) -> Days:
    name = found["name"]
    if found["year"]:
        return season(int(found["year"]), name)
    candidates = (season(written.year + later, name) for later in (-1, 0, 1))
    return next(days for days in candidates if days.end >= written)


def _days_later(count: int) -> Read:
    return lambda _, written: one(plus_days(written, count))


_YEAR = rf"(?:,? (?P<year>{YEAR}))?"
DAY_RULES_AHEAD: tuple[AheadRule, ...] = (
    ahead_rule(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", _iso),
    ahead_rule(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4}|\d{2})", _numeric),
    ahead_rule(
        r"(?:on|by|until|till|am|bis|el|le) (?P<day>\d{1,2})[/.](?P<month>\d{1,2})\.?(?P<year>(?!))?",
        _numeric,
    ),
    ahead_rule(
        rf"(?:the )?(?P<from>{DAY_NUMBER}) ?(?:-|to|until|till|and) ?(?:the )?(?:{WEEKDAY} "
        rf")?(?P<day>{DAY_NUMBER})(?: of)? (?P<month>{MONTH}){_YEAR}",
        _date_span,
    ),
    ahead_rule(rf"(?:the )?(?P<day>{DAY_NUMBER})(?: of)? (?P<month>{MONTH}){_YEAR}", _dated),
    ahead_rule(rf"(?P<month>{MONTH}) (?:the )?(?P<day>{DAY_NUMBER}){_YEAR}", _dated),
    ahead_rule(
        rf"(?:(?P<count>{NUMBER}) )?(?P<unit>week|fortnight)s? (?:on |from |from this |from next )?"
        rf"(?P<from>{WEEKDAY}|today|tomorrow)",
        _week_on,
        sure=True,
    ),
    ahead_rule(
        rf"(?P<from>{WEEKDAY}|today|tomorrow) (?P<count>(?!))?(?P<unit>week|fortnight)(?! (?:ago|before"
        rf"|last))",
        _week_on,
        sure=True,
    ),
    ahead_rule(rf"(?:the )?(?:(?P<unit>week)|(?P<weekday>{WEEKDAY})) after next", _after_next, sure=True),
    ahead_rule(r"(?:the )?day after tomorrow", _days_later(2), sure=True),
    ahead_rule(r"tomorrow(?: (?:morning|afternoon|evening|night))?", _days_later(1), sure=True),
    ahead_rule(r"tonight|later today|this (?:afternoon|evening)", _days_later(0), sure=True),
    ahead_rule(
        rf"(?<!time )(?:in|within) (?:the next |about |around |another )?(?P<count>{NUMBER}) "
        r"(?P<unit>days?|weeks?|fortnights?|months?|years?)(?:'?s?'? time)?",
        _in_units,
        sure=True,
    ),
    ahead_rule(
        rf"(?P<count>{NUMBER}) (?P<unit>days?|weeks?|fortnights?|months?|years?)(?:'? time| from now)",
        _in_units,
        sure=True,
    ),
    ahead_rule(
        r"(?:the |at the |by the )?(?P<part>end|beginning|start|middle|mid|late|early)[ -](?:of )?(?:the )?"
        rf"(?:(?P<which>this |next |the )?(?P<unit>month|year|week)|(?P<month>{MONTH}){_YEAR})",
        _part_of,
    ),
    ahead_rule(rf"(?P<which>next) (?P<weekday>{WEEKDAY})", _weekday, sure=True),
    ahead_rule(
        rf"(?P<which>(?!))?(?:(?:this|on|by|for) )?(?P<weekday>{WEEKDAY})(?! (?:night )?last\b)", _weekday
    ),
    ahead_rule(r"(?P<which>next) (?P<unit>week|weekend|month|year)", _named_unit, sure=True),
    ahead_rule(r"(?:later )?(?P<which>this) (?P<unit>weekend|week|month|year)", _named_unit),
    ahead_rule(r"(?P<which>at|for|by|on) the (?P<unit>weekend)", _named_unit),
    ahead_rule(
        rf"(?:at|by|before|for|on|over|until|till|after|next|this) (?:the )?(?P<name>{HOLIDAY}){_YEAR}",
        _holiday,
    ),
    ahead_rule(rf"(?:in|by|until|till|for|from|to|before|next|this) (?P<month>{MONTH}){_YEAR}", _month),
    ahead_rule(rf"(?P<month>{MONTH}) (?P<year>{YEAR})", _month),
    ahead_rule(rf"(?:in|by|until|till|for|before|this|next) (?:the )?(?P<name>{SEASON}){_YEAR}", _season),
    ahead_rule(rf"(?:in|by|until|till|before) (?P<year>{YEAR})", lambda found, _: year(int(found["year"]))),
    ahead_rule(
        r"(?:on |by |until |till |for |before |to )the (?P<day>\d{1,2}(?:st|nd|rd|th))", _day_of_month
    ),
    ahead_rule(r"the (?P<day>\d{1,2}(?:st|nd|rd|th))(?=[,.;:!?)]|\Z| at | in the | with )", _day_of_month),
    *(ahead_rule(pattern, read, sure=sure) for pattern, read, sure in ELSEWHERE_RULES),
)
