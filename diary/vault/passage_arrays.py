"""The index as arrays: read whole once, in pieces that hold the database for a moment each, then kept up by
what changed.

At 200,000 passages the vectors are 154 MB. They are never held twice: whole chunks of vec0's own tables are
copied into the blocks that search uses (reading them through vec0, row by row, took 0.6 s for 60,000 passages
and an object for each), and a change makes anew only the blocks it falls into.

Apart from `passages`, because it needs numpy. Not here: what is stored (`vectors`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from diary.model.entry import EntryId
from diary.model.passage_table import PassageTable
from diary.vault.connection import Database
from diary.vault.vectors import VectorTable, chunk_after, vectors_of

BLOCK = 16_384
"""Passages in a block of a table that was read whole: 12 MB, copied in 3 ms or so. For more than 4 MB numpy
asks for large pages of memory: 60,000 passages are then read at 63 % of the memory's speed, in blocks
of 3 MB at 46 to 58 %."""

_MOST_CHANGED = 2000  # entries; more than these are read sooner by reading everything
_STEP = 64  # entries whose passages are read at a time

# As JSON arrays: 200,000 rows of numbers would be objects in Python, 5 times as slow.
_PASSAGES = """
    SELECT json_group_array(id), json_group_array(entry)
    FROM (SELECT id, entry FROM passages ORDER BY entry, ordinal)
"""
_ENTRIES = """
    SELECT json_group_array(id), json_group_array(happened), json_group_array(happened_day)
    FROM (SELECT id, happened, happened_day FROM entries INDEXED BY entries_in_order ORDER BY happened, id)
"""
_OF_ENTRIES = """
    SELECT p.id, p.entry, e.happened, e.happened_day
    FROM json_each(?) wanted CROSS JOIN entries e ON e.id = wanted.value
    CROSS JOIN passages p ON p.entry = e.id
    ORDER BY e.happened, e.id, p.ordinal
"""

Columns = NDArray[np.int64]
"""int64[n, 4]: passage, entry, happened in microseconds, day."""

Blocks = tuple[NDArray[np.int8], ...]


class TableKeeper:
    """Has the table of one vault, as it is now. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._kept: tuple[VectorTable | None, PassageTable] | None = None

    def table(self, vectors: VectorTable | None) -> PassageTable:
        """The table with these vectors."""
        with self._turn:
            table = self._kept[1] if self._kept and self._kept[0] == vectors else None
            self._kept = None
            while True:
                newer = None if table is None else self._with_changes(table, vectors)
                table = None  # let the old one go before another is read
                table = self._whole(vectors) if newer is None else newer
                with self._database.held():
                    if table.version == self._database.passages_version:
                        self._kept = (vectors, table)
                        return table

    def _with_changes(self, table: PassageTable, vectors: VectorTable | None) -> PassageTable | None:
        """The table as it is now, made from this one; None when reading everything is quicker."""
        with self._database.held():
            version = self._database.passages_version
            if table.version == version:
                return table
            changed = self._database.entries_changed_since(table.version)
        if changed is None or len(changed) > _MOST_CHANGED:
            return None
        for first in range(0, len(changed), _STEP):
            step = changed[first : first + _STEP]
            with self._database.held():
                found, stored = _entries_as_they_are(self._database, step, vectors)
            table = changed_table(table, step, found, stored, version=version)
        # What changed between the steps has a later version, and is read again.
        return replace(table, version=version)

    def _whole(self, vectors: VectorTable | None) -> PassageTable:
        version = self._database.passages_version
        columns = _in_order(self._database)
        width = 0 if vectors is None else vectors.dimensions
        blocks = empty_blocks(len(columns), width)
        ids = np.ascontiguousarray(columns[:, 0])
        order = np.argsort(ids, kind="stable")
        last = 0
        while vectors is not None and len(ids):
            with self._database.held():
                chunk = chunk_after(self._database, vectors, last)
            if chunk is None:
                break
            last = chunk.number
            place(blocks, *rows_of(chunk.passages, ids, order), chunk.vectors)
        return _table(columns, blocks, width, version)


def _in_order(database: Database) -> Columns:
    """All passages in order."""
    with database.held():
        of_passages, of_entries = database.rows(_PASSAGES)[0], database.rows(_ENTRIES)[0]
    passages, owners = (_numbers(column) for column in of_passages)
    entries, moments, days = (_numbers(column) for column in of_entries)
    by_id = np.argsort(entries)
    places = by_id[np.searchsorted(entries, owners, sorter=by_id)] if len(entries) else owners
    order = np.argsort(places, kind="stable")  # within an entry they are in order already
    places = places[order]
    return np.stack([passages[order], owners[order], moments[places], days[places]], axis=1)


def _numbers(column: str) -> NDArray[np.int64]:
    return np.array(msgspec.json.decode(column, type=list[int]), np.int64)


