"""Index what is new, and embed everything again when the embedding model changes, in small steps beside
whatever else the diary does.

Rules:
- a step holds the vault for milliseconds; nobody who writes or searches waits for the indexing;
- idempotent and resumable: each entry is replaced in one transaction, so stopping loses at most one batch of
  vectors and the rest is still pending;
- new words come first, with the model that serves; then the vectors of the model that is to follow, for all
  passages, until it takes the other's place (`retrieval.serving` says which serves meanwhile);
- a passage has two vectors: `own` of header and text, `window` of the previous passage and this one;
- an entry that joins an episode makes its neighbours stale, because their context and windows changed: only
  those indexed without knowing it, and what is indexed again for that reason makes nothing stale in turn, so
  the work ends;
- vectors are kept as int8, round(127·x): what is L2-normalised fits, and ranks as float32 does.

Not here: what a passage is (`retrieval.passages`), where it is kept (`diary.vault.passages`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diary.model.entry import Entry, EntryId
from diary.model.passage import IndexedEntry, PassageDraft, PassageId
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.ports import IndexState
from retrieval.passages import closing_text, passages_of, same_episode
from retrieval.ports import Embedder, IndexWriter
from retrieval.serving import Former, none_before, serving

BATCH_ENTRIES = 32
BATCH_PASSAGES = 32
"""At most so many entries, and one more than it takes for so many passages, are embedded before they are
kept: half a second of work, so that a stop or a kill loses little and progress is seen."""
BATCH_TEXTS = 16  # the fastest batch of the default embedder on one core: 8 to 16, not 64
_TURN_SECONDS = 0.1


_Around = tuple[Entry | None, Entry | None]


class PendingIndex(IndexWriter, IndexState, Protocol):
    """An index that is written, and can say how much is pending and whose vectors it has."""

    @property
    def models(self) -> tuple[str, ...]:
        """As `retrieval.ports.PassageIndex`."""
        ...


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Which neighbours, at which revision, an entry was indexed with."""

    before: tuple[EntryId, int] | None
    after: tuple[EntryId, int] | None


