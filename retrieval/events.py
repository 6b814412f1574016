"""When an event happened, by the notes; and the range a question is answered within.

`RangeResolver.resolve` takes, in this order: the range that was given; the calendar words of the question;
the event it names ("since I started physio"); none. A range with two ends, of which one is an event, goes
before the calendar words, which are a part of it ("between the fall (18 January) and the operation").

An event is looked for
1. among the medicines (`med::`): "started X" is the first that names X, "stopped X" the last, "while I was on
   X" both, by whichever of its names; a thing that is itself a medicine's name ("the patches") began with its
   first;
2. in the passages about it, which speak for days (`retrieval.tellings`). Searching for it reads no event, so
   that a question is never resolved within a question.

A rough draft of a recording dates no event, because numbers rest on such days. A day that is not sure enough
is none, and the question is searched without a range: a wrong one would hide what is asked for.
Not here: how the words are read (`retrieval.when`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Protocol

from diary.model.answer import Question
from diary.model.observation import Observation
from diary.model.resolved_range import EventDate, RangeSource, ResolvedRange
from diary.model.time_range import TimeRange
from retrieval.other_names import Named
from retrieval.ports import ObservationReader
from retrieval.search import RankedPassage, Ranking
from retrieval.stems import plain_words, stem
from retrieval.tellings import Telling, choose_day, event_words, kin_of
from retrieval.when.events import EventReference, Relation, outside_events, parse_events
from retrieval.when.ranges import parse_range, parse_ranges
from retrieval.when.silence import past_the_silence
from retrieval.when.words import plain

LEAST_CONFIDENCE = 0.45
ENTRIES_ASKED = 20
MEDICINE_KEY = "med"
MEDICINE_CONFIDENCE = 0.9
AROUND_A_HINT = timedelta(days=3)
SAME_NAME = 0.85
"""Likeness of two names from which one is the other misspelt ("topirimate")."""

_STARTED = re.compile(
    r"\b(?:start|starts|started|starting|begin|begins|began|begun|beginning|going on|went on|put on"
    r"|first took|took up|begonnen|angefangen|empe\w+|comenc\w+|commenc\w+)\b"
)
_STOPPED = re.compile(
    r"\b(?:stop|stops|stopped|stopping|quit|quitting|finish|finished|finishing|came off|coming off|come off"
    r"|gave up|giving up|last took|took the last|abgesetzt|aufgehört|dej\w+|arrêt\w+)\b"
)
_MEANT = re.compile(
    r"\b(?:agreed|decided|wanted|planned|tried|asked|told|going) to\b"
    r"|\b(?:considered|thought about|talked about)\b"
)
_BEGINS = re.compile(r"\b(?:first|started|starting|began|beginning|begun|diagnos\w+|joined|took up|new)\b")


class EventFinder(Protocol):
    """What resolving needs of a search. Satisfied by `retrieval.search.Searcher`."""

    def passages(self, question: Question, *, events: bool = True) -> Ranking:
        """The ranked passages; without `events` no event in the question is resolved."""
        ...

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word stands."""
        ...

    def named(self, text: str) -> Sequence[Named]:
        """What a text names that has other names."""
        ...

    @property
    def size(self) -> int:
        """Number of passages."""
        ...


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A range read from an event, and the days it rests on."""

    range: TimeRange
    events: tuple[EventDate, ...]


class EventResolver:
    """Finds the day of an event in the notes."""

    def __init__(self, finder: EventFinder, observations: ObservationReader | None = None) -> None:
        self._finder = finder
        self._observations = observations

    def resolve(self, reference: EventReference, as_of: date) -> EventDate | None:
        """The day the event happened, and what tells it; None when the notes do not make it sure.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        if reference.dated is not None and reference.dated.start is not None:
            return EventDate(event=reference.event, day=reference.dated.start)
        taken = self._medicine(reference, as_of)
        if taken:
            stopped = _STOPPED.search(plain(reference.event)) is not None
            return _by_medicine(reference, taken[-1] if stopped else taken[0])
        if reference.relation is Relation.WHILE:
            return None
        return self._by_passages(reference, as_of)

    def ended(self, reference: EventReference, as_of: date) -> EventDate | None:
        """The last day of what was taken, for "while I was on it"; of a time in brackets its end."""
        if reference.dated is not None and reference.dated.end is not None:
            return EventDate(event=reference.event, day=reference.dated.end)
        taken = self._medicine(reference, as_of)
        return _by_medicine(reference, taken[-1]) if taken else None

    def _medicine(self, reference: EventReference, as_of: date) -> list[Observation]:
        """What was logged of the medicine that the event starts, stops or names; in order of time."""
        words = plain(reference.event)
        turned = _STARTED.search(words) or _STOPPED.search(words)
        names = [word for word in event_words(_STOPPED.sub(" ", _STARTED.sub(" ", words))) if len(word) > 2]
        if self._observations is None or not names or _MEANT.search(words):
            return []
        if not turned and reference.relation is not Relation.WHILE and len(names) > 1:
            return []
        others = [other for one in self._finder.named(reference.event) for other in one.others]
        names += [word for other in others for word in plain_words(other) if len(word) > 2]
        logged = self._observations.observations(MEDICINE_KEY)
        return [
            observation
            for observation in logged
            if observation.day <= as_of and _names(observation.name or observation.written, names)
        ]

    def _by_passages(self, reference: EventReference, as_of: date) -> EventDate | None:
        words = event_words(reference.event)
        within = _widened(reference.within)
        found = self._found(reference.event, words, as_of, within)
        if not found:
            return None
        tellings = [_telling(ranked, share) for ranked, share in found]
        choice = choose_day(
            tellings, self._weights(words), earliest=_BEGINS.search(plain(reference.event)) is not None
        )
        if choice is None or choice.confidence < LEAST_CONFIDENCE or choice.day > as_of:
            return None
        if within is not None and not within.contains(choice.day):
            return None
        passage = found[choice.place][0].passage
        return EventDate(
            event=reference.event,
            day=choice.day,
            entry=passage.entry,
            source_id=passage.source_id,
            quote=passage.text,
            start=passage.start,
            end=passage.end,
            told=passage.day,
            confidence=choice.confidence,
        )

    def _found(
        self, event: str, words: Sequence[str], as_of: date, within: TimeRange | None
    ) -> list[tuple[RankedPassage, float]]:
        """The passages found for the event, and for it and its kin, each with its share of the best score."""
        kin = kin_of(words)
        best: dict[int, tuple[RankedPassage, float]] = {}
        for text in [event, *([f"{event} {' '.join(kin)}"] if kin else [])]:
            question = Question(text=text, as_of=as_of, limit=ENTRIES_ASKED, range=within)
            ranked = self._finder.passages(question, events=False).passages
            top = max((passage.score for passage in ranked), default=0.0)
            for one in ranked:
                if one.passage.rough:
                    continue
                share = one.score / top if top > 0 else 0.0
                known = best.get(one.passage.id)
                if known is None or known[1] < share:
                    best[one.passage.id] = one, share
        return list(best.values())

    def _weights(self, words: Iterable[str]) -> Mapping[str, float]:
        """Inverse document frequency of each word, as in BM25."""
        size = self._finder.size
        return {
            word: math.log1p((max(size - count, 0) + 0.5) / (count + 0.5))
            for word, count in self._finder.frequencies(list(words)).items()
        }


