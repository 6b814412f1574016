"""The part of the grammar that reads longer times: whole ones (`wholes`), their parts, windows."""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.days import BACK_HOLDS, NAMED_YEAR, month_year
from retrieval.when.grammar import Rule, first_found, rule, year_named
from retrieval.when.periods import (
    Days,
    century,
    half,
    latest_season,
    month_around,
    nth_weekday,
    one,
    plus,
    plus_days,
    plus_months,
    quarter,
    season,
    third,
    week,
    weekend,
    year,
)
from retrieval.when.wholes import (
    DECADE_RULE,
    MONTH_YEAR,
    NAMED_UNIT,
    SEASON_RULE,
    UNNAMED_DECADE,
    WHOLES,
    last_weekend,
    month_named,
)
from retrieval.when.words import (
    MONTH,
    NUMBER,
    ORDINALS,
    SEASON,
    UNIT,
    YEAR,
    number,
)

_IN_YEAR = rf"(?:,? (?:of |in )?(?P<year>{NAMED_YEAR}))?"
_THIS_MONTH = r"(?:the )?(?:last|this|past) month"
_ANY_MONTH = rf"(?P<month>{MONTH}|{_THIS_MONTH})"
_PLACES = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
    "last": -1,
    "final": -1,
}
_PLACE = rf"(?P<place>{'|'.join(_PLACES)})"
_EARLY = r"early|(?:the |at the )?(?:very )?(?:beginning|start) of"
_MIDDLE = r"mid|(?:the |in the )?middle of|halfway through"
_LATE = r"late|(?:the |at the |towards the |toward the )?(?:very )?end of"
_PART = rf"(?:(?P<early>{_EARLY})|(?P<middle>{_MIDDLE})|(?P<late>{_LATE}))"


def _part(match: re.Match[str], as_of: date) -> Days | None:
    """Early, mid and late: thirds of a week, a month, a season, a year or a decade."""
    which = 0 if match["early"] else 1 if match["middle"] else 2
    if match["whole"] in ("the year", "the month", "the week"):
        whole = {"the year": year(as_of.year), "the month": month_around(as_of), "the week": week(as_of)}[
            match["whole"]
        ]
        return third(whole, which)
    found = first_found(WHOLES, match["whole"], as_of)
    return third(found.days, which) if found else None


def _place_in_month(match: re.Match[str], as_of: date) -> Days:
    whole = month_named(match["month"], match["year"], as_of)
    place = _PLACES[match["place"]]
    if match["what"] == "weekend":
        saturday = nth_weekday(whole.start.year, whole.start.month, 5, place)
        return Days(saturday, plus_days(saturday, 1))
    if place < 0:
        return Days(plus_days(whole.end, -6), whole.end)
    return Days(
        plus_days(whole.start, 7 * (place - 1)), min(plus_days(whole.start, 7 * place - 1), whole.end)
    )


def _stretch(match: re.Match[str], as_of: date) -> Days:
    """The first two weeks, or the last three days, of a month or a year."""
    if match["month"]:
        whole = month_named(match["month"], match["year"], as_of)
    else:
        whole = year(year_named(match["of"], as_of) or as_of.year)
    count = number(match["count"]) if match["count"] else 1
    if match["place"] in ("last", "final"):
        return Days(max(plus_days(plus(whole.end, -count, match["unit"]), 1), whole.start), whole.end)
    return Days(whole.start, min(plus_days(plus(whole.start, count, match["unit"]), -1), whole.end))


def _quarter(match: re.Match[str], as_of: date) -> Days | None:
    if match["place"] in ("last", "final") and match["year"] is None:
        return None  # the quarter before this one: a named unit
    which = int(match["digit"] or _PLACES[match["place"]])
    if which < 1:
        which = 4
    named = year_named(match["year"], as_of)
    return quarter(named or month_year(3 * which - 2, as_of), which)


def _half(match: re.Match[str], as_of: date) -> Days | None:
    which = 1 if match["place"] and match["place"].startswith("1") else int(match["digit"] or 0)
    which = which or (2 if _PLACES[match["place"]] == -1 else _PLACES[match["place"]])
    if which > 2:
        return None
    if match["month"]:
        whole = month_named(match["month"], match["year"], as_of)
        middle = whole.start.replace(day=15)
        return Days(whole.start, middle) if which == 1 else Days(plus_days(middle, 1), whole.end)
    if match["of"] in ("the year", None):
        return half(month_year(6 * which - 5, as_of) if match["of"] is None else as_of.year, which)
    return half(year_named(match["of"], as_of) or as_of.year, which)


