"""A search with nothing to look for: the entries that the filters let through, newest first.

No model is needed and no index: what was written a moment ago is listed too. A hit is the entry's first
passage, with score 0.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

from diary.model.answer import Hit, Question, SearchResult
from diary.model.entry import Entry, EntryFilter
from diary.ports import EntryStore
from retrieval.filters import entry_says
from retrieval.passages import spans_of

_PAGE = 200


def list_by_date(question: Question, store: EntryStore) -> SearchResult:
    """The newest entries that match; the range is the one that was given."""
    began = time.perf_counter()
    matching = (entry for entry in _entries(question, store) if _matches(question, entry))
    hits = tuple(_hit(entry) for entry in islice(matching, max(question.limit, 0)))
    return SearchResult(hits=hits, range=question.range, milliseconds=(time.perf_counter() - began) * 1000)


def _entries(question: Question, store: EntryStore) -> Iterator[Entry]:
    chosen = EntryFilter(range=question.range, tag=question.tag, kind=question.kind, starred=question.starred)
    offset = 0
    while page := store.list(chosen, limit=_PAGE, offset=offset):
        yield from page
        offset += len(page)


def _matches(question: Question, entry: Entry) -> bool:
    return all(entry_says(phrase, entry) for phrase in question.phrases) and not any(
        entry_says(phrase, entry) for phrase in question.without
    )


def _hit(entry: Entry) -> Hit:
    first = next(iter(spans_of(entry.text)), None)
    start, end = (first.start, first.end) if first else (0, len(entry.text))
    return Hit(
        entry=entry.id,
        source_id=entry.source_id,
        day=entry.happened.date(),
        title=entry.title,
        text=entry.text[start:end],
        score=0.0,
        start=start,
        end=end,
        rough=entry.is_rough,
    )
