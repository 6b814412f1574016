"""Amounts in a question, in the unit of the metric they are compared with; pure.

`five hours`, `6h40m`, `six and a half hours`, `10,000`, `7 out of 10`, `£500`, `11 stone`. One in a unit of
another kind than the metric's is no amount for it: None, and the question is not answered with a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.when.german import GERMAN
from retrieval.when.lazy import Lazy
from retrieval.when.words import NUMBERS as ENGLISH_NUMBERS

NUMBERS = {
    **ENGLISH_NUMBERS,
    **{word: value for word, value in GERMAN.numbers.items() if value > 1 and word.isalpha()},
}
_SPELT = "|".join(
    sorted((re.escape(word) for word in NUMBERS if word not in ("a", "an")), key=len, reverse=True)
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?"
_HOURS, _MINUTE_WORDS = r"hours?|hrs?|h|stunden?|std", r"minutes?|mins?|minuten?|m"
_HALVES = r" and a half| and a quarter"
_TIME = (
    rf"(?:(?:{_DIGITS}|{_SPELT}|an?)(?:{_HALVES})? ?(?:{_HOURS})\b"
    rf"(?:,? ?(?:and )?(?:\d{{1,2}}|{_SPELT}) ?(?:{_MINUTE_WORDS})\b)?(?: and a half)?"
    rf"|\d{{1,2}}h ?\d{{1,2}}m?\b|half an hour"
    rf"|(?:{_DIGITS}|{_SPELT}) ?(?:{_MINUTE_WORDS})\b)"
)
_UNIT = (
    r" ?(?:out of (?:10|ten)|/ ?10|kgs?|kilos?|kilograms?|lbs?|pounds?|stones?|st|grams?|mg|mcg|g|ml|l"
    r"|lit(?:re|er)s?|km|kilomet(?:re|er)s?|miles?|met(?:re|er)s?|cm|mmol/l|mg/dl|mmhg|bpm"
    r"|degrees?(?: celsius| fahrenheit)?|°[cf]?|%|percent|per cent|euros?|dollars?|steps?|points?)(?![\w/])"
)
AMOUNT = rf"(?:{_TIME}|[£$€]?(?:{_DIGITS}|\b(?:{_SPELT})\b)(?:{_HALVES})?k?(?:{_UNIT})?(?![\w/.]*\d))"
"""A pattern for one amount; expects text from `retrieval.when.words.plain`."""

_HOUR_MINUTES = Lazy(
    rf"(?P<hours>{_DIGITS}|{_SPELT}|an?)(?P<part>{_HALVES})? ?(?:{_HOURS})\b"
    rf"(?:,? ?(?:and )?(?P<minutes>\d{{1,2}}|{_SPELT}) ?(?:{_MINUTE_WORDS})\b)?(?P<half> and a half)?"
)
_COMPACT = Lazy(r"(?P<hours>\d{1,2})h ?(?P<minutes>\d{1,2})m?\b")
_MINUTES = Lazy(rf"(?P<minutes>{_DIGITS}|{_SPELT}) ?(?:{_MINUTE_WORDS})\b")
_NUMBER = Lazy(
    rf"(?P<money>[£$€])?(?P<number>{_DIGITS}|{_SPELT})(?P<part>{_HALVES})?(?P<thousand>k\b)? ?(?P<unit>.*)"
)
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_LONGEST_NIGHT = 24
_RATING = re.compile(r"(?:out of|/) ?(?:10|ten)|points?")
_PINT = {
    "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilograms": "kg", "lb": "pound", "lbs": "pound", "pounds":
    "pound", "st": "stone", "stones": "stone", "l": "liter", "litre": "liter", "litres": "liter",
    "liters": "liter", "L": "liter", "kilometres": "km", "kilometers": "km", "mi": "mile", "miles":
    "mile", "metres": "m", "meters": "m", "mmol/l": "mmol/L", "mg/dl": "mg/dL", "mmhg": "mmHg", "°":
    "degree", "degrees": "degree", "°c": "degC", "°C": "degC", "degrees celsius": "degC", "°f": "degF",
    "°F": "degF", "degrees fahrenheit": "degF", "mcg": "microgram",
}  # fmt: skip
"""What pint calls a unit that a question names, or that values are kept in, where it is another word."""
_PERCENT = ("%", "percent", "per cent")
_DEGREES = ("degree", "degrees", "°")
_MONEY = {"£": "GBP", "pounds": "GBP", "pound": "GBP", "$": "USD", "dollar": "USD", "dollars": "USD"}
_MONEY |= {"€": "EUR", "euro": "EUR", "euros": "EUR"}
_IS_MONEY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it was said, with its unit as it was said ("" for none)."""

    value: float
    unit: str = ""