class RangeResolver:
    """Says within which range a question is answered."""

    def __init__(self, events: EventResolver, born: date | None = None) -> None:
        self._events = events
        self._born = born

    @classmethod
    def over(
        cls, finder: EventFinder, observations: ObservationReader | None = None, born: date | None = None
    ) -> RangeResolver:
        """A resolver that looks for events with a finder and among observations."""
        return cls(EventResolver(finder, observations), born)

    def resolve(self, question: Question) -> ResolvedRange:
        """The range of the question: given, of the calendar, of an event, or none; of several times the first
        named, for a comparison all days from the first to the last.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        several = self.resolve_all(question)
        if not several:
            return ResolvedRange(range=None, source=RangeSource.NONE)
        found = several[0]
        if len(several) == 1 or found.source is not RangeSource.EVENT:
            found = _one_of(several, question, self._born)
        if found.source is RangeSource.CALENDAR and found.range is not None:
            return replace(found, range=past_the_silence(found.range, question.text, question.as_of))
        return found

    def resolve_all(self, question: Question) -> tuple[ResolvedRange, ...]:
        """The ranges of the question in the order named: two for a comparison; empty for any time.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        if question.range is not None:
            return (ResolvedRange(range=question.range, source=RangeSource.GIVEN),)
        calendar = parse_ranges(question.text, question.as_of, self._born)
        references = parse_events(question.text, question.as_of)
        named = outside_events(calendar, references)
        if named and not any(_holds(reference, calendar) for reference in references):
            return tuple(ResolvedRange(range=one, source=RangeSource.CALENDAR) for one in named)
        found = [self._resolved(reference, question.as_of) for reference in references]
        resolved = tuple(
            ResolvedRange(range=one.range, source=RangeSource.EVENT, events=one.events)
            for one in found
            if one is not None
        )
        if resolved or not calendar:
            return resolved if None not in found else ()
        return tuple(ResolvedRange(range=one, source=RangeSource.CALENDAR) for one in calendar)

    def _resolved(self, reference: EventReference, as_of: date) -> _Resolved | None:
        happened = self._events.resolve(reference, as_of)
        if happened is None:
            near = reference.by_hint(as_of)
            return _Resolved(near, ()) if near is not None else None
        ended, told = self._other_end(reference, as_of)
        if ended is None and reference.relation in (Relation.BETWEEN, Relation.WHILE):
            return None
        found = reference.range(happened.day, as_of, ended)
        return _Resolved(found, (happened, *told)) if found is not None else None

    def _other_end(self, reference: EventReference, as_of: date) -> tuple[date | None, tuple[EventDate, ...]]:
        """The last day of a time with two ends, and the event that tells it."""
        if reference.relation is Relation.WHILE:
            last = self._events.ended(reference, as_of)
            return (last.day, (last,)) if last else (None, ())
        if isinstance(reference.end, TimeRange):
            return reference.end.end, ()
        if reference.end is None:
            return None, ()
        other = self._events.resolve(reference.end, as_of)
        moved = replace(reference.end, relation=Relation.ON).range(other.day, as_of) if other else None
        if other is None or moved is None:
            return None, ()
        before = timedelta(days=1 if reference.end.relation is Relation.BEFORE else 0)
        return (moved.end - before if moved.end else None), (other,)


