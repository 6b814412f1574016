"""From when: the stretch of time that words name, and the words that name it; pure given a reader of times.

A time in brackets explains the words before it ("since the move (4 August 2025)") and wins over them.
Then two ends are tried ("between the wedding and the day before the move"), each of which may be told by an
event or a bracket of its own; then any one time. What was read is blanked out of the words, at the same
length, so that "last" of "last March" asks for nothing else and offsets stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from diary.model.time_range import TimeRange
from retrieval.when.events import BEGAN_TO_NOTE
from retrieval.when.periods import Days, month_around, plus, plus_days, plus_months, year

TimeReader = Callable[[str, date], Sequence[TimeRange]]
"""The times that words name, in order, events resolved; `TimeRange.phrase` is the words read."""

_BRACKET = re.compile(r"\((?P<inside>[^()]*)\)")
_PREPOSITION = re.compile(
    r"\b(?:while|during|since|before|after|until|when|with|without|under|from|between|on|in|at|of|over|for"
    r"|the day)\b"
)
_ENDS = re.compile(r"\b(?:between|from) (?P<a>.+?) (?:and|to|until|till|through|up to) (?P<b>.+)")
_NOW = re.compile(r"(?:now|today|date|the present|then)\b")
_ALL_TIME = re.compile(
    r"\b(?:ever|so far|in all this time|overall|(?:of )?all time|to date|until now|up to now"
    r"|(?:ever )?(?:since|from) the (?:very )?(?:start|beginning|outset)(?! of)|von anfang an|seit beginn"
    rf"|(?:ever )?since {BEGAN_TO_NOTE}(?=\W*(?:\Z|[,;:?!)])))(?!\w)"
)
_IT = r"(?: (?:it|that|them|then|this|these|those|the change|the switch))?\s*[?.!]*\s*\Z"
_BEFORE_IT = re.compile(
    rf"\b(?:before|until|prior to|up to){_IT}|\b(?:beforehand|previously|earlier on|the time before)\b"
)
_AFTER_IT = re.compile(rf"\b(?:after|since|following){_IT}|\b(?:afterwards|the time after)\b")
_STRETCH = "day|week|fortnight|month|quarter|year|time|period|stretch|span"
_UNIT_BEFORE = re.compile(
    rf"\bthe (?:(?:same )?(?:{_STRETCH}) before|(?:previous|preceding) (?:{_STRETCH}))"
    r"(?! (?:the|that|last|i|my)\b)"
)
_UNIT_AFTER = re.compile(
    r"\bthe (?:(?:same )?(?P<unit>day|week|fortnight|month|quarter|year) (?:after|afterwards)"
    r"|(?:following|next) (?P<unit_after>day|week|fortnight|month|quarter|year))(?! (?:the|that|last|i|my)\b)"
)
_SAME = re.compile(
    r"\bthe same (?:days?|weeks?|months?|period|time|stretch|season|quarter|half)(?: of(?: the)? year)?"
    r"(?: (?:of|in|from))? ?"
    r"(?P<when>(?:19|20)\d\d|last year|the year before|a year (?:before|earlier|ago)|the previous year)?"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read: the range, or None, and the words left, with blanks in the place of the time."""

    range: TimeRange | None
    left: str


def take(words: str, as_of: date, read: TimeReader) -> Taken:
    """The one stretch of time that plain words name."""
    bracket = next(
        (match for match in _BRACKET.finditer(words) if _first(match["inside"], as_of, read)), None
    )
    ends = _ENDS.search(words)
    if ends is not None and (bracket is None or bracket.start() < ends.end("a")):
        told = bracket is not None or not _plain(words, as_of, read)
        both = _two_ends(words, ends, as_of, read) if told else None
        if both is not None:
            return both
    if bracket is not None:
        starts = [match.start() for match in _PREPOSITION.finditer(words, 0, bracket.start())]
        start = starts[-1] if starts else bracket.start()
        inside = _explained(words[start : bracket.start()], bracket["inside"], as_of, read)
        if inside is None:
            return Taken(None, words)
        left = _blanked(words, start, bracket.end())
        return Taken(_phrased(inside, words[start : bracket.end()]), _without_times(left, as_of, read))
    found = _first(words, as_of, read)
    if found is not None:
        return Taken(found, _without(words, found))
    if ends is not None:
        two = _two_ends(words, ends, as_of, read)
        if two is not None:
            return two
    return Taken(None, _ALL_TIME.sub(lambda match: " " * len(match.group()), words))


def _explained(before: str, inside: str, as_of: date, read: TimeReader) -> TimeRange | None:
    """The time in a bracket; of a single day, what "since" or "before" in front of it makes of it."""
    found = _first(inside, as_of, read)
    if found is None or found.start is None or found.start != found.end:
        return found
    led = re.match(r"\s*(since|from|before|after|until)\b", inside)
    way = led[1] if led else (before.split() or [""])[0]
    if way not in ("since", "from", "before", "after", "until"):
        return found
    day = inside[led.end() :] if led else inside
    return _first(f"{'since' if way == 'from' else way} {day.strip()}", as_of, read) or found


