"""What became of a promise: the sentences of later notes that show it, or show the contrary.

The order: for each promise the passages of later notes that lie near its own by their stored vectors, and
those that share its words in the full-text index; of their sentences those that have enough in common with
it; and what `retrieval.statements.outcomes` reads in them, with the nearness of both sentences' vectors.

Plans, rough drafts of recordings and words of others are no evidence. Notes of the same entry are none
either: a promise and its keeping in one breath is a story, not a promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from diary.errors import EntryNotFound
from diary.model.entry import Entry, EntryId
from diary.model.passage import Passage, PassageId
from diary.model.review import Shown
from retrieval.ports import Embedder, PassageIndex, PassageTable
from retrieval.quoting import EntryReader
from retrieval.sentences import Span, sentences
from retrieval.statements.outcomes import NEAR_SHARE, shared, shown_by
from retrieval.statements.reading import Statement, is_own_telling
from retrieval.statements.whose import of_others, overlaps
from retrieval.stop_words import content_words, match_expression_of

NEAREST = 12
"""Passages looked at for their nearness to a promise."""
MATCHING = 100
"""Passages looked at for its words; those before the promise among them fall away."""
LONGEST = timedelta(days=400)
"""A note longer after the promise is not asked what became of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A later sentence and what it shows."""

    entry: EntryId
    start: int
    end: int
    untrusted_text: str
    day: date
    shown: Shown
    share: float


class Aftermath:
    """Looks for what became of promises."""

    def __init__(self, index: PassageIndex, entries: EntryReader, embedder: Embedder) -> None:
        self._index = index
        self._entries = entries
        self._embedder = embedder

    def of(self, statements: Sequence[Statement], until: date) -> list[list[Evidence]]:
        """For each promise the evidence of notes up to a day, strongest first; empty where nothing shows.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        """
        if not statements:
            return []
        table = self._index.table()
        near = self._near(statements, table, until)
        passages = {passage.id: passage for passage in self._index.passages(sorted(set().union(*near)))}
        asked: dict[EntryId, Entry | None] = {}
        candidates = [
            self._candidates(statement, [passages[one] for one in sorted(ids) if one in passages], asked)
            for statement, ids in zip(statements, near, strict=True)
        ]
        nearness = self._nearness(statements, candidates)
        return [
            _judged(statement, found, cosines)
            for statement, found, cosines in zip(statements, candidates, nearness, strict=True)
        ]

    def _near(
        self, statements: Sequence[Statement], table: PassageTable, until: date
    ) -> list[set[PassageId]]:
        own = table.own
        found = []
        for statement in statements:
            later = _later_rows(table, statement, until)
            if later.size == 0:
                found.append(set[PassageId]())
                continue
            rows = np.flatnonzero(table.entries == statement.entry.id)
            ids = {PassageId(int(table.ids[row])) for row in _nearest(own, rows, later)}
            words = content_words(statement.text)
            allowed = set(table.ids[later].tolist())
            ids |= {
                passage
                for passage, _ in self._index.matches(match_expression_of(words), limit=MATCHING)
                if passage in allowed
            }
            found.append(ids)
        return found

    def _candidates(
        self, statement: Statement, passages: Iterable[Passage], asked: dict[EntryId, Entry | None]
    ) -> list[tuple[Passage, Span]]:
        """Later sentences of the person's own with enough words in common."""
        found = []
        for passage in passages:
            for span in sentences(passage.text):
                text = passage.text[span.start : span.end]
                if shared(statement, text) >= NEAR_SHARE and self._is_own(passage, span, asked):
                    found.append((passage, span))
        return found

    def _is_own(self, passage: Passage, span: Span, asked: dict[EntryId, Entry | None]) -> bool:
        if passage.entry not in asked:
            try:
                asked[passage.entry] = self._entries.get(passage.entry)
            except EntryNotFound:
                asked[passage.entry] = None
        entry = asked[passage.entry]
        if entry is None or not is_own_telling(entry):
            return False
        return not overlaps(passage.start + span.start, passage.start + span.start + 1, of_others(entry.text))

    def _nearness(
        self, statements: Sequence[Statement], candidates: Sequence[Sequence[tuple[Passage, Span]]]
    ) -> list[list[float]]:
        texts = [
            text
            for statement, found in zip(statements, candidates, strict=True)
            if found
            for text in (statement.text, *(one.text[span.start : span.end] for one, span in found))
        ]
        if not texts:
            return [[] for _ in statements]
        vectors = iter(self._embedder.embed(texts))
        nearness = []
        for found in candidates:
            wanted = next(vectors) if found else None
            nearness.append([float(next(vectors) @ wanted) for _ in found])
        return nearness


def _later_rows(table: PassageTable, statement: Statement, until: date) -> NDArray[np.int64]:
    """The rows of notes after the promise, up to a day and not too long after it."""
    last = min(until, (statement.last or statement.said_on) + LONGEST)
    inside = table.happened > int(statement.entry.happened.timestamp())
    inside &= table.days <= last.toordinal()
    inside &= table.entries != statement.entry.id
    return np.flatnonzero(inside)


def _nearest(own: NDArray[np.int8], rows: NDArray[np.int64], later: NDArray[np.int64]) -> NDArray[np.int64]:
    """The later rows that lie nearest to any passage of the promise's entry."""
    if rows.size == 0:
        return later[:0]
    cosines = (own[later].astype(np.float32) @ own[rows].astype(np.float32).T).max(axis=1)
    return later[np.argsort(-cosines, kind="stable")[:NEAREST]]


def _judged(
    statement: Statement, found: Sequence[tuple[Passage, Span]], cosines: Sequence[float]
) -> list[Evidence]:
    evidence = []
    for (passage, span), cosine in zip(found, cosines, strict=True):
        text = passage.text[span.start : span.end]
        shown = shown_by(statement, text, passage.day, cosine)
        if shown is not Shown.NOT_MENTIONED:
            first = passage.start + span.start
            share = shared(statement, text) + cosine
            evidence.append(
                Evidence(passage.entry, first, first + len(text), text, passage.day, shown, share)
            )
    return sorted(evidence, key=lambda one: (-one.share, one.day, one.start))


def verdict(statement: Statement, evidence: Sequence[Evidence]) -> Shown:
    """What the evidence shows: once done stays done, once broken a resolve stays broken."""
    shown = {one.shown for one in evidence}
    order = (Shown.SHOWN, Shown.CONTRADICTED)
    for outcome in reversed(order) if statement.denied else order:
        if outcome in shown:
            return outcome
    return Shown.NOT_MENTIONED