def _one_of(several: Sequence[ResolvedRange], question: Question, born: date | None) -> ResolvedRange:
    """One range for a question with several: what `parse_range` makes of them."""
    if several[0].source is not RangeSource.CALENDAR:
        return several[0]
    whole = parse_range(question.text, question.as_of, born)
    return ResolvedRange(range=whole, source=RangeSource.CALENDAR)


def _holds(reference: EventReference, calendar: Sequence[TimeRange]) -> bool:
    """Whether the calendar words are a part of what an event tells, and its range is another than theirs."""
    inside = any(found.phrase and found.phrase in reference.phrase for found in calendar)
    return inside and reference.relation is Relation.BETWEEN


def _telling(ranked: RankedPassage, share: float) -> Telling:
    passage = ranked.passage
    return Telling(
        passage.text, passage.title or "", passage.day, passage.entry, ranked.own_cosine, min(share, 1.0)
    )


def _widened(within: TimeRange | None) -> TimeRange | None:
    """A hint with a few days around it: what happened then may have been written a little later."""
    if within is None:
        return None
    start = within.start - AROUND_A_HINT if within.start else None
    return TimeRange(start, within.end + AROUND_A_HINT if within.end else None)


def _names(logged: str, names: Sequence[str]) -> bool:
    """Whether a medicine as logged is one of the names, or one of them misspelt."""
    written = [stem(word) for word in plain_words(logged)]
    return any(_alike(stem(name), word) for name in names for word in written)


def _alike(name: str, word: str) -> bool:
    if name == word:
        return True
    return min(len(name), len(word)) > 5 and SequenceMatcher(None, name, word).ratio() >= SAME_NAME


def _by_medicine(reference: EventReference, observation: Observation) -> EventDate:
    return EventDate(
        event=reference.event,
        day=observation.day,
        entry=observation.entry,
        source_id=observation.source_id,
        quote=f"{observation.key}:: {observation.written}",
        start=observation.start,
        end=observation.end,
        told=observation.day,
        confidence=MEDICINE_CONFIDENCE,
    )
