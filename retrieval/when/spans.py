"""The part of the grammar that reads longer times: weeks, months, seasons, years, their parts, windows."""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.days import NAMED_YEAR, month_year
from retrieval.when.grammar import Rule, rule, year_named
from retrieval.when.periods import (
    Days,
    decade,
    half,
    latest_month,
    latest_season,
    month,
    month_around,
    nth_weekday,
    one,
    plus,
    plus_days,
    plus_months,
    quarter,
    season,
    week,
    weekend,
    year,
)
from retrieval.when.words import MONTH, NUMBER, SEASON, UNIT, YEAR, month_number, number

_IN_YEAR = rf"(?:,? (?:of |in )?(?P<year>{NAMED_YEAR}))?"
_ANY_MONTH = rf"(?P<month>{MONTH}|(?:the )?(?:last|this|past) month)"
_SHIFTS = {"last": -1, "previous": -1, "past": -1, "the other": -1, "this": 0, "the current": 0, "next": 1}
_PLACES = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": -1,
}
_PLACE = rf"(?P<place>{'|'.join(_PLACES)})"


def _month(name: str, year_word: str | None, as_of: date) -> Days:
    if name.endswith("month"):
        return month_around(plus_months(as_of.replace(day=1), 0 if "this" in name else -1))
    named = year_named(year_word, as_of)
    return month(named or month_year(month_number(name), as_of), month_number(name))


def _part(match: re.Match[str], as_of: date) -> Days | None:
    """Early, mid and late: thirds of a month or of a year."""
    part, month_word, year_word = match["part"], match["month"], match["year"]
    third = 2 if part in ("late", "end of", "the end of") else 1 if part.startswith(("mid", "the mid")) else 0
    if month_word:
        whole = _month(month_word, year_word, as_of)
        start = plus_days(whole.start, 10 * third)
        return Days(start, whole.end if third == 2 else plus_days(start, 9))
    named = year_named(year_word, as_of)
    if named is None:
        return None
    return Days(date(named, 4 * third + 1, 1), month(named, 4 * third + 4).end)


def _place_in_month(match: re.Match[str], as_of: date) -> Days:
    whole = _month(match["month"], match["year"], as_of)
    place = _PLACES[match["place"]]
    if match["what"] == "weekend":
        saturday = nth_weekday(whole.start.year, whole.start.month, 5, place)
        return Days(saturday, plus_days(saturday, 1))
    if place < 0:
        return Days(plus_days(whole.end, -6), whole.end)
    return Days(
        plus_days(whole.start, 7 * (place - 1)), min(plus_days(whole.start, 7 * place - 1), whole.end)
    )


def _quarter(match: re.Match[str], as_of: date) -> Days | None:
    if match["place"] == "last" and match["year"] is None:
        return None  # the quarter before this one: a named unit
    which = int(match["digit"] or _PLACES[match["place"]])
    if which < 1:
        which = 4
    named = year_named(match["year"], as_of)
    return quarter(named or month_year(3 * which - 2, as_of), which)


def _half(match: re.Match[str], as_of: date) -> Days:
    which = int(match["digit"] or _PLACES[match["place"]])
    if match["month"]:
        whole = _month(match["month"], match["year"], as_of)
        middle = whole.start.replace(day=15)
        return Days(whole.start, middle) if which == 1 else Days(plus_days(middle, 1), whole.end)
    return half(year_named(match["year"], as_of) or month_year(6 * which - 5, as_of), which)


def _season(match: re.Match[str], as_of: date) -> Days | None:
    name, which, named = match["name"], match["which"], year_named(match["year"], as_of)
    if named is not None:
        return season(named, name)
    article = (match["article"] or "").split()
    if which is None and name == "fall" and (not article or article[0] in ("the", "of", "from", "since")):
        return None  # somebody fell
    if which is None and name == "spring" and not article:
        return None
    return latest_season(name, as_of, ended=which in ("last", "previous"))


def _window(match: re.Match[str], as_of: date) -> Days:
    return Days(plus(as_of, -number(match["count"] or "1"), match["unit"]), as_of)


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
        case "month":
            return month_around(back)
        case _:
            return year(back.year)


def _before_last(match: re.Match[str], as_of: date) -> Days:
    unit = match["unit"]
    if unit == "weekend":
        return weekend(plus_days(_last_weekend(as_of).start, -7))
    if unit == "week":
        return week(plus_days(as_of, -14))
    return month_around(plus_months(as_of.replace(day=1), -2)) if unit == "month" else year(as_of.year - 2)


def _last_weekend(as_of: date) -> Days:
    this = weekend(as_of)
    return this if this.end < as_of else weekend(plus_days(as_of, -7))


