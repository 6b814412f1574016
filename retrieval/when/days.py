"""The part of the grammar that reads single days: dates, weekdays, holidays, yesterday, three days ago."""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.grammar import Rule, rule, year_named
from retrieval.when.holidays import HOLIDAY, HOLIDAY_HOLDS, find_holiday
from retrieval.when.periods import (
    Days,
    latest_date,
    month_around,
    nth_weekday,
    one,
    plus,
    plus_days,
    plus_months,
    week,
)
from retrieval.when.words import (
    DAY_NUMBER,
    MONTH,
    MONTH_HOLDS,
    NUMBER,
    ORDINALS,
    WEEKDAY,
    WEEKDAY_HOLDS,
    YEAR,
    day_number,
    month_number,
    number,
    weekday_number,
)

NAMED_YEAR = rf"(?:{YEAR}|last year|this year)"
_IN_YEAR = rf"(?:,? (?:of |in )?(?P<year>{NAMED_YEAR}))?"


def _iso(match: re.Match[str], _: date) -> Days:
    return one(date(int(match["year"]), int(match["month"]), int(match["day"])))


def _numeric(match: re.Match[str], _: date) -> Days:
    """Day first; month first only where that alone is a date."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    year += 2000 if year < 100 else 0
    if second > 12 >= first and match["mark"] == "/":
        first, second = second, first
    return one(date(year, second, first))


def _dated(day: str, month_name: str, year: str | None, as_of: date) -> date:
    named = year_named(year, as_of)
    if named is not None:
        return date(named, month_number(month_name), day_number(day))
    return latest_date(day_number(day), month_number(month_name), as_of)


def _date(match: re.Match[str], as_of: date) -> Days:
    """A date; a weekday in front of one without a year tells the year, the nearest in which it fits."""
    if match["of_week"] and match["year"] is None:
        weekday = weekday_number(match["of_week"])
        years = range(as_of.year + 1, as_of.year - 7, -1)
        days = (_date_if(day_number(match["day"]), month_number(match["month"]), year) for year in years)
        fitting = [day for day in days if day is not None and day.weekday() == weekday]
        if fitting:
            return one(min(fitting, key=lambda day: abs((day - as_of).days)))
    return one(_dated(match["day"], match["month"], match["year"], as_of))


def _date_if(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date_span(match: re.Match[str], as_of: date) -> Days:
    last = _dated(match["last"], match["month"], match["year"], as_of)
    return Days(last.replace(day=day_number(match["first"])), last)


def _day_of_month(match: re.Match[str], as_of: date) -> Days:
    """The latest such day of a month that is not in the future, or that of the month named."""
    day = day_number(match["day"])
    if match["which"]:
        return one(plus_months(as_of.replace(day=1), -1 if match["which"] == "last" else 0).replace(day=day))
    for back in range(13):
        try:
            found = plus_months(as_of.replace(day=1), -back).replace(day=day)
        except ValueError:
            continue
        if found <= as_of:
            return one(found)
    raise ValueError("no such day")


_OVER = re.compile(r"\b(?:at|over|during)(?: the)?(?: (?:last|this))? \Z")


def _holiday(match: re.Match[str], as_of: date) -> Days:
    holiday = find_holiday(match["name"])
    if match["name"] == "easter" and _OVER.search(match.string[: match.start()]):
        holiday = find_holiday("easter weekend")  # at Easter people are away from Friday to Monday
    year = year_named(match["year"], as_of)
    if year is None and match["which"] in ("this", "next"):
        year = as_of.year
        if match["which"] == "next" and holiday(year).start <= as_of:
            year += 1
    if year is not None:
        return holiday(year)
    this_year = holiday(as_of.year)
    return this_year if this_year.start <= as_of else holiday(as_of.year - 1)


def _nth_weekday(match: re.Match[str], as_of: date) -> Days:
    named = year_named(match["year"], as_of)
    if match["month"]:
        number_of_month = month_number(match["month"])
        year = named or month_year(number_of_month, as_of)
    else:
        whole = month_around(plus_months(as_of.replace(day=1), -1 if match["of"] == "last" else 0))
        year, number_of_month = whole.start.year, whole.start.month
    nth = -1 if match["nth"] == "last" else day_number(match["nth"])
    found = nth_weekday(year, number_of_month, weekday_number(match["weekday"]), nth)
    if found.month != number_of_month:
        raise ValueError("no such weekday in this month")
    return one(found)


def month_year(number_of_month: int, as_of: date) -> int:
    """Year of the latest such month that has begun."""
    return as_of.year if number_of_month <= as_of.month else as_of.year - 1


def _weekday(match: re.Match[str], as_of: date) -> Days:
    weekday = weekday_number(match["weekday"])
    which, of_week = match["which"], match["week"]
    if of_week or which in ("this", "next"):
        weeks = {"last": -1, "this": 0, "next": 1}[of_week.split()[0] if of_week else which]
        return one(plus_days(week(as_of).start, weekday + 7 * weeks))
    return one(plus_days(as_of, -((as_of.weekday() - weekday - 1) % 7 + 1)))


def _week_ago(match: re.Match[str], as_of: date) -> Days:
    """A week last Tuesday: a week before it."""
    last = plus_days(as_of, -((as_of.weekday() - weekday_number(match["weekday"]) - 1) % 7 + 1))
    return one(plus_days(last, -7))


def _ago(match: re.Match[str], as_of: date) -> Days:
    return one(plus(as_of, -number(match["count"]), match["unit"]))


def _offset(words: str, days: int) -> Rule:
    return rule(words, lambda _, as_of: one(plus_days(as_of, days)))


_WHICH_DAY = rf"(?:(?P<which>last|this|next|past|on) )?(?P<weekday>{WEEKDAY})(?P<week>(?!))?"
_DAY_OF = rf"(?:the )?(?P<day>{DAY_NUMBER})(?: day)?(?: of)?"
_OF_WEEK = rf"(?:(?P<of_week>{WEEKDAY}),? )?"
_NTH = rf"(?P<nth>{'|'.join(list(ORDINALS)[1:6])}|1st|2nd|3rd|4th|5th|last)"
_AFTER_A_DAY = (
    r"(?=\W*\Z|\W*[?.!,;:)]| (?:to|until|till|through|and|or|than|did|was|were|how|what|i|we|vs|versus)\b)"
)

BACK_HOLDS = ("ago", "back", "earlier", "before now")

WEEKDAY_OF_WEEK = rule(
    rf"(?P<which>(?!))?(?:on )?(?P<weekday>{WEEKDAY}),? (?:of )?(?P<week>(?:last|this|next) week)", _weekday
)

DAY_RULES: tuple[Rule, ...] = (
    rule(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})", _iso),
    rule(r"(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})[/.](?P<year>\d{4}|\d{2})", _numeric),
    WEEKDAY_OF_WEEK,
    _offset(r"(?:the )?(?:day|night|evening) before (?:yesterday|last)", -2),
    _offset(r"(?:the )?day after tomorrow", 2),
    rule(rf"the (?P<weekday>{WEEKDAY}) before last", _week_ago, WEEKDAY_HOLDS),
    rule(rf"(?:a|one) week (?:ago )?(?:last|past|on) (?P<weekday>{WEEKDAY})", _week_ago),
    rule(
        rf"(?P<first>{DAY_NUMBER}) ?(?:-|to|and|until|through|till) ?(?:the )?(?P<last>{DAY_NUMBER})"
        rf" (?:of )?(?P<month>{MONTH}){_IN_YEAR}",
        _date_span,
        MONTH_HOLDS,
    ),
    rule(
        rf"(?P<month>{MONTH}) (?:the )?(?P<first>{DAY_NUMBER}) ?(?:-|to|through|until|till|and) ?(?:the )?"
        rf"(?P<last>{DAY_NUMBER}){_IN_YEAR}",
        _date_span,
        MONTH_HOLDS,
    ),
    rule(rf"{_OF_WEEK}{_DAY_OF} (?P<month>{MONTH}){_IN_YEAR}", _date, MONTH_HOLDS),
    rule(rf"{_OF_WEEK}(?P<month>{MONTH}) (?:the )?(?P<day>{DAY_NUMBER}){_IN_YEAR}", _date, MONTH_HOLDS),
    rule(rf"(?:(?P<which>last|this|next) )?(?P<name>{HOLIDAY}){_IN_YEAR}", _holiday, HOLIDAY_HOLDS),
    rule(
        r"the (?P<day>\d{1,2}(?:st|nd|rd|th)) (?:of )?(?P<which>last|this) month",
        _day_of_month,
    ),
    rule(
        r"(?P<lead>(?:on|since|until|till|from|before|after|to|and|by|of) )the (?P<which>(?!))?"
        rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)){_AFTER_A_DAY}",
        _day_of_month,
    ),
    rule(
        rf"(?:the )?{_NTH} (?P<weekday>{WEEKDAY}) (?:of|in)"
        rf" (?:(?P<month>{MONTH}){_IN_YEAR}|(?P<of>last|this) month)",
        _nth_weekday,
        WEEKDAY_HOLDS,
    ),
    rule(
        rf"(?P<count>{NUMBER}) (?P<unit>day|night)s? (?:ago|back|earlier|before now)",
        _ago,
        BACK_HOLDS,
    ),
    rule(
        rf"(?P<count>{NUMBER}) (?P<unit>week|month|year)s? ago (?:today|to the day)",
        _ago,
        BACK_HOLDS,
    ),
)

# "The Saturday before Easter" is told by Easter, "on Saturday after work" by the calendar; \0 hides an event.
_BESIDE_ANOTHER = (
    rf"(?<=the ){WEEKDAY} (?:(?:just |right )?(?:before|after|following|preceding|prior to) \w|\0)"
    rf"|{WEEKDAY} (?:before|after|following) {HOLIDAY}"
)

NEAR_RULES: tuple[Rule, ...] = (
    # "sun", "sat", "mon" and "wed" alone are other words too often.
    rule(
        rf"(?!{_BESIDE_ANOTHER})"
        r"(?=(?:last|this|next|past|on) |(?!sun\b|sat\b|mon\b|wed\b)\w)"
        rf"{_WHICH_DAY}",
        _weekday,
        WEEKDAY_HOLDS,
    ),
    _offset(r"yesterday|last night|last evening", -1),
    _offset(r"today|this (?:morning|afternoon|evening)|tonight|right now", 0),
    _offset(r"tomorrow", 1),
)
