"""Times told by an event: "since I started physio", "two days after the operation"; pure.

`parse_events` says which event a question means and how the time lies to it; when it happened is in the
notes, and `retrieval.events` looks for it. A date beside the event in the question is taken along: "the fall
(18 January)" needs no search, "the deposit in March" is looked for in March. What every day brings ("after
lunch", "before bed") and what refers back ("since then", "before that") is no event.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice

from diary.model.time_range import TimeRange
from retrieval.when.happenings import EVENT_WORDS, EventWords
from retrieval.when.joining import SPREAD
from retrieval.when.languages import languages_of
from retrieval.when.lazy import Lazy, Match
from retrieval.when.periods import plus, plus_days
from retrieval.when.ranges import LONGEST_QUESTION, parse_range
from retrieval.when.words import WEEKDAYS, listed, plain


class Relation(StrEnum):
    """How the time asked about lies to the event."""

    SINCE = "since"
    UNTIL = "until"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"
    WHILE = "while"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReference:
    """A time told by an event.

    :ivar event: the words of the event, as they stand in the question: "I started physio".
    :ivar phrase: all the words the time was read from: "two weeks after I started physio".
    :ivar offset: days from the event to the day that `relation` speaks of; negative is earlier.
    :ivar length: for ON, how many days from there.
    :ivar weekday: for ON, the next such day from there (Monday is 0); before the event the last such day.
    :ivar dated: the time named beside the event in brackets, which settles it.
    :ivar within: the time named beside the event otherwise, in which to look for it.
    :ivar end: for BETWEEN, the other end: an event or a time of the calendar.
    """

    event: str
    relation: Relation
    phrase: str
    offset: int = 0
    length: int = 1
    weekday: int | None = None
    dated: TimeRange | None = None
    within: TimeRange | None = None
    end: EventReference | TimeRange | None = None

    def by_hint(self, as_of: date) -> TimeRange | None:
        """The range when only the time named beside the event is known: the widest that it can be, since or
        after the first of its days, before or until the last, otherwise in it.
        """
        hint = self.within
        if hint is None or hint.start is None or hint.end is None or self.relation is Relation.BETWEEN:
            return None
        if self.relation is Relation.ON:
            return TimeRange(hint.start, hint.end, hint.phrase)
        if self.relation in (Relation.BEFORE, Relation.UNTIL):
            return TimeRange(None, hint.end, self.phrase)
        if hint.start > as_of:
            return None
        return TimeRange(hint.start, hint.end if self.relation is Relation.WHILE else as_of, self.phrase)

    def range(self, happened: date, as_of: date, ended: date | None = None) -> TimeRange | None:
        """The range, when the event happened on that day.

        :param ended: the day of the other end, of BETWEEN and WHILE.
        :returns: None when it would end before it starts, or begin after `as_of`.
        """
        try:
            day = plus_days(happened, self.offset)
            start, end = self._ends(day, as_of, ended)
        except OverflowError:
            return None
        if start is not None and end is not None and start > end:
            return None
        return TimeRange(start, end, self.phrase)

    def _ends(self, day: date, as_of: date, ended: date | None) -> tuple[date | None, date | None]:
        match self.relation:
            case Relation.SINCE:
                return day, as_of
            case Relation.UNTIL:
                return None, day
            case Relation.BEFORE:
                return None, plus_days(day, -1)
            case Relation.AFTER:
                return plus_days(day, 1), as_of
            case Relation.ON if self.weekday is not None:
                away = (self.weekday - day.weekday()) % 7
                found = plus_days(day, away - 7 if self.offset == -1 and away else away)
                return found, found
            case Relation.ON:
                return day, plus_days(day, self.length - 1)
            case _:
                return day, ended or as_of


MOST_JOINTS = 3
"""How many times "and" or "to" is tried as what stands between the two ends of a range."""

_ORDINARY = frozenset(
    listed(
        """
lunch dinner breakfast supper tea work bed sleep school noon midnight midday sunrise sunset dawn dusk meal
meals food coffee shower exercise that this it them then there they those these day days night nights
morning evening afternoon week weeks month months year years time end start beginning moment date entry
entries note notes diary one ones first last same rest others hour minute thing things
"""
    )
)
_DIARY = "(?:diary|notebook|journal|log|logbook|notes|entries|records?)"
BEGAN_TO_NOTE = (
    r"(?:i|we)(?:'d|'ve)? (?:first )?(?:began|begun|started|opened)"
    rf" (?:(?:to )?(?:keep(?:ing)?|writ(?:e|ing)|us(?:e|ing)|mak(?:e|ing)|tak(?:e|ing))"
    rf" (?:in )?)?(?:(?:this|the|my|a) )?(?:{_DIARY}|(?:writing|logging|recording|tracking)"
    r"(?: (?:it|this|these|them|things))?(?: down)?)"
)
"""The beginning of the notes themselves, since which is any time."""
_NOTES_BEGAN = re.compile(rf"{BEGAN_TO_NOTE}\W*\Z")
_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]{1,80})\)")
_EDGE = re.compile(r"\A[\s'\"\u201c\u201d]+|[\s'\"\u201c\u201d.]+\Z")
_NAME = re.compile(r"[A-Z][^\W\d_]+(?:'s)? [^\W\d_]+")
_A_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_HELPERS = frozenset(
    listed("my our his her their your the that this i we he she they you a an of on in at to was is")
)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The words in front of an event, and what they make of it."""

    first: int
    last: int
    relation: Relation
    offset: int = 0
    length: int = 1
    weekday: int | None = None


