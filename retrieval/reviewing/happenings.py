"""What happened: a few passages that tell it, spread over the period; pure.

A passage is better the more it tells of events (the past tense, names, numbers), the less its like was told
shortly before the period (novelty), and the nearer it is to the middle of the period (centrality). The
period is cut into as many stretches as quotes are wanted; each gives its best, and what is left is filled
with whatever is least like those chosen already (maximal marginal relevance, Carbonell and Goldstein 1998).
One quote an entry.

Left out: questions, promises, `key:: value` lines and words of others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diary.model.entry import Entry
from diary.model.passage import Passage
from retrieval.quoting import MOST_WORDS
from retrieval.sentences import Span, is_key_value, sentences, word_count
from retrieval.statements.arranged import is_past
from retrieval.statements.cues import cues
from retrieval.statements.gist import gist
from retrieval.statements.whose import of_others, overlaps
from retrieval.when.words import plain

LEAST_WORDS = 5
MOST_READ = 720
"""Passages whose sentences are read; of a longer period those that promise most by their vectors."""
NOVELTY, CENTRALITY, STARRED = 0.5, 0.3, 0.3
LIKE_ANOTHER = 0.7
"""What a passage loses for being like one already chosen."""

_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-zäöüß]+")
_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|half)\b")
_FIRST_PERSON = re.compile(r"\b(?:i|we|my|our|me|us|ich|wir|yo|je|nous)\b")


@dataclass(frozen=True, slots=True)
class Telling:
    """The stretch of a passage to quote, as offsets in its entry, and how much it tells."""

    passage: Passage
    start: int
    end: int
    untrusted_text: str
    telling: float


def promising(
    days: NDArray[np.int64], vectors: NDArray[np.float32], earlier: NDArray[np.float32], *, limit: int
) -> NDArray[np.int64]:
    """Places of at most MOST_READ passages to read, in order: of each stretch of a long period the best."""
    if len(days) <= MOST_READ:
        return np.arange(len(days))
    scores = _by_vectors(vectors, earlier)
    stretches = _stretches(days, limit)
    each = MOST_READ // limit
    best = [
        places[np.argsort(-scores[places], kind="stable")[:each]]
        for stretch in np.unique(stretches)
        for places in [np.flatnonzero(stretches == stretch)]
    ]
    return np.sort(np.concatenate(best))


def _by_vectors(vectors: NDArray[np.float32], earlier: NDArray[np.float32]) -> NDArray[np.float64]:
    """Centrality less what was known before."""
    centre = vectors.mean(axis=0)
    known = earlier.mean(axis=0) if len(earlier) else np.zeros_like(centre)
    scores: NDArray[np.float64] = (CENTRALITY * (vectors @ centre) - NOVELTY * (vectors @ known)).astype(
        np.float64
    )
    return scores


def _stretches(days: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """The number of each day's stretch, of at most `limit` equally long ones."""
    width = max(int(days[-1] - days[0]) + 1, 1)
    numbers: NDArray[np.int64] = (days - days[0]) * min(limit, width) // width
    return numbers


def how_many(days: int) -> int:
    """How many quotes a period of so many days gets."""
    if days <= 10:
        return 7
    return 12 if days <= 45 else 24


def tellings(entry: Entry, passages: Sequence[Passage]) -> list[Telling]:
    """What an entry's passages tell, each by its best stretch."""
    others = of_others(entry.text)
    return [told for passage in passages if (told := stretch(entry, passage, others)) is not None]


def stretch(
    entry: Entry, passage: Passage, others: list[Span], about: frozenset[str] = frozenset()
) -> Telling | None:
    """The stretch of a passage that tells most; None when none tells anything, or the passage is out of date.

    :param others: the stretches of the entry that are words of others.
    :param about: stems; sentences that have them come first, whatever they tell.
    """
    parts = [
        (Span(passage.start + span.start, passage.start + span.end), passage.text[span.start : span.end])
        for span in sentences(passage.text)
    ]
    worths = [0.0 if overlaps(span.start, span.end, others) else _worth(text, about) for span, text in parts]
    if not worths or max(worths) <= 0:
        return None
    first, last = _run(parts, worths)
    start, end = parts[first][0].start, parts[last][0].end
    text = passage.text[start - passage.start : end - passage.start]
    return Telling(passage, start, end, text, max(worths)) if entry.text[start:end] == text else None


def _worth(sentence: str, about: frozenset[str]) -> float:
    """How much a sentence tells of what happened; 0 for what is to be left out."""
    words = plain(sentence)
    if is_key_value(sentence) or word_count(sentence) < LEAST_WORDS or words.rstrip().endswith("?"):
        return 0.0
    sought = len(about & gist(sentence))
    if cues(words) and not sought:
        return 0.0
    worth = 2.0 * sought + 0.2 + 0.5 * is_past(words) + 0.2 * (_FIRST_PERSON.search(words) is not None)
    return worth + 0.15 * (_NAME.search(sentence) is not None) + 0.15 * (_NUMBER.search(words) is not None)


def _run(parts: Sequence[tuple[Span, str]], worths: Sequence[float]) -> tuple[int, int]:
    """From the sentence that tells most, its neighbours that tell something, while the words stay few."""
    first = last = int(np.argmax(worths))
    while True:
        sides = [side for side in (first - 1, last + 1) if 0 <= side < len(parts) and worths[side] > 0]
        for side in sides:
            low, high = min(first, side), max(last, side)
            if sum(word_count(text) for _, text in parts[low : high + 1]) <= MOST_WORDS:
                first, last = low, high
                break
        else:
            return first, last


def choose(
    told: Sequence[Telling],
    starred: Sequence[bool],
    vectors: NDArray[np.float32],
    earlier: NDArray[np.float32],
    *,
    limit: int,
) -> list[Telling]:
    """At most `limit`, in order of time.

    :param told: in order of time. :param starred: whether each one's entry is marked.
    :param vectors: float32[n, d], of length 1 or zero. :param earlier: float32[m, d] of the time before the
        period.
    """
    if not told or limit < 1:
        return []
    scores = np.array([one.telling for one in told]) + STARRED * np.array(starred)
    scores = scores + _by_vectors(vectors, earlier)
    stretches = _stretches(np.array([one.passage.day.toordinal() for one in told], dtype=np.int64), limit)
    chosen: list[int] = []
    for stretch in np.unique(stretches):
        _take(chosen, np.flatnonzero(stretches == stretch), told, scores, vectors)
    while len(chosen) < limit and _take(chosen, np.arange(len(told)), told, scores, vectors):
        pass
    return [told[place] for place in sorted(chosen)]


def _take(
    chosen: list[int],
    places: NDArray[np.int64],
    told: Sequence[Telling],
    scores: NDArray[np.float64],
    vectors: NDArray[np.float32],
) -> bool:
    """Add the best of these places whose entry is not there yet; whether there was one."""
    used = {told[place].passage.entry for place in chosen}
    free = np.array([place for place in places if told[place].passage.entry not in used], dtype=np.int64)
    if free.size == 0:
        return False
    left = scores[free]
    if chosen:
        left = left - LIKE_ANOTHER * (vectors[free] @ vectors[chosen].T).max(axis=1)
    chosen.append(int(free[int(np.argmax(left))]))
    return True