def _plain(words: str, as_of: date, read: TimeReader) -> bool:
    """Whether one reading of the words covers all of their two ends."""
    found, ends = _first(words, as_of, read), _ENDS.search(words)
    if found is None or ends is None or found.start is None or found.end is None:
        return False
    place = words.find(found.phrase.lower()) if found.phrase else -1
    return place >= 0 and place <= ends.start("a") and place + len(found.phrase) > ends.start("b")


def _first(words: str, as_of: date, read: TimeReader) -> TimeRange | None:
    found = read(words, as_of)
    return found[0] if found else None


def _two_ends(words: str, ends: re.Match[str], as_of: date, read: TimeReader) -> Taken | None:
    first, rest = _end(ends["a"], as_of, read), ends["b"]
    last, length = _end(rest, as_of, read), len(rest)
    if last is None and _NOW.match(rest):
        last = TimeRange(as_of, as_of)
        length = _NOW.match(rest).end()  # type: ignore[union-attr]
    elif last is not None and last.phrase and last.phrase in rest:
        length = rest.find(last.phrase) + len(last.phrase)
    if first is None or last is None or first.start is None or last.end is None or first.start > last.end:
        return None
    stop = ends.start("b") + length
    found = TimeRange(first.start, last.end, words[ends.start() : stop].strip())
    return Taken(found, _blanked(words, ends.start(), stop))


def _end(words: str, as_of: date, read: TimeReader) -> TimeRange | None:
    bracket = _BRACKET.search(words)
    return _first(bracket["inside"] if bracket else words, as_of, read)


def _phrased(found: TimeRange, words: str) -> TimeRange:
    return TimeRange(found.start, found.end, words.strip())


def _without(words: str, found: TimeRange) -> str:
    place = words.find(found.phrase.lower()) if found.phrase else -1
    return words if place < 0 else _blanked(words, place, place + len(found.phrase))


def _without_times(words: str, as_of: date, read: TimeReader) -> str:
    """The words with what else reads as a time blanked out too: it was explained by a bracket."""
    for _ in range(3):
        found = _first(words, as_of, read)
        shorter = _without(words, found) if found else words
        if shorter == words:
            break
        words = shorter
    return words


def _blanked(words: str, start: int, end: int) -> str:
    return words[:start] + " " * (end - start) + words[end:]


def beside(words: str, other: TimeRange, as_of: date) -> Taken | None:
    """A time told by the other side of a comparison: "before it", "the month before", "the same months"."""
    for pattern, made in (
        (_SAME, _same_of(other)),
        (_UNIT_BEFORE, lambda _: _just_before(other)),
        (_UNIT_AFTER, lambda match: _just_after(other, match["unit"] or match["unit_after"], as_of)),
        (_BEFORE_IT, lambda _: TimeRange(None, plus_days(other.start, -1)) if other.start else None),
        (_AFTER_IT, lambda _: TimeRange(plus_days(other.end, 1), as_of) if other.end else None),
    ):
        match = pattern.search(words)
        if match is None:
            continue
        try:
            found = made(match)
        except (ValueError, OverflowError):
            return None
        if found is not None:
            return Taken(_phrased(found, match.group().strip(" ?.!")), _blanked(words, *match.span()))
    return None


def _same_of(other: TimeRange) -> Callable[[re.Match[str]], TimeRange | None]:
    def shifted(match: re.Match[str]) -> TimeRange | None:
        if other.start is None or other.end is None:
            return None
        named = match["when"] or ""
        years = int(named) - other.start.year if named.isdecimal() else -1
        return TimeRange(*_moved(Days(other.start, other.end), 12 * years))

    return shifted


def _moved(days: Days, months: int) -> Days:
    """The days so many months later; a range that ends a month goes on ending one."""
    start, end = plus_months(days.start, months), plus_months(days.end, months)
    return Days(start, month_around(end).end if days.end == month_around(days.end).end else end)


def _just_before(other: TimeRange) -> TimeRange | None:
    """As long a time, directly before; whole months and years stay whole."""
    if other.start is None or other.end is None:
        return None
    days = Days(other.start, other.end)
    if days == month_around(days.start):
        return TimeRange(*month_around(plus_days(days.start, -1)))
    if days == year(days.start.year):
        return TimeRange(*year(days.start.year - 1))
    length = (days.end - days.start).days + 1
    return TimeRange(plus_days(days.start, -length), plus_days(days.start, -1))


def _just_after(other: TimeRange, unit: str, as_of: date) -> TimeRange | None:
    """A day, week, month or year directly after; behind the event when the other lies before one."""
    if other.start is None or other.end is None:
        return None
    whole = Days(other.start, other.end)
    start = plus_days(other.end, 2 if "before" in other.phrase else 1)
    if unit == "month" and whole == month_around(whole.start):
        return TimeRange(*month_around(start))
    if unit == "year" and whole == year(whole.start.year):
        return TimeRange(*year(start.year))
    length = 91 if unit == "quarter" else 0
    end = plus_days(start, length) if length else plus(start, 1, unit)
    return TimeRange(start, min(plus_days(end, -1), max(as_of, start)))