def outside_events(
    calendar: Sequence[TimeRange], references: Sequence[EventReference]
) -> tuple[TimeRange, ...]:
    """The times of the calendar that are not the hint of an event: of "since the deposit in March" none."""
    return tuple(
        found
        for found in calendar
        if not any(
            reference.within is not None and found.phrase and found.phrase in reference.phrase
            for reference in references
        )
    )


def parse_events(question: str, as_of: date) -> tuple[EventReference, ...]:
    """The events that a question tells times by, in the order named; of a comparison there may be two.

    :param as_of: the day that "today" means, for the dates beside the event.
    """
    text = plain(question[:LONGEST_QUESTION])
    language = next(languages_of(text))
    reader = _Reader(question, text, EVENT_WORDS[language.name], as_of)
    found: list[EventReference] = []
    place = 0
    while place < len(text):
        step = reader.next_reference(place)
        if step is None:
            break
        reference, place = step
        found.append(reference)
    return tuple(_paired(found))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the references of one question from left to right."""

    question: str
    text: str
    words: EventWords
    as_of: date

    def next_reference(self, place: int) -> tuple[EventReference, int] | None:
        """The next reference at or behind `place`, and where it ends."""
        for match in _openings(self.words).pattern.finditer(self.text, place):
            read = self._between(match) if match["between"] else self._single(match)
            if read is None and match["between"]:  # "desde" and "depuis" open both kinds
                alone = _openings(self.words, both=False).match(self.text, match.start())
                read = self._single(alone) if alone else None
            if read is not None:
                return read
        return None

    def _single(self, match: Match) -> tuple[EventReference, int] | None:
        opening = self._opening(match)
        return self._event(opening) if opening else None

    def _opening(self, match: Match) -> _Opening | None:
        if match["while_on"]:
            return _Opening(match.start(), match.end(), Relation.WHILE)
        if match["offset"]:
            offset = Lazy(self.words.offset).fullmatch(match["offset"])
            return self._offset(match, offset) if offset else None
        if match["day_of"]:
            day_of = Lazy(self.words.day_of).fullmatch(match["day_of"])
            unit = self.words.units.get(day_of["unit"]) if day_of else None
            if unit in WEEKDAYS:
                return _Opening(match.start(), match.end(), Relation.ON, -3, 1, WEEKDAYS[unit])
            before, length = {"day": (0, 1), "weekend": (-1, 3), "week": (-3, 7)}.get(unit or "", (-15, 31))
            return _Opening(match.start(), match.end(), Relation.ON, before, length)
        name = next(name for name in self.words.relations if match[f"r_{name}"])
        if name == "around":
            return _Opening(match.start(), match.end(), Relation.ON, -3, 7)
        return _Opening(match.start(), match.end(), Relation(name))

    def _offset(self, match: Match, offset: Match) -> _Opening:
        """ "Two days after": that day; "the week before": all its days."""
        unit, back = self.words.units[offset["unit"]], offset["back"] is not None
        word = offset["count"]
        if unit in WEEKDAYS:
            beside = -1 if back else 1
            return _Opening(match.start(), match.end(), Relation.ON, beside, 1, WEEKDAYS[unit])
        if word is None and not offset["lead"] and offset["many"]:
            return _Opening(match.start(), match.end(), Relation.BEFORE if back else Relation.AFTER)
        count = 1 if word is None else int(word) if word.isdecimal() else self.words.counts[word]
        days = (plus(date(2001, 1, 1), count, unit) - date(2001, 1, 1)).days
        if offset["lead"] or word is None:
            return _Opening(match.start(), match.end(), Relation.ON, -days if back else 1, days)
        spread = SPREAD[unit]
        return _Opening(
            match.start(), match.end(), Relation.ON, (-days if back else days) - spread, 2 * spread + 1
        )

    def _event(self, opening: _Opening, limit: int | None = None) -> tuple[EventReference, int] | None:
        """The event behind an opening, with the dates beside it."""
        start = opening.last
        while start < len(self.text) and self.text[start] in " '\"":
            start += 1
        named = self.words.subject.match(self.text, start) or _NAME.match(self.question, start)
        if opening.relation is not Relation.WHILE and not named:
            return None
        end = self._end(start, limit)
        event = _EDGE.sub("", self.question[start:end])
        if not _tells_something(event):
            return None
        brackets = _BRACKETS.match(self.text, end)
        dated = parse_range(self.question[slice(*brackets.span("inside"))], self.as_of) if brackets else None
        last = brackets.end() if brackets and dated else end
        phrase = _EDGE.sub("", self.question[opening.first : last])
        within = parse_range(event, self.as_of)
        if within is not None:
            event = _EDGE.sub("", " ".join(event.replace(within.phrase, " ", 1).split()))
            if not _tells_something(event):
                return None
        reference = EventReference(
            event=event,
            relation=opening.relation,
            phrase=phrase,
            offset=opening.offset,
            length=opening.length,
            weekday=opening.weekday,
            dated=dated,
            within=within,
        )
        return reference, last

    def _end(self, start: int, limit: int | None) -> int:
        """Where the words of an event end; a stop right behind its subject is a part of it."""
        subject = self.words.subject.match(self.text, start)
        behind = subject.end() if subject else start
        stop = self.words.stop.search(self.text, behind, limit)
        end = stop.start() if stop else (len(self.text) if limit is None else limit)
        while end > start and self.text[end - 1] == " ":
            end -= 1
        return end

    def _between(self, match: Match) -> tuple[EventReference, int] | None:
        """Both ends of "between the fall and the operation"; at least one must be an event."""
        joints = Lazy(rf"(?<!\w)(?:{self.words.second})(?!\w) *")
        for second in islice(joints.pattern.finditer(self.text, match.end()), MOST_JOINTS):
            read = self._ends(match, second)
            if read is not None:
                return read
        return None

    def _ends(self, match: Match, second: Match) -> tuple[EventReference, int] | None:
        last = self._end_of_range(second.end())
        now = Lazy(rf"(?:{self.words.now})(?!\w)").match(self.text, second.end())
        rest = self.question[second.end() : last]
        behind = TimeRange(self.as_of, self.as_of) if now else parse_range(rest, self.as_of)
        # "The deposit in March" before "May 2025" is looked for in March 2025.
        earlier = replace(self, as_of=behind.end) if behind is not None and behind.end is not None else self
        front = earlier.side(match.end(), second.start())
        if front is None or self.text[front[1] : second.start()].strip():
            return None
        back = self.side(second.end(), last)
        if back is None and behind is None:
            return None
        end = back[0] if back else behind
        stop = back[1] if back else now.end() if now else last
        phrase = _EDGE.sub("", self.question[match.start() : stop])
        return replace(front[0], relation=Relation.BETWEEN, phrase=phrase, length=1, end=end), stop

    def _end_of_range(self, start: int) -> int:
        stop = Lazy(r"[;:?!]|\.(?:\s|\Z)|, |\b(?:than|vs|versus|compared|against)\b").search(self.text, start)
        return stop.start() if stop else len(self.text)

    def side(self, start: int, limit: int) -> tuple[EventReference, int] | None:
        """One end of a range: an event, or a time told by one ("the day before the operation")."""
        for match in _openings(self.words).pattern.finditer(self.text, start, limit):
            if match["between"] or self.text[start : match.start()].strip():
                break
            opening = self._opening(match)
            read = self._event(opening, limit) if opening else None
            if read is not None:
                return read
        return self._event(_Opening(start, start, Relation.ON), limit)


def _tells_something(event: str) -> bool:
    if _NOTES_BEGAN.match(event.lower()):
        return False
    words = [word for word in _A_WORD.findall(event.lower()) if word not in _HELPERS]
    return bool(words) and not all(word in _ORDINARY for word in words)


_CACHE: dict[tuple[int, bool], Lazy] = {}


def _openings(words: EventWords, *, both: bool = True) -> Lazy:
    """All that may stand in front of an event, as one pattern; with those that open two ends, or without."""
    key = id(words), both
    if key not in _CACHE:
        relations = "|".join(f"(?P<r_{name}>{pattern})" for name, pattern in words.relations.items())
        _CACHE[key] = Lazy(
            rf"(?<!\w)(?:(?P<while_on>{words.while_on})|(?P<offset>{_nameless(words.offset)})"
            rf"|(?P<day_of>{_nameless(words.day_of)})|(?P<between>{words.between if both else '(?!)'})"
            rf"|{relations})(?!\w)"
        )
    return _CACHE[key]


def _nameless(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


def _paired(found: list[EventReference]) -> list[EventReference]:
    """ "Since the operation until the discharge" is one time with two ends."""
    done: list[EventReference] = []
    for reference in found:
        opened = done and done[-1].relation in (Relation.SINCE, Relation.AFTER)
        if opened and reference.relation in (Relation.UNTIL, Relation.BEFORE):
            done[-1] = replace(
                done[-1],
                relation=Relation.BETWEEN,
                phrase=f"{done[-1].phrase} {reference.phrase}",
                end=reference,
            )
        else:
            done.append(reference)
    return done
