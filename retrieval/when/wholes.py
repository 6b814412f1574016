"""The part of the grammar that reads periods with a name: a month, a season, a year, a decade, "last week".

`spans` reads their parts, and windows that have none.
"""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.days import NAMED_YEAR, month_year
from retrieval.when.grammar import Rule, rule, year_named
from retrieval.when.periods import (
    Days,
    decade,
    latest_month,
    latest_season,
    month,
    month_around,
    plus_days,
    plus_months,
    quarter,
    season,
    week,
    weekend,
    year,
)
from retrieval.when.words import (
    MONTH,
    MONTH_HOLDS,
    SEASON,
    SEASONS,
    YEAR,
    month_number,
)

_SHIFTS = {
    "last": -1,
    "previous": -1,
    "the previous": -1,
    "past": -1,
    "this": 0,
    "this past": -1,
    "the current": 0,
    "current": 0,
    "next": 1,
}
_WHICH = "|".join(sorted(_SHIFTS, key=len, reverse=True))
_DECADES = {
    f"{tens}ies": 10 * place
    for place, tens in enumerate(
        ["twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"], start=2
    )
}
_NAMED_UNIT = r"weekend|week|month|year|quarter|fortnight|decade"


def month_named(name: str, year_word: str | None, as_of: date) -> Days:
    """A month by its name, or "last month"; the latest when no year is named."""
    if name.endswith("month"):
        return month_around(plus_months(as_of.replace(day=1), 0 if "this" in name else -1))
    named = year_named(year_word, as_of)
    return month(named or month_year(month_number(name), as_of), month_number(name))


_SUBJECT = r"(?:i|we|he|she|they|you|(?:my|our|his|her|their|the) \w+|[^\W\d_]+)"
_SOMEBODY_DID = re.compile(
    rf"\b(?:when|how|why|where)\b.{{0,30}}?\b(?:did|does|do|have|has|had) {_SUBJECT} \Z"
)
_SEASONAL = re.compile(
    r" (?:weather|coats?|jackets?|clothes|boots|shoes|dress(?:es)?|tyres|tires|blues|jobs?|sales?|uniforms?"
    r"|duvet|greens|onions?|cabbages?|vegetables|flowers|bulbs|squash|fruits?|cleaning|timetable|menu|sports|tan)\b"
)


def read_season(match: re.Match[str], as_of: date) -> Days | None:
    """A season, unless the word means a fall or a spring of another kind."""
    name, which, named = match["name"], match["which"], year_named(match["year"], as_of)
    if name == "fall" and _SOMEBODY_DID.search(match.string[: match.start()]):
        return None  # "when did he last fall", "how often did she fall in 2023"
    if named is not None:
        return season(named, name)
    article = (match["lead"] or "").split()
    if which is None and not article and _SEASONAL.match(match.string, match.end()):
        return None
    if which is None and name == "fall" and (not article or article[0] in ("the", "of", "from", "since")):
        return None  # somebody fell
    if which is None and name == "spring" and not article:
        return None
    return latest_season(name, as_of, ended=which in ("last", "previous"))


def last_weekend(as_of: date) -> Days:
    """The latest that is over."""
    this = weekend(as_of)
    return this if this.end < as_of else weekend(plus_days(as_of, -7))


def _named_unit(match: re.Match[str], as_of: date) -> Days:
    shift, unit = _SHIFTS[match["which"]], match["unit"]
    match unit:
        case "week":
            return week(plus_days(as_of, 7 * shift))
        case "weekend":
            return last_weekend(as_of) if shift < 0 else weekend(plus_days(as_of, 7 * shift))
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


def read_decade(match: re.Match[str], _: date) -> Days:
    """The 1980s, the 80s and the eighties."""
    if match["word"]:
        return decade(1900 + _DECADES[match["word"]])
    return decade(int(match["tens"]) * 10 if len(match["tens"]) == 3 else 1900 + int(match["tens"]) * 10)


def whole_year(match: re.Match[str], _: date) -> Days:
    """The year that was named."""
    return year(int(match["year"]))


DECADE = rf"(?:(?P<tens>1\d\d|20\d|[2-9])0'?s|(?P<word>{'|'.join(_DECADES)}))"
UNNAMED_DECADE = DECADE.replace("?P<tens>", "?:").replace("?P<word>", "?:")

MONTH_YEAR = rule(
    rf"(?P<month>{MONTH}),? (?:of )?(?P<year>{NAMED_YEAR})",
    lambda match, as_of: month_named(match["month"], match["year"], as_of),
    MONTH_HOLDS,
)
SEASON_RULE = rule(
    rf"(?P<lead>(?:(?:in|during|over|since|all|of|from|until|than|before|after|by) (?:the |my )?|the ))?"
    rf"(?:(?P<which>last|this past|this|past|previous) )?(?P<name>{SEASON})"
    rf"(?:,? (?:of |in )?(?P<year>{NAMED_YEAR})(?:[-/]\d\d(?!\d))?)?",
    read_season,
    SEASONS,
)
NAMED_UNIT = rule(rf"(?P<which>{_WHICH}) (?P<unit>{_NAMED_UNIT})", _named_unit)
DECADE_RULE = rule(rf"the '?{DECADE}", read_decade)
_BARE_MONTH = rule(
    rf"(?P<month>{MONTH})", lambda match, as_of: latest_month(month_number(match["month"]), as_of)
)
WHOLES: tuple[Rule, ...] = (
    MONTH_YEAR,
    rule(rf"(?P<which>last|this|past|previous) (?P<unit>{_NAMED_UNIT})", _named_unit),
    SEASON_RULE,
    rule(rf"(?P<lead>){DECADE}", read_decade),
    _BARE_MONTH,
    rule(rf"(?P<year>{YEAR})", whole_year),
    rule(rf"\A(?P<lead>)(?P<which>(?!))?(?P<name>{SEASON})(?P<year>(?!))?\Z", read_season),
)
