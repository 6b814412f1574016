"""The observations a number rests on, as verbatim quotes, checked against their entries.

Which come first when not all fit: what an extreme reached, the first and the last, the lowest and the
highest, then the rest in order of time. A span that no longer says what was read there is dropped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from diary.errors import EntryNotFound
from diary.model.answer import Quote
from diary.model.number import Function, Number
from diary.model.observation import Observation
from retrieval.quoting import EntryReader

_WHOLE = 1.0


def in_order(numbers: Sequence[Number]) -> list[Observation]:
    """The observations of some numbers, the telling ones first, each span once."""
    rows: dict[tuple[int, int, int], Observation] = {}
    series = [_telling(number) for number in numbers]
    for place in range(max(map(len, series), default=0)):
        for one in series:
            if place < len(one):
                row = one[place]
                rows.setdefault((row.entry, row.start, row.end), row)
    return list(rows.values())


def _telling(number: Number) -> list[Observation]:
    """The rows of one number: both ends, the extremes, the rest."""
    rows = list(number.rows)
    if number.function is Function.DIFFERENCE:
        return in_order(number.parts) + rows
    if len(rows) < 3 or number.function in (Function.MIN, Function.MAX):
        return rows
    valued = [row for row in rows if row.value is not None]
    extremes = [_least(valued), _most(valued)] if valued else []
    return [rows[0], rows[-1], *extremes, *rows]


def _least(rows: Sequence[Observation]) -> Observation:
    return min(rows, key=lambda row: row.value or 0.0)


def _most(rows: Sequence[Observation]) -> Observation:
    return max(rows, key=lambda row: row.value or 0.0)


def quoted(
    rows: Sequence[Observation], entries: EntryReader, *, limit: int, prefix: str = "q"
) -> tuple[Quote, ...]:
    """At most `limit` of the observations' spans, as they stand in their entries: q1, q2, …"""
    quotes: list[Quote] = []
    for row, text in _standing(rows, entries):
        if len(quotes) >= limit:
            break
        quotes.append(
            Quote(
                id=f"{prefix}{len(quotes) + 1}",
                entry=row.entry,
                source_id=row.source_id,
                day=row.day,
                text=text,
                start=row.start,
                end=row.end,
                score=_WHOLE,
            )
        )
    return tuple(quotes)


def _standing(rows: Sequence[Observation], entries: EntryReader) -> Iterator[tuple[Observation, str]]:
    for row in rows:
        try:
            text = entries.get(row.entry).text[row.start : row.end]
        except EntryNotFound:
            continue
        if unicodedata.normalize("NFC", text.casefold()).startswith(row.key) and text.endswith(row.written):
            yield row, text