def _entries_as_they_are(
    database: Database, entries: Sequence[EntryId], vectors: VectorTable | None
) -> tuple[Columns, NDArray[np.int8]]:
    """The passages of these entries in order, with their vectors int8[k, 2, d]."""
    rows = database.rows(_OF_ENTRIES, (msgspec.json.encode([int(one) for one in entries]).decode(),))
    found = np.array(rows, np.int64).reshape(-1, 4)
    stored = np.zeros((len(found), 2, 0 if vectors is None else vectors.dimensions), np.int8)
    if vectors is not None:
        for place_of, passage in enumerate(found[:, 0]):
            pair = vectors_of(database, vectors, int(passage))
            if pair is not None:
                stored[place_of] = np.frombuffer(b"".join(pair), np.int8).reshape(2, -1)
    return found, stored


def empty_blocks(count: int, width: int) -> Blocks:
    """Room for `count` passages, all zeros."""
    ends = [*range(0, count, BLOCK), count]
    return tuple(np.zeros((end - start, 2, width), np.int8) for start, end in pairwise(ends))


def rows_of(
    passages: NDArray[np.int64], ids: NDArray[np.int64], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each of the passages its row, and whether it has one; `order` sorts `ids`, which is not empty."""
    places = order[np.searchsorted(ids, passages, sorter=order).clip(max=len(ids) - 1)]
    return places, ids[places] == passages


def place(
    blocks: Blocks, rows: NDArray[np.int64], present: NDArray[np.bool_], vectors: NDArray[np.int8]
) -> None:
    """Copy vectors int8[k, 2, d] into their rows of new blocks of `BLOCK` passages each."""
    of_block = rows // BLOCK
    for number in np.flatnonzero(np.bincount(of_block[present])):  # np.unique would import numpy.ma
        chosen = present & (of_block == number)
        blocks[number][rows[chosen] - number * BLOCK] = vectors[chosen]


def _table(columns: Columns, blocks: Blocks, width: int, version: int) -> PassageTable:
    ids, entries, moments, days = (np.ascontiguousarray(columns[:, which]) for which in range(4))
    return PassageTable(
        ids=ids,
        entries=entries,
        moments=moments,
        days=days,
        blocks=blocks,
        dimensions=width,
        version=version,
    )


def changed_table(
    table: PassageTable,
    changed: Sequence[EntryId],
    found: Columns,
    stored: NDArray[np.int8],
    *,
    version: int,
) -> PassageTable:
    """The table with the passages of `changed` entries as they are now; the one given stays as it is.

    :param found: their passages, in order. :param stored: their vectors, int8[k, 2, d].
    """
    if not len(changed):
        return replace(table, version=version)
    kept = ~np.isin(table.entries, np.array(changed, np.int64))
    before = np.stack([table.ids, table.entries, table.moments, table.days], axis=1)[kept]
    places = _places(before, found)
    columns = np.insert(before, places, found, axis=0)
    blocks = changed_blocks(table.blocks, kept, places, stored)
    return _table(columns, blocks, table.dimensions, version)


def _places(kept: Columns, found: Columns) -> NDArray[np.int64]:
    """Before which of the kept rows each found one belongs, in the order (happened, entry)."""
    first = np.searchsorted(kept[:, 2], found[:, 2], side="left")
    last = np.searchsorted(kept[:, 2], found[:, 2], side="right")
    places = [
        start + np.searchsorted(kept[start:end, 1], entry)
        for start, end, entry in zip(first, last, found[:, 1], strict=True)
    ]
    return np.array(places, np.int64)


def changed_blocks(
    blocks: Blocks, kept: NDArray[np.bool_], places: NDArray[np.int64], stored: NDArray[np.int8]
) -> Blocks:
    """The blocks without the rows that are not kept, and with new ones; the others are the same objects.

    :param kept: bool[n]. :param places: int64[k], rising: before which kept row each new one comes.
    :param stored: int8[k, 2, d].
    """
    if not blocks:
        return (stored,) if len(stored) else ()
    made: list[NDArray[np.int8]] = []
    row = kept_before = added = 0
    for number, block in enumerate(blocks):
        staying = kept[row : row + len(block)]
        row += len(block)
        kept_after = kept_before + int(staying.sum())
        # What comes just before the next block's first row goes to the end of this one.
        last = len(places) if number == len(blocks) - 1 else int(np.searchsorted(places, kept_after, "right"))
        if last == added and staying.all():
            made.append(block)
        else:
            here = places[added:last] - kept_before
            made += _pieces(np.insert(block[staying], here, stored[added:last], axis=0))
        kept_before, added = kept_after, last
    return tuple(made)


def _pieces(block: NDArray[np.int8]) -> list[NDArray[np.int8]]:
    """A block that grew, in pieces of fewer than 2·BLOCK; nothing of an empty one."""
    count = max(1, len(block) // BLOCK)
    return [np.ascontiguousarray(piece) for piece in np.array_split(block, count) if len(piece)]
