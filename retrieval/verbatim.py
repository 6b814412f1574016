"""Spans of entries → numbered quotes, each compared with its entry byte for byte.

The rule of `retrieval.quoting`, for quotes that are chosen by code that reads entries and not passages:
before a quote is given out its entry is read again from the store, and `text == entry.text[start:end]`, or
there is no quote. The same span asked for twice is the same quote.
"""

from __future__ import annotations

from diary.errors import EntryNotFound
from diary.model.answer import Quote
from diary.model.entry import EntryId
from retrieval.quoting import EntryReader


class Quotes:
    """Numbers the quotes of one plan or review: q1, q2, … in the order they are first asked for."""

    def __init__(self, entries: EntryReader) -> None:
        self._entries = entries
        self._made: dict[tuple[EntryId, int, int], Quote] = {}

    def of(
        self, entry: EntryId, start: int, end: int, untrusted_text: str, score: float = 1.0
    ) -> Quote | None:
        """The quote of a span; None when the entry is gone or does not say so there."""
        made = self._made.get((entry, start, end))
        if made is not None:
            return made if made.text == untrusted_text else None
        try:
            kept = self._entries.get(entry)
        except EntryNotFound:
            return None
        if not untrusted_text or kept.text[start:end] != untrusted_text:
            return None
        quote = Quote(
            id=f"q{len(self._made) + 1}",
            entry=kept.id,
            source_id=kept.source_id,
            day=kept.happened.date(),
            text=untrusted_text,
            start=start,
            end=end,
            score=score,
            rough=kept.is_rough,
        )
        self._made[entry, start, end] = quote
        return quote
