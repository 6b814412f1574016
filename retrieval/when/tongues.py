"""A language's plain forms of time, as a table, and the rules that are made of it.

German, Spanish and French fill the table; English has a grammar of its own. A form is a pattern in which
`{day}`, `{month}`, `{year}`, `{unit}`, `{count}`, `{weekday}`, `{season}`, `{holiday}`, `{place}` and
`{thing}` (a unit, season, weekday or month) stand for the words of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from retrieval.when.grammar import Rule, rule
from retrieval.when.holidays import Holiday
from retrieval.when.joints import Joints
from retrieval.when.periods import (
    Days,
    half,
    latest_date,
    latest_month,
    latest_season,
    month,
    month_around,
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
from retrieval.when.words import COUNTED, YEAR

_DAY = rf"(?:(?<![\d.,£$€])\d{{1,2}}(?:\.|er|º|ª|ère|re)?)(?![\w:]){COUNTED}"
Forms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words and forms of a language; all in lower case.

    :ivar marks: words by which the language is known; none that is a word of another language here.
    :ivar weekdays: Monday is 0. :ivar units: to day, week, weekend, month, quarter or year.
    :ivar seasons: to spring, summer, autumn or winter. :ivar days: days from today.
    :ivar places: ordinals of halves and quarters; -1 is the last.
    :ivar date_span: forms with `{first}` and `{last}` for {day}.
    :ivar lone: what must stand before a season or a year alone.
    """

    name: str
    marks: frozenset[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    numbers: Mapping[str, int]
    units: Mapping[str, str]
    seasons: Mapping[str, str]
    days: Mapping[str, int]
    places: Mapping[str, int]
    holidays: tuple[tuple[str, Holiday], ...]
    date: Forms
    date_span: Forms
    month_year: Forms
    season_year: Forms
    last: Forms
    before_last: Forms
    this: Forms
    next: Forms
    ago: Forms
    window: Forms
    weekday: Forms
    half: Forms
    quarter: Forms
    early: str
    middle: str
    late: str
    lone: str
    joints: Joints

    def filled(self, form: str) -> str:
        """The form as a pattern."""
        thing = "(?:{unit}|{season}|{weekday}|{month})"
        parts = {
            "first": rf"(?P<first>{_DAY})",
            "last": rf"(?P<last>{_DAY})",
            "day": rf"(?P<day>{_DAY})",
            "month": rf"(?P<month>{_any(self.months)})(?!\w)\.?",
            "year": rf"(?P<year>{YEAR})",
            "unit": rf"(?P<unit>{_any(self.units)})",
            "count": rf"(?P<count>\d{{1,3}}|{_any(self.numbers)})",
            "weekday": rf"(?P<weekday>{_any(self.weekdays)})",
            "season": rf"(?P<season>{_any(self.seasons)})",
            "place": rf"(?P<place>{_any(self.places)})",
            "holiday": "(?P<holiday>" + "|".join(f"(?:{name})" for name, _ in self.holidays) + ")",
        }
        for name, part in (("thing", thing), *parts.items()):
            form = form.replace(f"{{{name}}}", part)
        return form


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def day_rules(tongue: Tongue) -> tuple[Rule, ...]:
    """The rules that read single days."""
    return (
        *(_day_rule(tongue, words, days) for words, days in tongue.days.items()),
        *_rules(tongue, tongue.weekday, _weekday),
        *_rules(tongue, tongue.date_span, _date_span),
        *_rules(tongue, tongue.date, _date),
        *_rules(tongue, ("{holiday}(?:,? (?:de |del )?{year})?",), _holiday),
    )


def all_rules(tongue: Tongue) -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    part = rf"(?:(?P<early>{tongue.early})|(?P<middle>{tongue.middle})|(?P<late>{tongue.late})) "
    of_the = r"(?:de |del |des |d'|du |der |vom )?"
    return (
        *_rules(tongue, (f"{part}{of_the}{{month}}(?: {of_the}{{year}})?", f"{part}{of_the}{{year}}"), _part),
        *_rules(tongue, tongue.before_last, _shifted(-2)),
        *_rules(tongue, tongue.last, _shifted(-1)),
        *_rules(tongue, tongue.this, _shifted(0)),
        *_rules(tongue, tongue.next, _shifted(1)),
        *day_rules(tongue),
        *_rules(tongue, tongue.half, _half),
        *_rules(tongue, tongue.quarter, _quarter),
        *_rules(tongue, tongue.ago, _ago),
        *_rules(tongue, tongue.window, _window),
        *_rules(tongue, tongue.season_year, _season),
        *_rules(tongue, (rf"(?P<lead>(?:{tongue.lone}) ){{season}}",), _season),
        *_rules(tongue, tongue.month_year, _month),
        *_rules(tongue, ("{month}",), _month),
        *_rules(
            tongue,
            (rf"(?P<lead>(?:{tongue.lone}) ){{year}}", "{year}(?= ?(?:bis|-|a|à|y|et|und) ?\\d{4})"),
            _year,
        ),
    )


def _rules(
    tongue: Tongue, forms: Forms, read: Callable[[Tongue, Groups, date], Days | None]
) -> Iterator[Rule]:
    for form in forms:
        yield rule(
            tongue.filled(form),
            lambda match, as_of: read(tongue, Groups(match.groupdict()), as_of),
        )


class Groups(dict[str, str | None]):
    """The named groups of a match; those a form lacks are None."""

    def __missing__(self, name: str) -> None:
        return None

    def word(self, name: str) -> str:
        """A group that the form has."""
        return self[name] or ""


def _day_rule(tongue: Tongue, words: str, days: int) -> Rule:
    return rule(words, lambda _, as_of: one(plus_days(as_of, days)))


def _number(word: str | None) -> int:
    return int(re.sub(r"\D", "", word or ""))


def _date(tongue: Tongue, found: Groups, as_of: date) -> Days:
    number, day = tongue.months[found.word("month")], _number(found["day"])
    if found["year"]:
        return one(date(int(found.word("year")), number, day))
    return one(latest_date(day, number, as_of))


def _date_span(tongue: Tongue, found: Groups, as_of: date) -> Days:
    found["day"] = found["last"]
    last = _date(tongue, found, as_of).end
    return Days(last.replace(day=_number(found["first"])), last)


def _holiday(tongue: Tongue, found: Groups, as_of: date) -> Days:
    name = found.word("holiday")
    holiday = next(holiday for names, holiday in tongue.holidays if re.fullmatch(names, name))
    if found["year"]:
        return holiday(int(found.word("year")))
    this_year = holiday(as_of.year)
    return this_year if this_year.start <= as_of else holiday(as_of.year - 1)


def _weekday(tongue: Tongue, found: Groups, as_of: date) -> Days:
    weekday = tongue.weekdays[found.word("weekday")]
    return one(plus_days(as_of, -((as_of.weekday() - weekday - 1) % 7 + 1)))


def _month(tongue: Tongue, found: Groups, as_of: date) -> Days:
    number = tongue.months[found.word("month")]
    return month(int(found.word("year")), number) if found["year"] else latest_month(number, as_of)


def _season(tongue: Tongue, found: Groups, as_of: date) -> Days:
    name = tongue.seasons[found.word("season")]
    return season(int(found.word("year")), name) if found["year"] else latest_season(name, as_of, ended=False)


def _year(_: Tongue, found: Groups, __: date) -> Days:
    return year(int(found.word("year")))


def _part(tongue: Tongue, found: Groups, as_of: date) -> Days:
    whole = _month(tongue, found, as_of) if found["month"] else _year(tongue, found, as_of)
    return third(whole, 0 if found["early"] else 1 if found["middle"] else 2)


def _half(tongue: Tongue, found: Groups, as_of: date) -> Days | None:
    which = tongue.places[found.word("place")]
    which = 2 if which == -1 else which
    if which > 2:
        return None
    if found["month"]:
        whole = _month(tongue, found, as_of)
        middle = whole.start.replace(day=15)
        return Days(whole.start, middle) if which == 1 else Days(plus_days(middle, 1), whole.end)
    named = int(found.word("year")) if found["year"] else None
    return half(named or (as_of.year if as_of.month >= 6 * which - 5 else as_of.year - 1), which)


def _quarter(tongue: Tongue, found: Groups, as_of: date) -> Days | None:
    which = tongue.places[found.word("place")]
    which = 4 if which == -1 else which
    if not 1 <= which <= 4:
        return None
    named = int(found.word("year")) if found["year"] else None
    return quarter(named or (as_of.year if as_of.month >= 3 * which - 2 else as_of.year - 1), which)


def _ago(tongue: Tongue, found: Groups, as_of: date) -> Days:
    unit, count = tongue.units[found.word("unit")], tongue.joints.count(found.word("count"))
    back = plus(as_of.replace(day=1) if unit == "month" else as_of, -count, unit)
    return {"day": one, "week": week, "weekend": weekend, "month": month_around}.get(unit, _year_around)(back)


def _year_around(day: date) -> Days:
    return year(day.year)


def _window(tongue: Tongue, found: Groups, as_of: date) -> Days:
    unit, count = tongue.units[found.word("unit")], tongue.joints.count(found.word("count"))
    return Days(plus(as_of, -count, unit), as_of)


def _shifted(shift: int) -> Callable[[Tongue, Groups, date], Days | None]:
    """The reader of the week, summer, Tuesday or May before last (-2), last (-1), this (0) and next (1)."""

    def read(tongue: Tongue, found: Groups, as_of: date) -> Days | None:
        if found["weekday"]:
            return _weekday_of(tongue.weekdays[found.word("weekday")], shift, as_of)
        if found["season"]:
            return _season_of(tongue.seasons[found.word("season")], shift, as_of)
        if found["month"]:
            return _month_of(tongue.months[found.word("month")], shift, as_of)
        return _unit_of(tongue.units[found.word("unit")], shift, as_of)

    return read


def _weekday_of(weekday: int, shift: int, as_of: date) -> Days:
    if shift < 0:
        last = plus_days(as_of, -((as_of.weekday() - weekday - 1) % 7 + 1))
        return one(plus_days(last, 7 * (shift + 1)))
    return one(plus_days(week(as_of).start, weekday + 7 * shift))


def _season_of(name: str, shift: int, as_of: date) -> Days | None:
    if shift > 0:
        return next(days for years in (0, 1) if (days := season(as_of.year + years, name)).start > as_of)
    latest = latest_season(name, as_of, ended=shift < 0)
    return season(latest.start.year - 1, name) if shift == -2 else latest


def _month_of(number: int, shift: int, as_of: date) -> Days:
    found = latest_month(number, as_of)
    if shift < 0 and found.end >= as_of:
        found = month(found.start.year - 1, number)
    if shift == -2:
        return month(found.start.year - 1, number)
    return month(found.start.year + 1, number) if shift > 0 else found


def _unit_of(unit: str, shift: int, as_of: date) -> Days | None:
    match unit:
        case "week":
            return week(plus_days(as_of, 7 * shift))
        case "weekend":
            this = weekend(as_of)
            back = shift + 1 if shift < 0 and this.end < as_of else shift
            return weekend(plus_days(as_of, 7 * back))
        case "month":
            return month_around(plus_months(as_of.replace(day=1), shift))
        case "quarter":
            first = plus_months(date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1), 3 * shift)
            return quarter(first.year, (first.month + 2) // 3)
        case "year":
            return year(as_of.year + shift)
        case _:
            return None
