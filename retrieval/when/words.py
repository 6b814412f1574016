"""Names and numbers that times are made of, and the pieces of patterns that match them.

All patterns expect text from `plain`: lower case, straight apostrophes and hyphens, the same length as the
original, so that offsets point into what was asked.
"""

from __future__ import annotations

import re


def listed(words: str) -> list[str]:
    """The words of a list written as prose."""
    return words.split()


_MONTH_NAMES = listed("january february march april may june july august september october november december")
WEEKDAY_NAMES = listed("monday tuesday wednesday thursday friday saturday sunday")
_UNITS = listed("zero one two three four five six seven eight nine")
_TEENS = listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_ORDINAL_UNITS = listed("zeroth first second third fourth fifth sixth seventh eighth ninth")
_ORDINAL_TEENS = listed(
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)

MONTHS: dict[str, int] = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}

WEEKDAYS: dict[str, int] = {name: number for number, name in enumerate(WEEKDAY_NAMES)}
WEEKDAYS |= {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}

NUMBERS: dict[str, int] = {name: number for number, name in enumerate(_UNITS + _TEENS)} | _TENS
NUMBERS |= {
    f"{tens}{joint}{unit}": value + digit
    for tens, value in _TENS.items()
    for digit, unit in enumerate(_UNITS)
    if digit
    for joint in ("-", " ")
}
NUMBERS |= {"a": 1, "an": 1, "a couple": 2, "couple": 2, "a couple of": 2, "couple of": 2}
NUMBERS |= {"a few": 3, "few": 3, "several": 3, "a dozen": 12, "a hundred": 100, "hundred": 100}

ORDINALS: dict[str, int] = {name: number for number, name in enumerate(_ORDINAL_UNITS + _ORDINAL_TEENS)}
ORDINALS |= {"twentieth": 20, "thirtieth": 30}
ORDINALS |= {
    f"{tens}{joint}{unit}": value + digit
    for tens, value in (("twenty", 20), ("thirty", 30))
    for digit, unit in enumerate(_ORDINAL_UNITS)
    if digit
    for joint in ("-", " ")
}

SEASONS: dict[str, int] = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of each season."""


def _any(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


MONTH_HOLDS = tuple(name for name in MONTHS if len(name) == 3)
WEEKDAY_HOLDS = tuple(name for name in WEEKDAYS if len(name) == 3)
"""What every name of a month and of a weekday holds."""

MONTH = rf"(?:(?:{_any(MONTHS)})(?!\w)\.?)"
WEEKDAY = rf"(?:(?:{_any(WEEKDAYS)})(?!\w)\.?)"
_THINGS = (
    r"(?: ?%|(?: ?-)? ?(?:m|c|k|µ)?(?:g|l|m)\b"
    r"| ?(?:mcg|iu|units?|tablets?|pills?|doses?|times|steps?|paces|words|pages|people|calories|kcal|cals?|kj"
    r"|pounds?|quid|euros?|dollars?|pence|lbs?|oz|stone|miles?|metres?|meters?|feet|ft|yards?|kilometres?|grams?"
    r"|grammes?|kilos?|litres?|liters?|minutes?|mins?|hours?|hrs?|seconds?|secs?|days?|nights?|weeks?|months?"
    r"|years?|degrees?|bpm|mmhg|watts?|reps?|entries|notes|photos|schritte|kalorien|pasos|pas|calorías)\b)"
)
COUNTED = rf"(?!\d|[.,]\d|{_THINGS})"
"""What may not follow a number that is a year or a day: units and things counted."""

YEAR = rf"(?:(?<![\d.,£$€#])(?:1\d|2[01])\d\d{COUNTED})"
"""A year beside a month or a day: 1000 to 2199."""
BARE_YEAR = rf"(?:(?<![\d.,£$€#])(?:19|20)\d\d{COUNTED}(?! ?(?:to|-|and|or) ?\d[\d.,]*{_THINGS}))"
"""A year that stands alone, where other four-digit numbers may stand as well."""
NUMBER = rf"(?:\d{{1,4}}|{_any(NUMBERS)})"
DAY_NUMBER = rf"(?:(?<![\d.,£$€])\d{{1,2}}(?:st|nd|rd|th|\.)?|{_any(ORDINALS)})(?![\w:]){COUNTED}"
SEASON = rf"(?:{_any(SEASONS)})"
UNIT = r"(?:day|night|week|weekend|fortnight|month|year|decade)"


def plain(text: str) -> str:
    """Lower case with straight quotes and hyphens; the same number of characters."""
    lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lowered.translate(_STRAIGHT)


_STRAIGHT = str.maketrans("\u2019\u2018\u2013\u2014\u00a0\t\n\r", "''--    ")


def number(word: str) -> int:
    """Value of what NUMBER matched."""
    return int(word) if word.isdecimal() else NUMBERS[word]


def day_number(word: str) -> int:
    """Value of what DAY_NUMBER matched."""
    return ORDINALS[word] if word in ORDINALS else int(re.sub(r"\D", "", word))


def month_number(word: str) -> int:
    """Value of what MONTH matched."""
    return MONTHS[word.rstrip(".")]


def weekday_number(word: str) -> int:
    """Value of what WEEKDAY matched; Monday is 0."""
    return WEEKDAYS[word.rstrip(".")]
