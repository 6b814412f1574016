"""Times that lie ahead of the day a note is about: "on Thursday", "a week on Thursday", "by 4 November";
pure.

`retrieval.when` prefers the past, because questions ask about it; a promise means the time to come. Rules:
- "on Thursday" is the Thursday after the day of the note, "next Tuesday" that of the week after, weeks run
  from Monday; "4 November" and "the 14th" are the next such days; "in March" is the next March, the present
  one included; "the spring" and holidays likewise;
- a longer time keeps its first and last day; what is to be done "next week" is due on its Sunday;
- a time is `sure` when its own words can only mean the future ("tomorrow", "in a fortnight", a full date
  after the note); others need the sentence to say so ("the physio on Thursday showed me" tells of the past);
- "every Thursday", "on Thursdays" and "last Thursday" are no times ahead;
- a time of day stands within a few words of its day, else it belongs to another.

The tables of names and numbers are those of `retrieval.when`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from retrieval.statements.clock import Clock, clocks
from retrieval.statements.elsewhere import ELSEWHERE_RULES
from retrieval.when.holidays import HOLIDAY, find_holiday
from retrieval.when.periods import (
    Days,
    month,
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
from retrieval.when.words import (
    DAY_NUMBER,
    MONTH,
    NUMBER,
    SEASON,
    WEEKDAY,
    YEAR,
    day_number,
    month_number,
    number,
    weekday_number,
)

CLOCK_DISTANCE = 32
"""Characters between a day and its time of day."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A time that lies ahead, and the characters it was read from.

    :ivar first, last: its days, equal for a single day.
    :ivar at: the time of day; None when none is named, and for longer times.
    :ivar sure: whether its own words can only mean the future.
    :ivar dated: whether it names a month or a year.
    """

    first: date
    last: date
    at: time | None
    start: int
    end: int
    sure: bool
    dated: bool = False


Read = Callable[[re.Match[str], date], Days | None]


def _rule(pattern: str, read: Read, *, sure: bool = False) -> tuple[re.Pattern[str], Read, bool]:
    return re.compile(rf"(?<![\w.,/:-]){pattern}(?!\w|[.,:]\d)"), read, sure


def _next_date(day: int, number_of_month: int, written: date) -> date:
    """The next such day of the year; 29 February only in leap years."""
    for later in range(9):
        try:
            found = date(written.year + later, number_of_month, day)
        except ValueError:
            continue
        if found >= written:
            return found
    raise ValueError("no such day")


def _iso(found: re.Match[str], written: date) -> Days:
    return one(date(int(found["year"]), int(found["month"]), int(found["day"])))


def _numeric(found: re.Match[str], written: date) -> Days:
    """Day first, as in `retrieval.when`."""
    day, number_of_month = int(found["day"]), int(found["month"])
    if not found["year"]:
        return one(_next_date(day, number_of_month, written))
    named = int(found["year"])
    return one(date(named + 2000 if named < 100 else named, number_of_month, day))


def _dated(found: re.Match[str], written: date) -> Days:
    day, number_of_month = day_number(found["day"]), month_number(found["month"])
    if found["year"]:
        return one(date(int(found["year"]), number_of_month, day))
    return one(_next_date(day, number_of_month, written))


def _date_span(found: re.Match[str], written: date) -> Days:
    last = _dated(found, written).end
    return Days(last.replace(day=day_number(found["from"])), last)


def _day_of_month(found: re.Match[str], written: date) -> Days:
    day = day_number(found["day"])
    for later in range(3):
        try:
            candidate = plus_months(written.replace(day=1), later).replace(day=day)
        except ValueError:
            continue
        if candidate > written:
            return one(candidate)
    raise ValueError("no such day")


def _weekday(found: re.Match[str], written: date) -> Days:
    wanted = weekday_number(found["weekday"])
    if found["which"]:
        return one(plus_days(week(written).start, 7 + wanted))
    coming = plus_days(written, (wanted - written.weekday() - 1) % 7 + 1)
    return one(coming)


def _week_on(found: re.Match[str], written: date) -> Days:
    """A week on Thursday, Thursday week, a fortnight on Friday."""
    weeks = {"week": 1, "fortnight": 2}[found["unit"]] * number(found["count"] or "1")
    if found["from"] == "today":
        return one(plus_days(written, 7 * weeks))
    if found["from"] == "tomorrow":
        return one(plus_days(written, 7 * weeks + 1))
    wanted = weekday_number(found["from"])
    return one(plus_days(written, (wanted - written.weekday() - 1) % 7 + 1 + 7 * weeks))


def _after_next(found: re.Match[str], written: date) -> Days:
    if found["unit"]:
        return week(plus_days(written, 14))
    return one(plus_days(week(written).start, 14 + weekday_number(found["weekday"])))


def _in_units(found: re.Match[str], written: date) -> Days:
    count, unit = number(found["count"]), found["unit"].rstrip("s'")
    reached = plus(written, count, unit)
    if unit == "day" or found["count"] in ("a", "one", "an"):
        return one(reached) if unit in ("day", "week", "fortnight") else month_around(reached)
    if unit in ("week", "fortnight"):
        return week(reached)
    return month_around(reached) if unit == "month" else year(reached.year)


def _named_unit(found: re.Match[str], written: date) -> Days:
    shift, unit = (1 if found["which"] == "next" else 0), found["unit"]
    match unit:
        case "week":
            return week(plus_days(written, 7 * shift))
        case "weekend":
            return weekend(plus_days(written, 7 * shift))
        case "month":
            return month_around(plus_months(written.replace(day=1), shift))
        case _:
            return year(written.year + shift)


def _part_of(found: re.Match[str], written: date) -> Days:
    """The beginning, middle or end of a month or year: its thirds, or its last week."""
    if found["unit"]:
        whole = _named_unit(found, written)
    else:
        whole = _month_days(month_number(found["month"]), found["year"], written)
    if found["part"].startswith(("end", "late")):
        return Days(plus_days(whole.end, -6), whole.end)
    length = (whole.end - whole.start).days + 1
    third = 1 if found["part"].startswith("mid") else 0
    start = plus_days(whole.start, length * third // 3)
    return Days(start, plus_days(whole.start, length * (third + 1) // 3 - 1))


def _month_days(number_of_month: int, year_word: str | None, written: date) -> Days:
    if year_word:
        return month(int(year_word), number_of_month)
    return month(written.year + (number_of_month < written.month), number_of_month)


def _month(found: re.Match[str], written: date) -> Days:
    return _month_days(month_number(found["month"]), found["year"], written)


def _holiday(found: re.Match[str], written: date) -> Days:
    holiday = find_holiday(found["name"])
    if found["year"]:
        return holiday(int(found["year"]))
    this_year = holiday(written.year)
    return this_year if this_year.end >= written else holiday(written.year + 1)


def _season(found: re.Match[str], written: date) -> Days:
    name = found["name"]
    if found["year"]:
        return season(int(found["year"]), name)
    candidates = (season(written.year + later, name) for later in (-1, 0, 1))
    return next(days for days in candidates if days.end >= written)


def _days_later(count: int) -> Read:
    return lambda _, written: one(plus_days(written, count))


_YEAR = rf"(?:,? (?P<year>{YEAR}))?"
_RULES: tuple[tuple[re.Pattern[str], Read, bool], ...] = (
    _rule(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", _iso),
    _rule(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4}|\d{2})", _numeric),
    _rule(
        r"(?:on|by|until|till|am|bis|el|le) (?P<day>\d{1,2})[/.](?P<month>\d{1,2})\.?(?P<year>(?!))?",
        _numeric,
    ),
    _rule(
        rf"(?:the )?(?P<from>{DAY_NUMBER}) ?(?:-|to|until|till|and) ?(?:the )?(?:{WEEKDAY} "
        rf")?(?P<day>{DAY_NUMBER})(?: of)? (?P<month>{MONTH}){_YEAR}",
        _date_span,
    ),
    _rule(rf"(?:the )?(?P<day>{DAY_NUMBER})(?: of)? (?P<month>{MONTH}){_YEAR}", _dated),
    _rule(rf"(?P<month>{MONTH}) (?:the )?(?P<day>{DAY_NUMBER}){_YEAR}", _dated),
    _rule(
        rf"(?:(?P<count>{NUMBER}) )?(?P<unit>week|fortnight)s? (?:on |from |from this |from next )?"
        rf"(?P<from>{WEEKDAY}|today|tomorrow)",
        _week_on,
        sure=True,
    ),
    _rule(
        rf"(?P<from>{WEEKDAY}|today|tomorrow) (?P<count>(?!))?(?P<unit>week|fortnight)(?! (?:ago|before"
        rf"|last))",
        _week_on,
        sure=True,
    ),
    _rule(rf"(?:the )?(?:(?P<unit>week)|(?P<weekday>{WEEKDAY})) after next", _after_next, sure=True),
    _rule(r"(?:the )?day after tomorrow", _days_later(2), sure=True),
    _rule(r"tomorrow(?: (?:morning|afternoon|evening|night))?", _days_later(1), sure=True),
    _rule(r"tonight|later today|this (?:afternoon|evening)", _days_later(0), sure=True),
    _rule(
        rf"(?<!time )(?:in|within) (?:the next |about |around |another )?(?P<count>{NUMBER}) "
        r"(?P<unit>days?|weeks?|fortnights?|months?|years?)(?:'?s?'? time)?",
        _in_units,
        sure=True,
    ),
    _rule(
        rf"(?P<count>{NUMBER}) (?P<unit>days?|weeks?|fortnights?|months?|years?)(?:'? time| from now)",
        _in_units,
        sure=True,
    ),
    _rule(
        r"(?:the |at the |by the )?(?P<part>end|beginning|start|middle|mid|late|early)[ -](?:of )?(?:the )?"
        rf"(?:(?P<which>this |next |the )?(?P<unit>month|year|week)|(?P<month>{MONTH}){_YEAR})",
        _part_of,
    ),
    _rule(rf"(?P<which>next) (?P<weekday>{WEEKDAY})", _weekday, sure=True),
    _rule(rf"(?P<which>(?!))?(?:(?:this|on|by|for) )?(?P<weekday>{WEEKDAY})(?! (?:night )?last\b)", _weekday),
    _rule(r"(?P<which>next) (?P<unit>week|weekend|month|year)", _named_unit, sure=True),
    _rule(r"(?:later )?(?P<which>this) (?P<unit>weekend|week|month|year)", _named_unit),
    _rule(r"(?P<which>at|for|by|on) the (?P<unit>weekend)", _named_unit),
    _rule(
        rf"(?:at|by|before|for|on|over|until|till|after|next|this) (?:the )?(?P<name>{HOLIDAY}){_YEAR}",
        _holiday,
    ),
    _rule(rf"(?:in|by|until|till|for|from|to|before|next|this) (?P<month>{MONTH}){_YEAR}", _month),
    _rule(rf"(?P<month>{MONTH}) (?P<year>{YEAR})", _month),
    _rule(rf"(?:in|by|until|till|for|before|this|next) (?:the )?(?P<name>{SEASON}){_YEAR}", _season),
    _rule(rf"(?:in|by|until|till|before) (?P<year>{YEAR})", lambda found, _: year(int(found["year"]))),
    _rule(r"(?:on |by |until |till |for |before |to )the (?P<day>\d{1,2}(?:st|nd|rd|th))", _day_of_month),
    _rule(r"the (?P<day>\d{1,2}(?:st|nd|rd|th))(?=[,.;:!?)]|\Z| at | in the | with )", _day_of_month),
    *(_rule(pattern, read, sure=sure) for pattern, read, sure in ELSEWHERE_RULES),
)
_ANY = re.compile(
    rf"\d|{MONTH}|{WEEKDAY}|week|fortnight|month|year|tomorrow|tonight|today|this (?:after|even)|time|later"
    rf"|{SEASON}|{HOLIDAY}|{NUMBER} days|morgen|woche|tag\b|monat|mañana|semana|lunes|martes|miércoles|jueves"
    rf"|viernes"
    r"|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|semaine|mois|noche|soir"
    r"|abend"
)
"""Without one of these there is no time: most sentences are told by one pattern."""

_NOT_AHEAD = re.compile(
    r"(?:\b(?:last|past|every|each|since|previous|most|ago|letzten?|jeden|pasado|cada|chaque|dernier) (?:the "
    r")?|\bthe )\Z"
)
_THE_WEEKDAY = re.compile(rf"\b(?:on )?the (?P<weekday>{WEEKDAY})(?! (?:before|last))")
_DATED = re.compile(rf"\d{{4}}|\d[/.]\d|\b{MONTH}")
_AMBIGUOUS = frozenset({"may", "mar", "march", "sun", "sat", "mon", "wed", "august"})


def times_ahead(words: str, written: date) -> list[Ahead]:
    """The times ahead in a sentence, in its order; none overlap.

    :param words: the sentence after `retrieval.when.words.plain`.
    :param written: the day the note is about.
    """
    if not _ANY.search(words):
        return []
    taken: list[tuple[Days, int, int, bool]] = []
    for pattern, read, sure in _RULES:
        for found in pattern.finditer(words):
            start, end = found.span()
            if any(start < other_end and other_start < end for _, other_start, other_end, _ in taken):
                continue
            days = _read(read, found, written)
            if days is not None and days.end >= written:
                taken.append((days, start, end, sure or _names_future_year(found, days, written)))
    taken.sort(key=lambda time_read: time_read[1])
    return _with_clocks(words, _followed(words, _joined(words, taken)))


def _read(read: Read, found: re.Match[str], written: date) -> Days | None:
    if _NOT_AHEAD.search(found.string[: found.start()]) or found.group() in _AMBIGUOUS:
        return None
    try:
        days = read(found, written)
    except (ValueError, OverflowError, StopIteration):
        return None
    return days if days is not None and days.start <= days.end else None


def _names_future_year(found: re.Match[str], days: Days, written: date) -> bool:
    return bool(found.groupdict().get("year")) and days.start > written


def _joined(words: str, taken: list[tuple[Days, int, int, bool]]) -> list[tuple[Days, int, int, bool]]:
    """ "Wednesday 12 November" is one time; the date counts, and the weekday only beside it is dropped."""
    kept: list[tuple[Days, int, int, bool]] = []
    for days, start, end, sure in taken:
        if kept and re.fullmatch(r"[ ,]*(?:the |on |den )?", words[kept[-1][2] : start]):
            before_days, before_start, before_end, before_sure = kept[-1]
            # Whichever names the month: a weekday and a date side by side mean the date.
            date_first = re.search(r"\d", words[before_start:before_end]) is not None
            kept[-1] = (before_days if date_first else days, before_start, end, sure or before_sure)
        else:
            kept.append((days, start, end, sure))
    return kept


def _followed(words: str, taken: list[tuple[Days, int, int, bool]]) -> list[tuple[Days, int, int, bool]]:
    """ "Back on the Sunday" after a date is the Sunday after that date."""
    more = []
    for found in _THE_WEEKDAY.finditer(words):
        before = [days for days, _, end, _ in taken if end <= found.start()]
        if before and not any(start < found.end() and found.start() < end for _, start, end, _ in taken):
            wanted = weekday_number(found["weekday"])
            day = plus_days(before[-1].start, (wanted - before[-1].start.weekday()) % 7)
            more.append((one(day), *found.span(), False))
    return sorted([*taken, *more], key=lambda time_read: time_read[1])


def _with_clocks(words: str, taken: list[tuple[Days, int, int, bool]]) -> list[Ahead]:
    free = [
        clock
        for clock in clocks(words)
        if not any(clock.start < end and start < clock.end for _, start, end, _ in taken)
    ]
    near = sorted(
        (max(clock.start - end, start - clock.end), place, clock)
        for place, (days, start, end, _) in enumerate(taken)
        for clock in free
        if days.start == days.end
    )
    chosen: dict[int, Clock] = {}
    for gap, place, clock in near:
        if gap <= CLOCK_DISTANCE and place not in chosen and clock not in chosen.values():
            chosen[place] = clock
    return [_ahead(words, *one_taken, chosen.get(place)) for place, one_taken in enumerate(taken)]


def _ahead(words: str, days: Days, start: int, end: int, sure: bool, clock: Clock | None) -> Ahead:
    dated = _DATED.search(words, start, end) is not None
    if clock is None:
        return Ahead(days.start, days.end, None, start, end, sure, dated)
    first, last = min(start, clock.start), max(end, clock.end)
    return Ahead(days.start, days.end, clock.at, first, last, sure, dated)
