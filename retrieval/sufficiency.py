"""Whether what was found answers the question at all, or only lies near it; pure.

Nearness alone cannot tell: on a diary with questions made to be near misses, the best cosine, the full-text
score, the covered words and late interaction each separate answerable from unanswerable no better than chance
(AUC .45 to .53). What does tell is what is *missing*, so the notes are taken to answer unless one of these
holds:

1. the question names a time, and nothing found lies in it, or a day that no calendar has;
2. it names somebody or something by a name that no note contains;
3. it asks for a thing that has a form (an amount, a time of day, a name), and no note on the topic holds one
   in a sentence that speaks of it;
4. all its words but one are the notes' own and the topic is near, and that one word stands in no note, nor is
   it said there in other words: the notes speak of the thing, but not of what is asked of it;
5. several of its words stand in no note, and none of them is said in other words, or the one that names what
   is asked for ("which supplier") is such a word;
6. what it asks about is nowhere near: by vectors, or by words when not one of them matches.

Whether a word is said in other words is told by the embedder's vectors of single tokens. The thresholds
belong to that model (`retrieval.thresholds`) and are fitted by `tests.eval.gate`, which also prints what they
do for questions they were not fitted on; expect less on a diary of another kind. A wrong "your notes do not
say" is mild: the nearest notes are shown with it.
Not here: which passages those are (`retrieval.search`), reading them for this (`retrieval.judging`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from diary.model.time_range import TimeRange
from retrieval.asked_for import LONGEST_QUESTION, Asked, asked_for, class_asked_for, holds
from retrieval.stems import plain_words, stem
from retrieval.stop_words import content_words, is_german, words_of
from retrieval.thresholds import Thresholds
from retrieval.when.no_days import names_no_day

TOLD_BEFORE = timedelta(days=1)
TOLD_AFTER = timedelta(days=2)

# Words of asking, measuring and comparing: a note answers without containing them.
_ASKING_WORDS = """
average mean median total count number amount logged log logs highest lowest longest shortest most least
fewest fewer less more max maximum minimum min score scores reading readings entry entries compare
compared comparison change changed trend exactly exact value values level levels going gone far old much
cost costs price pay paid charge call called name named happened happen date recent recently latest next
previous last first ever
"""
_ASKING = frozenset(_ASKING_WORDS.split())
_INNER_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:-[A-Z]?[a-z]+)*")


class Verdict(StrEnum):
    """Whether the notes answer, or what is missing."""

    ENOUGH = "enough"
    NOTHING = "nothing was found"
    NOT_THEN = "nothing lies in that time"
    NO_SUCH_DAY = "no calendar has that day"
    NAME_UNKNOWN = "a name stands in no note"
    KIND_MISSING = "no note on this holds what is asked for"
    WORD_MISSING = "the notes on this do not speak of what is asked"
    OFF_TOPIC = "nothing is near"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage as evidence.

    :ivar text: title and text of the passage.
    :ivar around: the passage with what stands beside it in its entry.
    :ivar cosine: of the question and the passage, -1 to 1.
    :ivar nearest: for each asked word that stands in no note, the similarity of the nearest word in the
        passage, -1 to 1.
    """

    text: str
    around: str
    day: date
    cosine: float
    nearest: Mapping[str, float] = field(default_factory=dict)


def asked_words(question: str, used: TimeRange | None) -> list[str]:
    """The words that a note on the topic can be expected to contain: without the time and words of asking."""
    of_time = set(words_of(used.phrase)) if used else set()
    return [
        word
        for word in content_words(question)
        if word not in of_time and word not in _ASKING and not word.isdecimal() and len(word) > 1
    ]


@dataclass(frozen=True, slots=True)
class Case:
    """What a verdict rests on.

    :ivar used: the range that was searched, or None.
    :ivar found: the evidence, best first.
    :ivar frequencies: for each of `asked_words`, in how many passages it stands.
    :ivar passages: how many passages the diary has.
    """

    question: str
    used: TimeRange | None
    found: Sequence[Evidence]
    frequencies: Mapping[str, int]
    passages: int