_WORD = re.compile(r"[^\W\d_]+")
_NUMBER_WORDS = frozenset(word for phrase in NUMBERS for word in _WORD.findall(phrase)) - {"a", "an", "of"}
_NUMBER_WORDS |= {"half", "hour", "hr", "h", "stunde", "std"}  # "an hour"


def may_hold_amount(text: str) -> bool:
    """False when plain text certainly holds no AMOUNT; far quicker than looking for one."""
    return any(letter.isdigit() for letter in text) or not _NUMBER_WORDS.isdisjoint(_WORD.findall(text))


def amount(words: str) -> Amount | None:
    """The amount that words say, which match AMOUNT."""
    words = words.strip()
    if words == "half an hour":
        return Amount(30, "min")
    for pattern in (_COMPACT, _HOUR_MINUTES):
        match = pattern.fullmatch(words)
        if match is not None:
            said = match.groupdict()
            hours = _number(match["hours"]) + _part(said.get("part") or said.get("half"))
            return Amount(hours * 60 + (_number(match["minutes"]) if match["minutes"] else 0), "min")
    match = _MINUTES.fullmatch(words)
    if match is not None:
        return Amount(_number(match["minutes"]), "min")
    match = _NUMBER.fullmatch(words)
    if match is None:
        return None
    value = (_number(match["number"]) + _part(match["part"])) * (1000 if match["thousand"] else 1)
    return Amount(value, match["money"] or match["unit"].strip())


def _number(word: str) -> float:
    plain = word.replace(",", "." if _DECIMAL_COMMA.fullmatch(word) else "")
    return float(NUMBERS[word]) if word in NUMBERS else float(plain)


def _part(words: str | None) -> float:
    if not words:
        return 0
    return 0.5 if "half" in words else 0.25


def in_unit(said: Amount, unit: str, *, sleep: bool = False) -> float | None:
    """The amount in a metric's unit, or None when it is of another kind.

    A bare number is in the metric's unit; but "under five" of sleep means hours.
    """
    if not said.unit:
        return said.value * 60 if unit == "min" and sleep and said.value < _LONGEST_NIGHT else said.value
    if said.unit == "min":
        return said.value if unit == "min" else None
    if _RATING.fullmatch(said.unit):
        return said.value if unit.startswith("/") else None
    if said.unit in ("step", "steps"):
        return said.value if unit in ("", "steps") else None
    if _IS_MONEY.fullmatch(unit):
        return said.value if _MONEY.get(said.unit) == unit else None
    if said.unit == unit or (said.unit in _PERCENT and unit == "%"):
        return said.value
    # "Below 37 degrees" is in whichever degrees the metric has.
    if said.unit in _DEGREES and unit in ("", "°", "°C", "°F"):
        return said.value
    return _converted(said.value, said.unit, unit)


def _converted(value: float, unit: str, wanted: str) -> float | None:
    if not wanted or _PINT.get(unit, unit) == _PINT.get(wanted, wanted):
        return value if wanted else None
    import pint  # takes half a second: only when a question names a unit that is not the metric's own

    from retrieval.numbers.units import registry

    try:
        found = registry().Quantity(value, _PINT.get(unit, unit)).to(_PINT.get(wanted, wanted))
        # 12 places are the noise of binary fractions, far below what anybody measures.
        return round(float(found.magnitude), 12)
    except (pint.errors.PintError, AttributeError, ValueError, AssertionError):
        return None
