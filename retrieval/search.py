"""Hybrid search: full text and vectors, mixed, smoothed over time, then read again word by word.

The order; behind each step R@10 on LoCoMo's development conversations, and the share of the questions on a
fictional diary that have evidence in the first ten, with the steps so far (`tests.eval.ablation`):

1. the range: the question's own, or read from its words (`retrieval.when`);
2. full text (BM25 of header and text, and of the neighbours' text at 0.3) over the content words, and over
   the other names of what they name (`retrieval.other_names`): .71, .73;
   and exact dot products with both vectors of every passage (`retrieval.dense`), mixed with it, each from 0
   to 1 (`retrieval.fusion`): .75, .87;
3. smoothing within an *episode* (an entry, or entries at most an hour apart), neighbours and the whole, and
   the range: .78, .88. What was given filters (`retrieval.filters`); a range read from the words is a bonus,
   because words often date what an entry tells of, not the entry ("what did I do the week before 3 August":
   told on the 8th). As a filter it cost .010 of R@10 on LoCoMo's development half and .026 on a diary;
4. full text is measured against what a passage with all of the words would score, so that stray matches of a
   question in other words stay weak: .77, .92. Of the questions that share no content word with their
   evidence it finds three quarters instead of a half, which is worth the hundredth on the left;
5. the best hundred are read: a title that the question names counts for them, a question at their end
   against them: .80, .92 (`retrieval.reranking`);
6. of the first few dozen every token is compared with every word of the question: .81, .93
   (`retrieval.late_interaction`); questions with evidence in several places gain most, .52 to .55;
7. "when did I last …" prefers the latest of the best passages, "first" the earliest;
8. the best passage of each entry is its hit.

What each weighs is in `retrieval.weights`. Tried and left out, for they found less: the question without its
words of asking, pseudo-relevance feedback by words or vectors, other words by the local model, fewer hits of
one episode. Not here: answers (`retrieval.answering`).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diary.model.answer import Hit, Question, SearchResult
from diary.model.passage import Passage, PassageId
from diary.model.resolved_range import EventDate, RangeSource, ResolvedRange
from diary.model.time_range import TimeRange
from retrieval.beside import beside
from retrieval.dense import Rows, scan
from retrieval.filters import allowed, in_range
from retrieval.full_text import ranked_among
from retrieval.fusion import (
    Groups,
    Scores,
    add_neighbours,
    add_parents,
    add_to_best,
    groups_by,
    highest_first,
    mix,
    prefer_late,
    rarity,
    up_to_one,
)
from retrieval.other_names import Named, Terms, counted_together, in_use, named_in, no_terms
from retrieval.passages import EPISODE_GAP_SECONDS
from retrieval.ports import Embedder, PassageIndex, PassageTable, TextEmbedder
from retrieval.reranking import CANDIDATES, MOST_READ, TokenCache, compared, read_whole, told
from retrieval.serving import Former, none_before, serving
from retrieval.stop_words import content_words, match_expression_of, words_of
from retrieval.weights import Weights
from retrieval.when import parse_range

LATE_AMONG = 50
MOST_MATCHES = 1000
MOST_WORDS = 64  # of a question, whose rarity is looked up
MOST_OF_AN_ENTRY = 8
ROWS_FOR_A_HIT = 16

_LAST = re.compile(
    r"\bwhen\b.{0,60}\blast\b|\blast time\b|\b(?:most recent|most recently|latest)\b"
    r"|\bzuletzt\b|\bletzte Mal\b",
    re.I,
)
_FIRST = re.compile(r"\bwhen\b.{0,60}\bfirst\b|\b(?:first|earliest) time\b|\bzuerst\b|\berste Mal\b", re.I)


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage with its score, and the cosines of the question with its own and its window vector."""

    passage: Passage
    score: float
    own_cosine: float
    window_cosine: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first; the range that was used; the question's vector, float32[d], or None unasked.

    :ivar reread: whether the best were compared word by word. :ivar events: the days the range rests on.
    """

    passages: tuple[RankedPassage, ...]
    range: TimeRange | None
    query: NDArray[np.float32] | None = None
    reread: bool = False
    events: tuple[EventDate, ...] = ()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The table of one version, with the episode of each row, the row of each passage, and the embedder that
    made its vectors.
    """

    table: PassageTable
    episodes: Groups
    rows: Rows
    embedder: Embedder


Ranges = Callable[[Question], ResolvedRange]
"""Says within which range a question is answered."""


