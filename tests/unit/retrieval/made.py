"""Diaries made for the tests of retrieval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from diary.model.answer import Quote
from diary.model.entry import Entry, EntryDraft, EntryId
from diary.model.progress import Cancelled, Report, never, silent
from retrieval.answering import Answerer
from retrieval.indexing import Indexer, PendingIndex
from retrieval.ports import Embedder, LanguageModel
from retrieval.search import Searcher
from tests.fakes.models import FakeEmbedder
from tests.fakes.stores import FakeStores, fake_stores


def at(text: str) -> datetime:
    """A time in UTC from ISO words."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def draft(text: str, happened: str = "2024-03-05T09:00", **more: object) -> EntryDraft:
    """An entry on its way into the diary."""
    return EntryDraft(text=text, happened=at(happened), written=at(happened), **more)  # type: ignore[arg-type]


def entry(
    text: str, happened: str = "2024-03-05T09:00", *, number: int = 1, title: str | None = None
) -> Entry:
    """An entry that no store keeps."""
    moment = at(happened)
    return Entry(
        id=EntryId(number),
        text=text,
        happened=moment,
        written=moment,
        recorded=moment,
        revision=1,
        title=title,
    )


def diary_of(*drafts: EntryDraft) -> FakeStores:
    """A diary in memory with these entries, not indexed yet."""
    stores = fake_stores()
    for one in drafts:
        stores.entries.add(one)
    return stores


def index_pending(
    index: PendingIndex, embedder: Embedder, *, report: Report = silent, cancelled: Cancelled = never
) -> int:
    """One run of an indexer of its own; the number of entries indexed."""
    return Indexer(index, embedder).run(report=report, cancelled=cancelled)


def searcher_of(stores: FakeStores, embedder: Embedder | None = None) -> Searcher:
    """A searcher over the diary, indexed."""
    embedder = embedder or FakeEmbedder()
    index_pending(stores.passages, embedder)
    return Searcher(stores.passages, embedder)


def answerer_of(stores: FakeStores, model: LanguageModel | None = None) -> Answerer:
    """An answerer over the diary, indexed."""
    embedder = FakeEmbedder()
    return Answerer(searcher_of(stores, embedder), stores.entries, embedder, model)


def quote(text: str, day: str = "2024-03-05", *, name: str = "q1") -> Quote:
    """A quote of an entry that holds nothing else."""
    return Quote(
        id=name,
        entry=EntryId(1),
        source_id=None,
        day=at(day).date(),
        text=text,
        start=0,
        end=len(text),
        score=1.0,
    )


def texts(spans: Sequence[object], text: str) -> list[str]:
    """The pieces of a text that spans mark."""
    return [text[span.start : span.end] for span in spans]  # type: ignore[attr-defined]
