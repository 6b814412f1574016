"""Times that have a name: fixed dates, those that move with Easter, nth weekdays, and the days around them.

Of Britain, Ireland and the United States; the other languages have tables of their own. Left out, because the
name does not tell the day: Mother's Day, unless Britain, America or Mothering Sunday is named; and the feasts
of other calendars (Ramadan, Hanukkah, Diwali), whose days no small table knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from retrieval.when.periods import Days, easter, nth_weekday, one, plus_days

Holiday = Callable[[int], Days]


def fixed(number: int, day: int) -> Holiday:
    """The same day of every year."""
    return lambda year: one(date(year, number, day))


def from_easter(days: int, last: int | None = None) -> Holiday:
    """So many days from Easter Sunday, to the `last`."""
    return lambda year: Days(
        plus_days(easter(year), days), plus_days(easter(year), days if last is None else last)
    )


def nth(number: int, weekday: int, which: int, *, then: int = 0, days: int = 1) -> Holiday:
    """`days` days from `then` days after the nth weekday of a month."""

    def of(year: int) -> Days:
        start = plus_days(nth_weekday(year, number, weekday, which), then)
        return Days(start, plus_days(start, days - 1))

    return of


def lasting(number: int, day: int, days: int) -> Holiday:
    """So many days from a day of the year."""
    return lambda year: Days(date(year, number, day), plus_days(date(year, number, day), days - 1))


def advent(year: int) -> Days:
    """The fourth Sunday before Christmas."""
    eve = date(year, 12, 24)
    return one(plus_days(eve, -((eve.weekday() + 1) % 7) - 21))


_OUTING = r"(?: holidays?| break| vacation| period| season| time| week(?!end))"
# Longer names first: "christmas eve" before "christmas".
HOLIDAYS: tuple[tuple[str, Holiday], ...] = (
    (r"christmas eve", fixed(12, 24)),
    (r"boxing day|st\.? stephen'?s day", fixed(12, 26)),
    (rf"(?:christmas|xmas){_OUTING}", lasting(12, 24, 9)),
    (r"christmas day|christmas|xmas", fixed(12, 25)),
    (r"new year'?s eve|hogmanay", fixed(12, 31)),
    (r"new year'?s day|new year'?s|new year(?! resolution)", fixed(1, 1)),
    (r"epiphany|three kings'? day", fixed(1, 6)),
    (r"burns night", fixed(1, 25)),
    (r"groundhog day", fixed(2, 2)),
    (r"valentine'?s day|valentine'?s?", fixed(2, 14)),
    (r"mardi gras|shrove tuesday|pancake (?:day|tuesday)", from_easter(-47)),
    (r"ash wednesday", from_easter(-46)),
    (r"mothering sunday|(?:british|english|uk|irish) mothers?'?s?'? day", from_easter(-21)),
    (r"(?:american|us) mothers?'?s?'? day", nth(5, 6, 2)),
    (r"palm sunday", from_easter(-7)),
    (r"maundy thursday", from_easter(-3)),
    (r"good friday", from_easter(-2)),
    (r"holy saturday|easter saturday", from_easter(-1)),
    (r"easter monday", from_easter(1)),
    (r"easter (?:bank holiday )?weekend", from_easter(-2, 1)),
    (r"easter week(?!end)", from_easter(1, 7)),
    (r"easter sunday|easter", from_easter(0)),
    (r"ascension day", from_easter(39)),
    (r"whit monday", from_easter(50)),
    (r"whit sunday|whitsun|pentecost", from_easter(49)),
    (r"corpus christi", from_easter(60)),
    (r"st\.? david'?s day", fixed(3, 1)),
    (r"(?:international )?women'?s day", fixed(3, 8)),
    (r"st\.? patrick'?s day", fixed(3, 17)),
    (r"april fools?'?s?'?(?: day)?", fixed(4, 1)),
    (r"earth day", fixed(4, 22)),
    (r"st\.? george'?s day", fixed(4, 23)),
    (r"anzac day", fixed(4, 25)),
    (r"may day(?! bank)", fixed(5, 1)),
    (
        r"(?:the )?(?:early may|may day) bank holiday weekend",
        nth(5, 0, 1, then=-2, days=3),
    ),
    (r"(?:the )?(?:late may|spring|whitsun) bank holiday weekend", nth(5, 0, -1, then=-2, days=3)),
    (r"(?:the )?(?:august|late summer|summer) bank holiday weekend", nth(8, 0, -1, then=-2, days=3)),
    (r"(?:the )?(?:early may|may day) bank holiday", nth(5, 0, 1)),
    (r"(?:the )?(?:late may|spring|whitsun) bank holiday", nth(5, 0, -1)),
    (r"(?:the )?(?:august|late summer|summer) bank holiday", nth(8, 0, -1)),
    (r"memorial day weekend", nth(5, 0, -1, then=-2, days=3)),
    (r"memorial day", nth(5, 0, -1)),
    (r"fathers?'?s?'? day", nth(6, 6, 3)),
    (r"juneteenth", fixed(6, 19)),
    (r"midsummer(?:'s)? (?:day|eve)", fixed(6, 24)),
    (r"canada day", fixed(7, 1)),
    (r"independence day|(?:4th|fourth) of july", fixed(7, 4)),
    (r"bastille day", fixed(7, 14)),
    (r"labor day weekend", nth(9, 0, 1, then=-2, days=3)),
    (r"labor day", nth(9, 0, 1)),
    (r"columbus day|canadian thanksgiving(?: day)?", nth(10, 0, 2)),
    (r"hallowe'?en", fixed(10, 31)),
    (r"all saints'?(?: day)?", fixed(11, 1)),
    (r"all souls'?(?: day)?", fixed(11, 2)),
    (r"guy fawkes(?: night| day)?|bonfire night", fixed(11, 5)),
    (r"armistice day|remembrance day|veterans'? day", fixed(11, 11)),
    (r"remembrance sunday", nth(11, 6, 2)),
    (r"thanksgiving weekend", nth(11, 3, 4, days=4)),
    (r"thanksgiving(?: day)?", nth(11, 3, 4)),
    (r"black friday", nth(11, 3, 4, then=1)),
    (r"cyber monday", nth(11, 3, 4, then=4)),
    (r"st\.? andrew'?s day", fixed(11, 30)),
    (r"advent sunday|first (?:sunday )?(?:of|in) advent", advent),
    (r"st\.? nicholas'?s?'? day", fixed(12, 6)),
    (r"martin luther king(?:'s)?(?: jr\.?)?(?: day)?|mlk day", nth(1, 0, 3)),
    (r"presidents?'?s?'? day", nth(2, 0, 3)),
    (r"australia day", fixed(1, 26)),
)

# Things named after the feast are had and done on other days.
_THINGS = (
    r"(?! (?:trees?|cards?|presents?|gifts?|lists?|concerts?|part(?:y|ies)|shopping|markets?|jumpers?|lights?"
    r"|cakes?|puddings?|songs?|carols?|music|plays?|bonus(?:es)?|decorations?|eggs?|bunny|bonnets?|costumes?"
    r"|sales?|movies?|films?|play|term|fairs?|stockings?|jumper|resolutions?)\b)"
)
HOLIDAY = "(?:" + "|".join(f"(?:{names})" for names, _ in HOLIDAYS) + rf")(?!\w){_THINGS}"

HOLIDAY_HOLDS = (
    *(" day", "day ", "christmas", "xmas", "new year", "hogmanay", "epiphany", "burns", "valentine"),
    *("mardi gras", "easter", "whit", "pentecost", "corpus christi", "april fool", "bank holiday"),
    *(
        "juneteenth",
        "midsummer",
        "of july",
        "thanksgiving",
        "hallowe",
        "all s",
        "fawkes",
        "bonfire",
        "advent",
    ),
    *(
        "luther king",
        "sunday",
        "tuesday",
        "ash wed",
        "maundy",
        "good fri",
        "holy sat",
        "black fri",
        "cyber mon",
    ),
)
"""What every name of a holiday holds one of."""


def find_holiday(name: str) -> Holiday:
    """The time whose name HOLIDAY matched, by year."""
    return next(holiday for names, holiday in HOLIDAYS if re.fullmatch(names, name))
