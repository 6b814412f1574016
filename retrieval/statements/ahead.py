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
from dataclasses import dataclass
from datetime import date, time

from retrieval.statements.clock import Clock, clocks
from retrieval.statements.days_ahead import DAY_RULES_AHEAD, Read
from retrieval.when.holidays import HOLIDAY
from retrieval.when.periods import Days, one, plus_days
from retrieval.when.words import MONTH, NUMBER, SEASON, WEEKDAY, weekday_number

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
    for pattern, read, sure in DAY_RULES_AHEAD:
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
