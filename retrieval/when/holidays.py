"""Days that have a name: fixed dates, Easter and nth weekdays, of Britain, the United States and Germany."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from retrieval.when.periods import easter, nth_weekday, plus_days

Holiday = Callable[[int], date]


def _fixed(number: int, day: int) -> Holiday:
    return lambda year: date(year, number, day)


def _from_easter(days: int) -> Holiday:
    return lambda year: plus_days(easter(year), days)


def _nth(number: int, weekday: int, nth: int, *, then: int = 0) -> Holiday:
    return lambda year: plus_days(nth_weekday(year, number, weekday, nth), then)


# Longer names first: "christmas eve" before "christmas".
HOLIDAYS: tuple[tuple[str, Holiday], ...] = (
    (r"christmas eve|heiligabend", _fixed(12, 24)),
    (r"boxing day", _fixed(12, 26)),
    (r"christmas day|christmas|xmas|weihnachten", _fixed(12, 25)),
    (r"new year'?s eve|silvester", _fixed(12, 31)),
    (r"new year'?s day|new year'?s|new year(?! resolution)|neujahr", _fixed(1, 1)),
    (r"ash wednesday", _from_easter(-46)),
    (r"good friday|karfreitag", _from_easter(-2)),
    (r"easter monday|ostermontag", _from_easter(1)),
    (r"easter sunday|easter|ostern", _from_easter(0)),
    (r"whitsun|pentecost|pfingsten", _from_easter(49)),
    (r"hallowe'?en", _fixed(10, 31)),
    (r"guy fawkes(?: night| day)?|bonfire night", _fixed(11, 5)),
    (r"valentine'?s day|valentine'?s?", _fixed(2, 14)),
    (r"thanksgiving(?: day)?", _nth(11, 3, 4)),
    (r"black friday", _nth(11, 3, 4, then=1)),
    (r"mother'?s day", _nth(5, 6, 2)),
    (r"father'?s day", _nth(6, 6, 3)),
    (r"labou?r day", _nth(9, 0, 1)),
    (r"memorial day", _nth(5, 0, -1)),
    (r"independence day|(?:4th|fourth) of july", _fixed(7, 4)),
    (r"st\.? patrick'?s day", _fixed(3, 17)),
    (r"martin luther king(?:'s)?(?: jr\.?)?(?: day)?|mlk day", _nth(1, 0, 3)),
    (r"veterans day", _fixed(11, 11)),
    (r"columbus day", _nth(10, 0, 2)),
    (r"presidents?'?s?'? day", _nth(2, 0, 3)),
    (r"earth day", _fixed(4, 22)),
)

HOLIDAY = "(?:" + "|".join(f"(?:{names})" for names, _ in HOLIDAYS) + r")(?!\w)"


def find_holiday(name: str) -> Holiday:
    """The holiday whose name HOLIDAY matched."""
    return next(holiday for names, holiday in HOLIDAYS if re.fullmatch(names, name))