def judge(case: Case, thresholds: Thresholds) -> Verdict:
    """Whether the evidence answers the question."""
    question, used, found, frequencies = case.question, case.used, case.found, case.frequencies
    if not found:
        return Verdict.NOTHING
    if names_no_day(question):
        return Verdict.NO_SUCH_DAY
    if used is not None:
        found = [evidence for evidence in found if _told_of(used, evidence.day)]
        if not found:
            return Verdict.NOT_THEN
    words = asked_words(question, used)
    known = [word for word in words if frequencies[word]]
    absent = [word for word in words if not frequencies[word]]
    if not is_german(question) and set(absent) & {
        name.lower() for name in _INNER_NAME.findall(question[:LONGEST_QUESTION])
    }:
        return Verdict.NAME_UNKNOWN
    weights = {word: _rarity(frequencies[word], case.passages) for word in known}
    covered = [_covered(weights, evidence.text) for evidence in found]
    best, cosine = max(covered), max(evidence.cosine for evidence in found)
    if cosine < thresholds.nowhere_near or (best == 0.0 and cosine < thresholds.nowhere_near_without_words):
        return Verdict.OFF_TOPIC
    on_topic = [
        evidence
        for evidence, share in zip(found, covered, strict=True)
        if share >= thresholds.on_topic_share * best
    ]
    # Where no word matches, what was found is near in meaning only: no sentence can be told to speak of it.
    if not _kind_held(question, on_topic, words if best > 0.0 else ()):
        return Verdict.KIND_MISSING
    if cosine >= thresholds.near_topic:
        nearest = {word: max(evidence.nearest.get(word, -1.0) for evidence in found) for word in absent}
        if nearest.get(class_asked_for(question) or "", 1.0) < thresholds.said_otherwise:
            return Verdict.WORD_MISSING
        if known and _unsaid(list(nearest.values()), best, thresholds):
            return Verdict.WORD_MISSING
    return Verdict.ENOUGH


def _unsaid(nearest: Sequence[float], best: float, thresholds: Thresholds) -> bool:
    """Whether what stands in no note is what was asked about: one word of a topic, or several together.

    :param nearest: for each word that stands in no note, the similarity of the nearest word found.
    """
    if len(nearest) == 1:
        return best >= thresholds.covered_for_one_missing and nearest[0] < thresholds.said_otherwise
    return bool(nearest) and (
        max(nearest) < thresholds.said_otherwise
        and math.fsum(nearest) / len(nearest) < thresholds.several_missing
    )


def _told_of(used: TimeRange, day: date) -> bool:
    """Whether an entry of this day can tell of that time: the day before until two days after."""
    late_enough = used.start is None or day.toordinal() >= used.start.toordinal() - TOLD_BEFORE.days
    return late_enough and (used.end is None or day.toordinal() <= used.end.toordinal() + TOLD_AFTER.days)


def _rarity(frequency: int, passages: int) -> float:
    """Inverse document frequency as in BM25, always above 0."""
    return math.log1p((max(passages - frequency, 0) + 0.5) / (frequency + 0.5))


def _covered(weights: Mapping[str, float], text: str) -> float:
    """Share of the weight of the words that stand in the text, by their stems; 0 without words."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    stems = {stem(word) for word in plain_words(text)}
    return sum(weight for word, weight in weights.items() if stem(word) in stems) / total


def _kind_held(question: str, on_topic: Sequence[Evidence], words: Sequence[str]) -> bool:
    """Whether one of these passages holds a thing of the kind that is asked for."""
    kind = asked_for(question)
    return any(
        holds(kind, question, evidence.text if kind is Asked.PERSON else evidence.around, words)
        for evidence in on_topic
    )