def _named_unit(match: re.Match[str], as_of: date) -> Days:
    shift, unit = _SHIFTS[match["which"]], match["unit"]
    match unit:
        case "week":
            return week(plus_days(as_of, 7 * shift))
        case "weekend":
            return _last_weekend(as_of) if shift < 0 else weekend(plus_days(as_of, 7 * shift))
        case "month":
            return month_around(plus_months(as_of.replace(day=1), shift))
        case "quarter":
            first = plus_months(date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1), 3 * shift)
            return quarter(first.year, (first.month + 2) // 3)
        case "decade":
            return decade(as_of.year - as_of.year % 10 + 10 * shift)
        case "fortnight":
            return Days(plus_days(as_of, -14), as_of) if shift < 0 else Days(as_of, plus_days(as_of, 14))
        case _:
            return year(as_of.year + shift)


def _month_alone(match: re.Match[str], as_of: date) -> Days:
    found = latest_month(month_number(match["month"]), as_of)
    if match["which"] == "last" and found.end >= as_of:
        return month(found.start.year - 1, found.start.month)
    if match["which"] == "next":
        return found if found.start > as_of else month(found.start.year + 1, found.start.month)
    return found


def _iso_week(match: re.Match[str], as_of: date) -> Days:
    return week(date.fromisocalendar(year_named(match["year"], as_of) or as_of.year, int(match["number"]), 1))


# "may", "mar" and "sun" mean other things unless a word before them says that they are times.
_MONTH_AFTER = (
    r"last|this|next|past|in|during|since|through|throughout|of|by|until|till|before|after|from|between|for|around"
    r"|all|compare|im|seit|letzten"
)

SPAN_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?P<part>early|(?:the )?beginning of|(?:the )?start of|mid|(?:the )?middle of|late"
        rf"|(?:the )?end of)[ -](?:the )?(?:in )?{_ANY_MONTH}{_IN_YEAR}",
        _part,
    ),
    rule(
        rf"(?P<month>(?!))?(?P<part>early|(?:the )?beginning of|(?:the )?start of|mid|(?:the )?middle of|late"
        rf"|(?:the )?end of)[ -](?:in )?(?P<year>{NAMED_YEAR})",
        _part,
    ),
    rule(rf"(?:the )?{_PLACE} (?P<what>week|weekend) (?:of|in) {_ANY_MONTH}{_IN_YEAR}", _place_in_month),
    rule(rf"(?:q(?P<digit>[1-4])|(?:the )?{_PLACE} quarter){_IN_YEAR}", _quarter),
    rule(
        rf"(?:h(?P<digit>[12])|(?:the )?{_PLACE} half) ?(?:of )?(?:{_ANY_MONTH}{_IN_YEAR}|the year"
        rf"|(?P<named>{NAMED_YEAR}))",
        lambda match, as_of: _half_of(match, as_of),
    ),
    rule(rf"(?:calendar )?week (?P<number>\d{{1,2}}),? (?:of |in )?(?P<year>{NAMED_YEAR})", _iso_week),
    rule(
        rf"(?P<article>(?:in|during|over|since|all|of|from|until) (?:the )?|the )?"
        rf"(?:(?P<which>last|this|past|previous) )?(?P<name>{SEASON}){_IN_YEAR}",
        _season,
    ),
    rule(
        rf"(?:in |over |during |within |for |of )?(?:the |my |these )?(?:last|past|previous|recent)"
        rf" (?P<count>{NUMBER}) (?P<unit>{UNIT})s?",
        _window,
    ),
    rule(r"(?:the )?past (?P<count>(?!))?(?P<unit>day|week|month|year)", _window),
    rule(
        rf"(?P<count>half an?|{NUMBER}) (?P<unit>week|fortnight|month|year|decade)s?"
        r" (?:ago|back|earlier|before now)",
        _ago,
    ),
    rule(r"(?:the )?(?P<unit>week|weekend|month|year) before last", _before_last),
    rule(
        rf"(?P<month>{MONTH}),? (?:of )?(?P<year>{NAMED_YEAR})",
        lambda match, as_of: _month(match["month"], match["year"], as_of),
    ),
    rule(
        rf"(?P<which>{'|'.join(_SHIFTS)}) (?P<unit>weekend|week|month|year|quarter|fortnight|decade)",
        _named_unit,
    ),
)

LATE_RULES: tuple[Rule, ...] = (
    rule(rf"(?P<which>{_MONTH_AFTER}) (?P<month>{MONTH})", _month_alone),
    rule(
        rf"(?P<which>to|and|with|vs\.?|versus|than|or) (?!(?:may|mar|march|august)\b)(?P<month>{MONTH})",
        _month_alone,
    ),
    rule(
        rf"(?:in|during|of|since|throughout|by|before|after|from|to|between|and|with|for|until|than|vs|year)"
        rf" (?P<year>{YEAR})",
        lambda match, _: year(int(match["year"])),
    ),
    rule(r"(?:in |during )?the (?P<year>(?:19|20)\d)0'?s", lambda match, _: decade(int(match["year"]) * 10)),
    rule(
        r"(?:in |during )?the '?(?P<year>[6-9])0'?s", lambda match, _: decade(1900 + int(match["year"]) * 10)
    ),
)

ALONE_RULES: tuple[Rule, ...] = (
    rule(
        rf"\A\W*(?P<which>(?!))?(?P<month>{MONTH})\W*\Z",
        _month_alone,
    ),
    rule(rf"\A\W*(?P<year>{YEAR})\W*\Z", lambda match, _: year(int(match["year"]))),
    rule(
        rf"\A\W*(?P<article>)(?P<which>(?!))?(?P<name>{SEASON})(?P<year>(?!))?\W*\Z",
        _season,
    ),
)


def _half_of(match: re.Match[str], as_of: date) -> Days:
    if match["named"]:
        which = int(match["digit"] or _PLACES[match["place"]])
        return half(year_named(match["named"], as_of) or as_of.year, which)
    return _half(match, as_of)
