"""Ranked passages → verbatim quotes; the choice is pure, the check reads the entries again.

Rules:
- a quote is the whole passage when it is short, else the neighbouring sentences in it that are nearest to the
  question by their vectors;
- at most two quotes of an entry, and quotes in the time that the question names before all others;
- before a quote is given out its entry is read again from the store: `text == entry.text[start:end]`, or the
  quote is dropped. Whatever the index or a model says, what is shown as a quote stands in the diary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diary.errors import EntryNotFound
from diary.model.answer import Question, Quote
from diary.model.entry import Entry, EntryId, Kind
from diary.model.time_range import TimeRange
from retrieval.ports import Embedder
from retrieval.search import RankedPassage, Ranking
from retrieval.sentences import Span, sentences, word_count

MOST_OF_AN_ENTRY = 2
MOST_WORDS = 45


class EntryReader(Protocol):
    """Reads entries. Satisfied by `diary.vault.entries.Entries`."""

    def get(self, entry: EntryId) -> Entry:
        """The entry as it is now.

        :raises diary.errors.EntryNotFound: when it is gone.
        """
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """A span of an entry to quote, not yet checked against the entry."""

    ranked: RankedPassage
    start: int
    end: int
    untrusted_text: str


def choose(ranking: Ranking, embedder: Embedder, *, limit: int) -> list[Chosen]:
    """The spans to quote, at most `limit`, best first."""
    passages = _spread(_in_time_first(ranking.passages, ranking.range))[:limit]
    long = [ranked for ranked in passages if word_count(ranked.passage.text) > MOST_WORDS]
    parts = {ranked.passage.id: sentences(ranked.passage.text) for ranked in long}
    texts = [
        ranked.passage.text[span.start : span.end] for ranked in long for span in parts[ranked.passage.id]
    ]
    if ranking.query is None or not texts:
        return [_whole(ranked) for ranked in passages]
    nearness = iter(embedder.embed(texts) @ ranking.query)
    cut: dict[int, Chosen] = {}
    for ranked in long:
        spans = parts[ranked.passage.id]
        cosines = np.array([next(nearness) for _ in spans], dtype=np.float32)
        cut[ranked.passage.id] = _cut(ranked, nearest_run(ranked.passage.text, spans, cosines))
    return [cut.get(ranked.passage.id) or _whole(ranked) for ranked in passages]


def _in_time_first(passages: Sequence[RankedPassage], used: TimeRange | None) -> list[RankedPassage]:
    if used is None:
        return list(passages)
    return sorted(passages, key=lambda ranked: not used.contains(ranked.passage.day))


def _spread(passages: Sequence[RankedPassage]) -> list[RankedPassage]:
    """At most a few passages of each entry, order kept."""
    counts: dict[EntryId, int] = {}
    kept = []
    for ranked in passages:
        entry = ranked.passage.entry
        counts[entry] = counts.get(entry, 0) + 1
        if counts[entry] <= MOST_OF_AN_ENTRY:
            kept.append(ranked)
    return kept


def nearest_run(text: str, spans: Sequence[Span], cosines: NDArray[np.float32]) -> Span:
    """From the nearest sentence on, its neighbours, nearer ones first, while the words stay few enough."""
    first = last = int(np.argmax(cosines))
    while True:
        sides = [side for side in (first - 1, last + 1) if 0 <= side < len(spans)]
        sides.sort(key=lambda side: -float(cosines[side]))
        for side in sides:
            start, end = min(first, side), max(last, side)
            if word_count(text[spans[start].start : spans[end].end]) <= MOST_WORDS:
                first, last = start, end
                break
        else:
            return Span(spans[first].start, spans[last].end)


def _whole(ranked: RankedPassage) -> Chosen:
    return Chosen(ranked, ranked.passage.start, ranked.passage.end, ranked.passage.text)


def _cut(ranked: RankedPassage, span: Span) -> Chosen:
    passage = ranked.passage
    return Chosen(
        ranked, passage.start + span.start, passage.start + span.end, passage.text[span.start : span.end]
    )


def own_words(entry: Entry, question: Question) -> bool:
    """Whether an entry tells of a life: a saved plan repeats notes, and answers only who asks for plans."""
    return entry.kind is not Kind.PLAN or question.kind is Kind.PLAN


def checked(
    chosen: Sequence[Chosen], entries: EntryReader, question: Question, *, prefix: str = "q"
) -> tuple[Quote, ...]:
    """The quotes that stand in their entries exactly so, numbered in order: q1, q2, …"""
    quotes: list[Quote] = []
    for choice in chosen:
        passage = choice.ranked.passage
        try:
            entry = entries.get(passage.entry)
        except EntryNotFound:
            continue
        if not own_words(entry, question):
            continue
        if not choice.untrusted_text or entry.text[choice.start : choice.end] != choice.untrusted_text:
            continue
        quotes.append(
            Quote(
                id=f"{prefix}{len(quotes) + 1}",
                entry=entry.id,
                source_id=entry.source_id,
                day=entry.happened.date(),
                text=choice.untrusted_text,
                start=choice.start,
                end=choice.end,
                score=choice.ranked.score,
                rough=entry.is_rough,
            )
        )
    return tuple(quotes)
