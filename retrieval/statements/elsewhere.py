"""Times ahead in German, Spanish and French: the plain forms; pure. Months in German are read with the
English.

Each line is a pattern, what it means seen from the day of the note, and whether it can only mean the future.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from retrieval.when.periods import Days, month, month_around, one, plus, plus_days, plus_months, week

_WEEKDAY_NAMES = (
    "montag lunes lundi",
    "dienstag martes mardi",
    "mittwoch miércoles mercredi",
    "donnerstag jueves jeudi",
    "freitag viernes vendredi",
    "samstag sábado samedi",
    "sonntag domingo dimanche",
)
_WEEKDAYS = {name: day for day, names in enumerate(_WEEKDAY_NAMES) for name in names.split()}
_MONTH_NAMES = (
    "enero janvier januar",
    "febrero février februar",
    "marzo mars märz",
    "abril avril",
    "mayo mai",
    "junio juin juni",
    "julio juillet juli",
    "agosto août",
    "septiembre septembre",
    "octubre octobre oktober",
    "noviembre novembre",
    "diciembre décembre dezember",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_UNITS = {"tag": "day", "día": "day", "jour": "day", "woche": "week", "semana": "week", "semaine": "week"}
_UNITS |= {"monat": "month", "mes": "month", "mois": "month"}
_NUMBERS = {"einer": 1, "einem": 1, "una": 1, "un": 1, "une": 1, "zwei": 2, "dos": 2, "deux": 2}
_NUMBERS |= {
    "drei": 3,
    "tres": 3,
    "trois": 3,
    "vier": 4,
    "cuatro": 4,
    "quatre": 4,
    "sechs": 6,
    "seis": 6,
    "six": 6,
}

_WEEKDAY = "|".join(_WEEKDAYS)
_MONTH = "|".join(_MONTHS)
_NEXT = r"nächste[nr]?|kommende[nr]?|próxim[oa]|que viene|prochaine?"

Read = Callable[[re.Match[str], date], Days | None]


def _weekday(found: re.Match[str], written: date) -> Days:
    wanted = _WEEKDAYS[found["weekday"]]
    return one(plus_days(written, (wanted - written.weekday() - 1) % 7 + 1))


def _dated(found: re.Match[str], written: date) -> Days:
    number, day = _MONTHS[found["month"]], int(found["day"])
    if found["year"]:
        return one(date(int(found["year"]), number, day))
    this_year = date(written.year, number, day)
    return one(this_year if this_year >= written else date(written.year + 1, number, day))


def _month(found: re.Match[str], written: date) -> Days:
    number = _MONTHS[found["month"]]
    return month(written.year + (number < written.month), number)


def _in_units(found: re.Match[str], written: date) -> Days:
    word = found["count"]
    count = int(word) if word.isdecimal() else _NUMBERS[word]
    unit = _UNITS[found["unit"]]
    reached = plus(written, count, unit)
    return (
        one(reached)
        if unit == "day" or count == 1
        else week(reached)
        if unit == "week"
        else month_around(reached)
    )


def _next_week(_: re.Match[str], written: date) -> Days:
    return week(plus_days(written, 7))


def _next_month(_: re.Match[str], written: date) -> Days:
    return month_around(plus_months(written.replace(day=1), 1))


ELSEWHERE_RULES: tuple[tuple[str, Read, bool], ...] = (
    (
        rf"(?:am |el |le |den )?(?P<day>\d{{1,2}})(?:\.|er)? (?:de )?(?P<month>{_MONTH})(?: (?:de "
        rf")?(?P<year>20\d\d))?",
        _dated,
        False,
    ),
    (r"übermorgen|pasado mañana|après-demain", lambda _, written: one(plus_days(written, 2)), True),
    (
        r"morgen(?= (?:früh|vormittag|nachmittag|abend|um|muss|werde|gehe|habe)\b)|mañana(?! por medio)"
        r"|demain",
        lambda _, written: one(plus_days(written, 1)),
        True,
    ),
    (r"heute abend|esta noche|ce soir", lambda _, written: one(written), True),
    (rf"(?:am |el |le |bis |ce )?(?:(?:{_NEXT}) )?(?P<weekday>{_WEEKDAY})(?: (?:{_NEXT}))?", _weekday, False),
    (
        rf"(?:in|en|dentro de|dans) (?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)}) "
        rf"(?P<unit>{'|'.join(_UNITS)})(?:en|es|e|n|s)?",
        _in_units,
        True,
    ),
    (
        r"(?:nächste|kommende) woche|la próxima semana|la semana que viene|la semaine prochaine",
        _next_week,
        True,
    ),
    (r"nächsten monat|el próximo mes|el mes que viene|le mois prochain", _next_month, True),
    (rf"(?:im|en|bis|hasta|jusqu'en) (?P<month>{_MONTH})", _month, False),
)