class Indexer:
    """Keeps an index up with its diary. Threads may share it: one of them indexes at a time.

    A screen calls `run` from a worker whenever words have changed, with `report` to show how far it is and
    `cancelled` to end it.

    :param embedder: of the model that is to serve. :param former: embedders of models used before.
    """

    def __init__(self, index: PendingIndex, embedder: Embedder, former: Former = none_before) -> None:
        self._index = index
        self._embedder = embedder
        self._former = former
        self._turn = threading.Lock()

    def run(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Index everything pending, then finish a change of the model; the number of entries indexed.

        Waits for another thread that indexes. Stopping keeps what is done.

        :raises diary.errors.EngineFailed: when the embedder crashed; what was indexed before is kept.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        if self._index.read_only:
            return 0
        while not self._turn.acquire(timeout=_TURN_SECONDS):
            if cancelled():
                return 0
        try:
            done = self._index_pending(report, cancelled)
            self._renew(report, cancelled)
            return done
        finally:
            self._turn.release()

    def catch_up(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Index everything pending, unless another thread does; the number of entries indexed.

        For a search that is to find what is new. A change of the model is finished only when the vectors of
        the model before cannot serve.

        :raises diary.errors.EngineFailed: when the embedder crashed; what was indexed before is kept.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        if self._index.read_only or not self._turn.acquire(blocking=False):
            return 0
        try:
            done = self._index_pending(report, cancelled)
            models = self._index.models
            if models and serving(models, self._embedder, self._former).model != models[0]:
                self._renew(report, cancelled)
            return done
        finally:
            self._turn.release()

    def _index_pending(self, report: Report, cancelled: Cancelled) -> int:
        self._index.use_model(self._embedder.model, self._embedder.dimensions)
        count = self._index.pending_count()
        if not count:
            return 0
        embedder = serving(self._index.models, self._embedder, self._former)
        return _Run(self._index, embedder).work(count, report, cancelled)

    def _renew(self, report: Report, cancelled: Cancelled) -> None:
        renewal = self._index.renewal
        total, done, last = renewal.count(), 0, PassageId(0)
        while not cancelled():
            indexed = renewal.lacking(after=last, limit=BATCH_PASSAGES)
            if not indexed:
                # What was indexed meanwhile with the model before has a higher number: it comes too.
                if renewal.finish() or last == 0:
                    break
                last = PassageId(0)
                continue
            vectors = self._embedded_again(indexed, cancelled)
            if vectors is None:
                break
            renewal.renew(vectors)
            last = max(vectors)
            done += len(vectors)
            report(Progress("renew", done, max(total, done)))
        while not cancelled() and renewal.discard():
            pass

    def _embedded_again(
        self, indexed: Sequence[IndexedEntry], cancelled: Cancelled
    ) -> dict[PassageId, tuple[bytes, bytes]] | None:
        chosen = [
            (passage, pair)
            for one in indexed
            for passage, pair in zip(
                one.passages,
                with_previous(one.entry, one.before, list(one.passages.values())),
                strict=True,
            )
            if passage in one.lacking
        ]
        embedded = embed_pairs(self._embedder, [pair for _, pair in chosen], cancelled)
        if embedded is None:
            return None
        return {
            passage: (draft.own, draft.window) for (passage, _), draft in zip(chosen, embedded, strict=True)
        }


class _Run:
    """One run over what is pending; remembers what was indexed with which neighbours."""

    def __init__(self, index: IndexWriter, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._known: dict[EntryId, _Surroundings] = {}
        self._refreshed: dict[EntryId, int] = {}

    def work(self, total: int, report: Report, cancelled: Cancelled) -> int:
        done = 0
        while not cancelled():
            entries = self._index.pending(limit=BATCH_ENTRIES)
            if not entries:
                break
            batch = self._batch(entries)
            pairs = [
                (draft, previous)
                for entry, (before, _), own in batch
                for draft, previous in with_previous(entry, before, own)
            ]
            vectors = embed_pairs(self._embedder, pairs, cancelled)
            if vectors is None:
                break
            finished = iter(vectors)
            for entry, around, own in batch:
                self._keep(entry, around, [next(finished) for _ in own])
                done += 1
                report(Progress("index", done, max(total, done)))
        return done

    def _batch(self, entries: Sequence[Entry]) -> list[tuple[Entry, _Around, list[PassageDraft]]]:
        """The first of these entries, with their neighbours and passages, as many as make a small step."""
        batch: list[tuple[Entry, _Around, list[PassageDraft]]] = []
        count = 0
        for entry in entries:
            around = self._index.adjacent(entry)
            batch.append((entry, around, passages_of(entry, before=around[0], after=around[1])))
            count += len(batch[-1][2])
            if count >= BATCH_PASSAGES:
                break
        return batch

    def _keep(
        self, entry: Entry, around: tuple[Entry | None, Entry | None], passages: Sequence[PassageDraft]
    ) -> None:
        before, after = around
        mark = (entry.id, entry.revision)
        self._known[entry.id] = _Surroundings(_mark(before), _mark(after))
        stale = []
        if self._refreshed.get(entry.id) != entry.revision:
            for neighbour, knows in (
                (before, before is not None and self._knows_after(before, mark)),
                (after, after is not None and self._knows_before(after, mark)),
            ):
                if neighbour is not None and not knows and same_episode(neighbour.happened, entry.happened):
                    stale.append(neighbour.id)
                    self._refreshed[neighbour.id] = neighbour.revision
        self._index.replace(entry, passages, stale=stale, model=self._embedder.model)

    def _knows_after(self, neighbour: Entry, mark: tuple[EntryId, int]) -> bool:
        known = self._known.get(neighbour.id)
        return known is not None and known.after == mark

    def _knows_before(self, neighbour: Entry, mark: tuple[EntryId, int]) -> bool:
        known = self._known.get(neighbour.id)
        return known is not None and known.before == mark


def _mark(entry: Entry | None) -> tuple[EntryId, int] | None:
    return (entry.id, entry.revision) if entry else None


def own_text(draft: PassageDraft) -> str:
    """What the own vector is of."""
    return f"{draft.header} {draft.text}"


def window_text(previous: str, draft: PassageDraft) -> str:
    """What the window vector is of; the own text when nothing comes before."""
    return f"{previous}\n{draft.text}" if previous else own_text(draft)


def with_previous(
    entry: Entry, before: Entry | None, drafts: Sequence[PassageDraft]
) -> Iterator[tuple[PassageDraft, str]]:
    """Each passage with the text of the one before it, of this entry or of its episode."""
    previous = closing_text(before, entry)
    for draft in drafts:
        yield draft, previous
        previous = draft.text


def embed_pairs(
    embedder: Embedder, pairs: Sequence[tuple[PassageDraft, str]], cancelled: Cancelled
) -> list[PassageDraft] | None:
    """The passages with both vectors, or None when stopped. Shortest first: padding costs time."""
    texts = sorted(
        {own_text(draft) for draft, _ in pairs} | {window_text(previous, draft) for draft, previous in pairs},
        key=len,
    )
    vectors: dict[str, bytes] = {}
    for first in range(0, len(texts), BATCH_TEXTS):
        if cancelled():
            return None
        batch = texts[first : first + BATCH_TEXTS]
        rows = as_int8(embedder.embed(batch))
        vectors.update(zip(batch, (row.tobytes() for row in rows), strict=True))
    return [
        replace(draft, own=vectors[own_text(draft)], window=vectors[window_text(previous, draft)])
        for draft, previous in pairs
    ]


def as_int8(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Components in [-1, 1] as round(127·x), same shape."""
    rounded: NDArray[np.int8] = np.clip(np.rint(vectors * 127.0), -127, 127).astype(np.int8)
    return rounded
