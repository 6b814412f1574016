"""The common German phrases for time; month names and dotted dates are read by the other rooms."""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.grammar import Rule, rule
from retrieval.when.periods import (
    Days,
    latest_season,
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
from retrieval.when.words import YEAR, listed

_WEEKDAYS = {
    name: number
    for number, name in enumerate(listed("montag dienstag mittwoch donnerstag freitag samstag sonntag"))
}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        listed("null einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf")
    )
} | {"einer": 1, "ein": 1, "ein paar": 3}
_SEASONS = {
    "frühling": "spring",
    "frühjahr": "spring",
    "sommer": "summer",
    "herbst": "autumn",
    "winter": "winter",
}
_UNITS = {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"}
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = rf"(?P<unit>{'|'.join(_UNITS)})(?:en|e|s|n)?"


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS[word]


def _ago(found: re.Match[str], as_of: date) -> Days:
    unit = _UNITS[found["unit"]]
    back = plus(as_of.replace(day=1) if unit == "month" else as_of, -_count(found["count"]), unit)
    match unit:
        case "day":
            return one(back)
        case "week":
            return week(back)
        case "month":
            return month_around(back)
        case _:
            return year(back.year)


def _window(match: re.Match[str], as_of: date) -> Days:
    return Days(plus(as_of, -_count(match["count"]), _UNITS[match["unit"]]), as_of)


def _named(match: re.Match[str], as_of: date) -> Days:
    shift = {"l": -1, "v": -1, "d": 0, "n": 1}[match["which"][0]]
    match match["unit"]:
        case "woche":
            return week(plus_days(as_of, 7 * shift))
        case "wochenende":
            this = weekend(as_of)
            return (
                this
                if shift == 0 or (shift < 0 and this.end < as_of)
                else weekend(plus_days(as_of, 7 * shift))
            )
        case "monat":
            return month_around(plus_months(as_of.replace(day=1), shift))
        case _:
            return year(as_of.year + shift)


def _season(match: re.Match[str], as_of: date) -> Days:
    name = _SEASONS[match["name"]]
    if match["year"]:
        return season(int(match["year"]), name)
    return latest_season(name, as_of, ended=(match["which"] or "").startswith(("l", "v")))


def _weekday(match: re.Match[str], as_of: date) -> Days:
    return one(plus_days(as_of, -((as_of.weekday() - _WEEKDAYS[match["weekday"]] - 1) % 7 + 1)))


def _day(words: str, days: int) -> Rule:
    return rule(words, lambda _, as_of: one(plus_days(as_of, days)))


GERMAN_DAY_RULES: tuple[Rule, ...] = (
    _day("vorgestern", -2),
    _day("gestern(?: abend| nacht| früh| morgen)?", -1),
    _day("heute(?: früh| morgen| abend| nacht)?", 0),
    rule(rf"(?:am |letzten |vorigen |letzte |vorige )(?P<weekday>{'|'.join(_WEEKDAYS)})", _weekday),
)

GERMAN_RULES: tuple[Rule, ...] = (
    *GERMAN_DAY_RULES,
    rule(rf"vor {_COUNT} {_UNIT}", _ago),
    rule(rf"(?:in den |der |die )?letzten {_COUNT} {_UNIT}", _window),
    rule(
        r"(?P<which>(?:letzte|vorige|diese|nächste)[nrs]?) (?P<unit>wochenende|woche|monat|jahr)s?",
        _named,
    ),
    rule(
        rf"(?:im |seit )?(?:(?P<which>letzten|vorigen|diesen|vergangenen) )?(?P<name>{'|'.join(_SEASONS)})"
        rf"(?: (?P<year>{YEAR}))?",
        _season,
    ),
    rule(rf"(?:im jahr|seit|jahr) (?P<year>{YEAR})", lambda match, _: year(int(match["year"]))),
)