def _window(match: re.Match[str], as_of: date) -> Days:
    count = number(match["count"] or "1")
    if match["unit"] == "hour":
        return Days(plus_days(as_of, -count // 24), as_of)
    return Days(plus(as_of, -count, match["unit"]), as_of)


def _ago(match: re.Match[str], as_of: date) -> Days:
    """The week, month, year or decade that lay so far back; a fortnight is two weeks."""
    count = 0.5 if match["count"].startswith("half") else number(match["count"])
    unit = match["unit"]
    if count == 0.5:
        return month_around(plus_months(as_of, -6)) if unit == "year" else one(plus_days(as_of, -15))
    back = plus(as_of.replace(day=1) if unit == "month" else as_of, -int(count), unit)
    match unit:
        case "week" | "fortnight":
            return week(back)
        case "weekend":
            return weekend(back)
        case "month":
            return month_around(back)
        case _:
            return year(back.year)


def _before_last(match: re.Match[str], as_of: date) -> Days:
    unit = match["unit"]
    if unit == "weekend":
        return weekend(plus_days(last_weekend(as_of).start, -7))
    if unit == "week":
        return week(plus_days(as_of, -14))
    if unit in ("summer", "winter", "autumn", "fall", "spring"):
        last = latest_season(unit, as_of, ended=True)
        return season(last.start.year - 1, unit)
    return month_around(plus_months(as_of.replace(day=1), -2)) if unit == "month" else year(as_of.year - 2)


def _this_time(_: re.Match[str], as_of: date) -> Days:
    """This time last year: a week to each side of the same day."""
    then = plus(as_of, -1, "year")
    return Days(plus_days(then, -7), plus_days(then, 7))


def _same_unit(match: re.Match[str], as_of: date) -> Days:
    """The same week, month, quarter, season or weekend of last year."""
    then = plus(as_of, -1, "year")
    match match["unit"]:
        case "week":
            return week(then)
        case "weekend":
            return weekend(then)
        case "quarter":
            return quarter(then.year, (then.month + 2) // 3)
        case "day":
            return one(then)
        case _:
            return month_around(then)


def _iso_week(match: re.Match[str], as_of: date) -> Days:
    """A week by its ISO number; the latest that has begun when no year is named."""
    named = year_named(match["year"], as_of)
    found = week(date.fromisocalendar(named or as_of.year, int(match["number"]), 1))
    if named is None and found.start > as_of:
        return week(date.fromisocalendar(as_of.year - 1, int(match["number"]), 1))
    return found


def _century(match: re.Match[str], _: date) -> Days:
    word = match["number"]
    return century(ORDINALS[word] if word in ORDINALS else int(re.sub(r"\D", "", word)))


SPAN_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?<!my )(?:the )?{_PART}[ -](?:the |in the |in )?(?P<whole>{MONTH},? (?:of )?{NAMED_YEAR}|{MONTH}"
        rf"|{_THIS_MONTH}"
        rf"|(?:last|this|previous) (?:week|year|quarter|decade|{SEASON})|(?:the )?year(?! \w*old)"
        rf"|the (?:month|week)|{SEASON}(?:,? (?:of )?{NAMED_YEAR})?|{UNNAMED_DECADE}|{YEAR})",
        _part,
        ("early", "beginning of", "start of", "mid", "halfway through", "late", "end of"),
    ),
    rule(
        rf"(?:the )?{_PLACE} (?P<what>week|weekend) (?:of|in) {_ANY_MONTH}{_IN_YEAR}",
        _place_in_month,
        ("week",),
    ),
    rule(
        rf"(?:the )?(?P<place>first|last|final) (?:(?P<count>{NUMBER}) )?(?P<unit>day|week|month)s? (?:of|in)"
        rf" (?:{_ANY_MONTH}{_IN_YEAR}|(?P<of>{NAMED_YEAR}|the year))",
        _stretch,
        ("day", "week", "month"),
    ),
    rule(
        rf"(?:q(?P<digit>[1-4])|(?:the )?{_PLACE} quarter){_IN_YEAR}",
        _quarter,
        ("q1", "q2", "q3", "q4", "quarter"),
    ),
    rule(
        rf"(?:h(?P<digit>[12])|(?:the )?{_PLACE} half) ?(?:of )?(?:{_ANY_MONTH}{_IN_YEAR}"
        rf"|(?P<of>the year|{NAMED_YEAR}))",
        _half,
        ("h1", "h2", "half"),
    ),
    rule(
        rf"(?:calendar |iso )?week (?:number |no\.? )?(?P<number>\d{{1,2}}){_IN_YEAR}"
        r"(?! (?:of|in|into|on|after|post|since)\b)",
        _iso_week,
        ("week",),
    ),
    rule(rf"(?:the )?(?P<unit>weekend|week|month|year|{SEASON}) before last", _before_last),
    SEASON_RULE,
    rule(
        rf"(?:the |my |these )?(?:last|past|previous|recent|most recent)"
        rf" (?P<count>{NUMBER}) (?P<unit>hour|{UNIT})s?",
        _window,
        ("hour", "day", "night", "week", "month", "year", "decade"),
    ),
    rule(r"(?:the )past (?P<count>(?!))?(?P<unit>day|week|month|year|fortnight|decade)", _window),
    rule(
        rf"(?P<count>half an?|{NUMBER}) (?P<unit>week|weekend|fortnight|month|year|decade)s?"
        r" (?:ago|back|earlier|before now)",
        _ago,
        BACK_HOLDS,
    ),
    MONTH_YEAR,
    rule(r"(?:at )?(?:around |about )?this time last year|a year ago now|this day last year", _this_time),
    rule(r"the same (?P<unit>day|week|weekend|month|quarter|period|time) last year", _same_unit),
    NAMED_UNIT,
    rule(
        r"(?P<which>(?:in )?recent) (?P<unit>day|week|month|year)s",
        lambda match, as_of: Days(
            plus(as_of, {"day": -7, "week": -4, "month": -3, "year": -3}[match["unit"]], match["unit"]), as_of
        ),
    ),
    rule(
        r"(?<!most )(?<!more )(?:recently|lately|of late)",
        lambda _, as_of: Days(plus_days(as_of, -30), as_of),
    ),
    rule(
        r"the other (?:day|night|evening|week)",
        lambda match, as_of: Days(plus_days(as_of, -14 if "week" in match[0] else -7), plus_days(as_of, -1)),
    ),
    DECADE_RULE,
    rule(
        rf"(?:the )?(?P<number>1\d(?:th)|20th|21st|{'|'.join(list(ORDINALS)[10:])}) century",
        _century,
        ("century",),
    ),
)
