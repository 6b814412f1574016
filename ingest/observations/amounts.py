"""A value to an amount: what number, in which unit, with which words beside it; pure.

In order: a rating (`4/10`, `4 out of 10`), a clock-like duration (`6:40`, for a metric that is one), money,
numbers with units (`6h40m`, `11 st 4 lb`), a number alone. The number comes first in the value, after "about"
at most; words before a number are taken for its name only when the number has a unit ("walked 5 km"), so that
prose with a number in it ("met 3 friends") stays words. Dates, times of day, phone numbers, ordinals and
ranges are words too.

Not here: conversion into the metric's own unit (`reading`), medicines (`doses`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.observations.metrics import Form, Metric
from ingest.observations.numbers import NUMBER, readings
from ingest.observations.units import (
    AMBIGUOUS,
    CURRENCIES,
    CURRENCY,
    HOURS,
    MINUTES,
    TIMES,
    UNIT,
    in_unit,
    unit_named,
)

_LONGEST_NAME = 120
_LEAST_OF_A_RATING = 5  # "1/2" and "3/4" are fractions
_ABOUT = re.compile(
    r"(?:[~≈]|(?:ca?\.|ca|circa|about|approx\.?|approximately|around|etwa|ungefähr)(?!\w))\s*", re.I
)
_RATING = re.compile(rf"({NUMBER})\s*(?:/|out of|of|von|sur|de)\s*(\d{{1,3}})(?![\w/]|[.,:-]\d)", re.I)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?(?!\d)\s*(?:h|hrs|hours)?(?![\w:])", re.I)
_MONEY = re.compile(
    rf"(?P<sign>[-−])?(?:(?P<before>{CURRENCY})\s*(?P<first>{NUMBER})|(?P<last>{NUMBER})\s*(?P<after>{CURRENCY}))"
)
_MEASURE = re.compile(rf"({NUMBER})\s*({UNIT})")
_AND = re.compile(r"\s*(?:,|and\b|und\b|et\b|y\b)?\s*", re.I)
_LAST_MINUTES = re.compile(r"\s*([0-5]?\d)(?![\w.,:/-])")
_NUMBER = re.compile(rf"(?!0\d){NUMBER}")  # "0170" is a code
_NO_NUMBER_AFTER = re.compile(
    r"\s*[-–:/.,x×*^]?\s*\d|\s*(?:[ap]\.?m\b|uhr\b|o'clock\b)|[^\W\d_]|\s*[-–]\s*\w", re.I
)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a value says.

    :ivar values: the number as it may be read, the likeliest first; empty when the value is words.
    :ivar unit: its symbol, "/10" for a rating; None when none was written.
    :ivar name: the words beside the number, in lower case.
    """

    values: tuple[float, ...]
    unit: str | None
    name: str


def amount_of(written: str, metric: Metric | None) -> Amount:
    """The amount that a value says; without values when it says none."""
    about = _ABOUT.match(written)
    rest = written[about.end() :] if about else written
    form = metric.form if metric else None
    for read in (_rating, _clock, _money, _measures, _bare):
        found = read(rest, form)
        if found is not None:
            return found
    return _named_measure(written, form) or Amount((), None, name_of(written))


def name_of(words: str) -> str:
    """Words as a name: lower case, single spaces, no punctuation around it, not endless."""
    plain = " ".join(words.split()).strip(" ,.;:()[]{}-–—+*_~`\"'“”„«»!?").lower()
    return plain if len(plain) <= _LONGEST_NAME else plain[:_LONGEST_NAME].rsplit(" ", 1)[0]


def _rating(text: str, form: Form | None) -> Amount | None:
    found = _RATING.match(text)
    if found is None or form in (Form.DURATION, Form.WHOLE):
        return None
    most = int(found[2])
    values = tuple(value for value in readings(found[1]) if 0 <= value <= most)
    if not values or most < (1 if form is Form.RATING else _LEAST_OF_A_RATING):
        return None
    return Amount(values[:1], f"/{most}", name_of(text[found.end() :]))


def _clock(text: str, form: Form | None) -> Amount | None:
    found = _CLOCK.match(text)
    if found is None or form is not Form.DURATION:
        return None
    minutes = int(found[1]) * 60 + int(found[2]) + int(found[3] or 0) / 60
    return Amount((minutes,), MINUTES, name_of(text[found.end() :]))


def _money(text: str, form: Form | None) -> Amount | None:
    found = _MONEY.match(text)
    if found is None or form is not None:
        return None
    sign = -1.0 if found["sign"] else 1.0
    values = tuple(sign * value for value in readings(found["first"] or found["last"]))
    name = name_of(text[found.end() :])
    return Amount(values, CURRENCIES[found["before"] or found["after"]], name) if values else None


@dataclass(frozen=True, slots=True)
class _Measure:
    values: tuple[float, ...]
    unit: str


def _measures(text: str, form: Form | None) -> Amount | None:
    """Numbers with units, one after the other, of one kind: their sum in the unit of the first."""
    measures: list[_Measure] = []
    end = 0
    while found := _MEASURE.match(text, _AND.match(text, end).end() if measures else 0):  # type: ignore[union-attr]
        measure = _measure(found, form, after=measures)
        if measure is None or (measures and in_unit(1.0, measure.unit, measures[0].unit) is None):
            break
        measures.append(measure)
        end = found.end()
    if not measures:
        return None
    bare = _LAST_MINUTES.match(text, end)
    if bare and [measure.unit for measure in measures] == [HOURS]:  # "6h40"
        measures.append(_Measure((float(bare[1]),), MINUTES))
        end = bare.end()
    values, unit = _sum(measures)
    return Amount(values, unit, name_of(text[end:]))


def _measure(found: re.Match[str], form: Form | None, *, after: Sequence[_Measure]) -> _Measure | None:
    known = unit_named(found[2])
    values = tuple(readings(found[1], whole=form is Form.WHOLE))
    if known is None or known.counts or not values or (form is None and found[2].lower() in AMBIGUOUS):
        return None
    symbol = known.symbol
    if symbol == "m" and (form is Form.DURATION or (after and after[-1].unit == HOURS)):
        symbol = MINUTES
    return _Measure(values, symbol)


def _sum(measures: Sequence[_Measure]) -> tuple[tuple[float, ...], str]:
    if len(measures) == 1:
        return measures[0].values, measures[0].unit
    unit = MINUTES if measures[0].unit in TIMES else measures[0].unit
    parts = [in_unit(measure.values[0], measure.unit, unit) for measure in measures]
    return (sum(part for part in parts if part is not None),), unit


def _bare(text: str, form: Form | None) -> Amount | None:
    found = _NUMBER.match(text)
    if found is None or _NO_NUMBER_AFTER.match(text, found.end()):
        return None
    values = tuple(readings(found.group(), whole=form is Form.WHOLE))
    return Amount(values, None, name_of(text[found.end() :])) if values else None


def _named_measure(written: str, form: Form | None) -> Amount | None:
    """Words, then one number with a unit: "walked 5 km"."""
    found = list(_MEASURE.finditer(written))
    if len(found) != 1 or re.search(r"\d|\w\Z|[.,:/-]\Z", written[: found[0].start()]):
        return None
    measure = _measure(found[0], form, after=())
    return Amount(measure.values, measure.unit, name_of(written[: found[0].start()])) if measure else None