class Searcher:
    """Finds passages and entries. Keeps the vectors of one version of the index in memory."""

    def __init__(
        self,
        index: PassageIndex,
        embedder: TextEmbedder,
        former: Former = none_before,
        *,
        weights: Weights = Weights(),  # noqa: B008  frozen
        terms: Terms = no_terms,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._former = former
        self._weights = weights
        self._terms = terms
        self._tokens = TokenCache(embedder)
        self._ranges: Ranges = by_calendar
        self._cached: _Loaded | None = None

    def find(self, question: Question) -> SearchResult:
        """The entries that match best, best first, each by its best passage.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        began = time.perf_counter()
        ranking = self.passages(question)
        hits: dict[int, Hit] = {}
        for ranked in ranking.passages:
            if ranked.passage.entry not in hits:
                hits[ranked.passage.entry] = hit_of(ranked)
        return SearchResult(
            hits=tuple(hits.values())[: max(question.limit, 0)],
            range=ranking.range,
            events=ranking.events,
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    def read_ranges(self, ranges: Ranges) -> None:
        """Take the range of a question from `ranges`, which may ask this searcher with `events=False`."""
        self._ranges = ranges

    def passages(self, question: Question, *, events: bool = True) -> Ranking:
        """The ranked passages, best first, down to the best one of the last of `question.limit` entries.

        :param events: False takes the range from calendar words alone, and reads nothing word by word: for a
            search that is itself to find when an event was.
        """
        resolved = self._ranges(question) if events else by_calendar(question)
        used = resolved.range
        asked, named = self._asked(question.text)
        # The engine is another process: it starts and embeds while the table is read and full text searched.
        embedding = beside(lambda: self._embedder.embed([asked])) if self._index.models else None
        loaded = self._load()
        table = loaded.table
        if len(table.ids) == 0 or question.limit < 1 or embedding is None:
            return Ranking((), used, events=resolved.events)
        weights = self._weights
        words = content_words(asked)
        others = [other for one in named for other in one.others]
        every = [*words, *words_of(asked)[:MOST_WORDS], *others]
        counts = counted_together(self.frequencies(every), named)
        text = self._full_text(words, others, loaded, counts)
        query = embedding.result()[0]
        own, window = scan(table.blocks, self._vector(loaded, asked, query))
        scores = first_pass(text, own, window, loaded.episodes, weights)
        if used is not None:
            scores[in_range(table.days, used)] += np.float32(weights.range)
        scores = np.where(allowed(question, self._index, table), scores, -np.inf).astype(np.float32)
        reread = False
        if events:
            scores, reread = self._second_look(asked, loaded, scores, counts)
        late = table.happened * direction(question.text)
        scores = prefer_late(scores, late, weights.late, among=LATE_AMONG)
        chosen = top_rows(scores, table.entries, question.limit)
        kept = self._index.passages([PassageId(int(table.ids[row])) for row in chosen])
        ranked = zip(kept, loaded.rows.of([passage.id for passage in kept]), strict=True)
        return Ranking(
            tuple(
                RankedPassage(passage, float(scores[row]), float(own[row]), float(window[row]))
                for passage, row in ranked
            ),
            used,
            query,
            reread,
            resolved.events,
        )

    def _second_look(
        self, question: str, loaded: _Loaded, scores: Scores, counts: Mapping[str, int]
    ) -> tuple[Scores, bool]:
        """The scores after the best passages were read, and whether word by word."""
        weights, ids = self._weights, loaded.table.ids
        rows = highest_first(scores, CANDIDATES)
        rows = rows[np.isfinite(scores[rows])]
        passages = self._index.passages([PassageId(int(ids[row])) for row in rows])
        rows = loaded.rows.of([passage.id for passage in passages])
        scores = scores.copy()
        scores[rows] += told(content_words(question), passages, weights)
        best = highest_first(scores[rows], MOST_READ)
        texts = read_whole([passages[place] for place in best])
        read = rows[best[: len(texts)]]
        if not texts or not (weights.late_interaction or weights.episode_interaction):
            return scores, False
        rarities = {word: rarity(count, len(ids)) for word, count in counts.items()}
        found = compared(question, texts, loaded.episodes[read], rarities, self._tokens)
        if found is None:
            return scores, False
        scores[read] += np.float32(weights.episode_interaction) * found.episode
        smoothed = weights.neighbours
        return add_to_best(
            scores, read, found.alone, loaded.episodes, weights.late_interaction, smoothed
        ), True

    def _vector(self, loaded: _Loaded, asked: str, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The question's vector by the model that made the table's vectors."""
        return query if loaded.embedder is self._embedder else loaded.embedder.embed([asked])[0]

    @property
    def size(self) -> int:
        """Number of passages that can be found."""
        return len(self._load().table.ids)

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word stands, or right beside them, by its full-text stem."""
        return {word: self._index.frequency(word) for word in words}

    def _asked(self, text: str) -> tuple[str, tuple[Named, ...]]:
        """What is looked for, by names that the notes use, and what it names that has others."""
        terms = self._terms()
        named = named_in(text, terms)
        if not named:
            return text, ()
        names = [name for one in named for name in (one.name, *one.others)]
        text = in_use(text, named, self.frequencies(names))
        return text, named_in(text, terms)

    def named(self, text: str) -> tuple[Named, ...]:
        """What a text names that has other names."""
        return named_in(text, self._terms())

    def _full_text(
        self, words: Sequence[str], others: Sequence[str], loaded: _Loaded, counts: Mapping[str, int]
    ) -> Scores:
        """float32[n], 0 to 1: 1 is what a passage with all of the words would score.

        :param others: other names of what they name, which count like words.
        """
        size = len(loaded.table.ids)
        scores = np.zeros(size, dtype=np.float32)
        if words:
            looked = [*words, *others]
            among = ranked_among({word: counts[word] for word in looked})
            matches = self._index.matches(match_expression_of(looked), limit=MOST_MATCHES, among=among)
            rows = loaded.rows.of([passage for passage, _ in matches])
            known = rows >= 0
            scores[rows[known]] = np.array([score for _, score in matches], np.float32)[known]
        whole = sum(rarity(counts[word], size) for word in words)
        return up_to_one(scores, floor=self._weights.full_marks * whole)

    def _load(self) -> _Loaded:
        loaded = self._cached
        if loaded is None or loaded.table.version != self._index.version:
            self._cached = loaded = (
                None  # 150 MB must not be held twice; the index keeps what it needs of them
            )
            embedder = serving(self._index.models, self._embedder, self._former)
            table = self._index.table(embedder.model)
            self._cached = loaded = _Loaded(table, episodes_of(table), Rows(table.ids), embedder)
        return loaded


def by_calendar(question: Question) -> ResolvedRange:
    """The range that was given, or that the calendar words name."""
    if question.range is not None:
        return ResolvedRange(range=question.range, source=RangeSource.GIVEN)
    found = parse_range(question.text, question.as_of)
    return ResolvedRange(range=found, source=RangeSource.CALENDAR if found else RangeSource.NONE)


def first_pass(text: Scores, own: Scores, window: Scores, episodes: Groups, weights: Weights) -> Scores:
    """float32[n]: full text and cosines, mixed and smoothed."""
    scores = np.float32(weights.text) * text
    parts = [(weights.own, own), (weights.window, window)]
    scores = scores + mix(parts, least=weights.least_cosines)
    scores = add_neighbours(scores, episodes, weights.neighbours)
    return add_parents(scores, episodes, weights.parent, best=weights.parent_best)


def episodes_of(table: PassageTable) -> Groups:
    """int64[n]: numbers of the episodes of a table's rows."""
    return groups_by(np.diff(table.happened, prepend=table.happened[:1]) > EPISODE_GAP_SECONDS)


def direction(question: str) -> int:
    """1 when the latest is asked for, -1 for the earliest, 0 when the order of time does not matter."""
    if _LAST.search(question):
        return 1
    return -1 if _FIRST.search(question) else 0


def top_rows(scores: Scores, entries: NDArray[np.int64], limit: int) -> list[int]:
    """Rows by falling score, of at most `limit` entries and a few of each; -inf is never taken."""
    among = ROWS_FOR_A_HIT * limit
    while True:
        rows, complete = _first_rows(highest_first(scores, among), scores, entries, limit)
        if complete or among >= len(scores):
            return rows
        among *= 4


def _first_rows(
    ordered: NDArray[np.int64], scores: Scores, entries: NDArray[np.int64], limit: int
) -> tuple[list[int], bool]:
    """The rows to take of the first ones, and whether more could not add any."""
    rows: list[int] = []
    taken: Counter[int] = Counter()
    for row in ordered:
        entry = int(entries[row])
        if not np.isfinite(scores[row]) or (entry not in taken and len(taken) == limit):
            return rows, True
        taken[entry] += 1
        if taken[entry] <= MOST_OF_AN_ENTRY:
            rows.append(int(row))
    return rows, False


def hit_of(ranked: RankedPassage) -> Hit:
    """A ranked passage as the hit of its entry."""
    passage = ranked.passage
    return Hit(
        entry=passage.entry,
        source_id=passage.source_id,
        day=passage.day,
        title=passage.title,
        text=passage.text,
        score=ranked.score,
        start=passage.start,
        end=passage.end,
        rough=passage.rough,
    )
