"""What the manifest is of: the tables, cut into parts, and the parts into units with a number each.

- `words`: what belongs to an entry and cannot be made again, by the entry's number. One unit for an entry
  with its revisions, recording, transcripts and attachments, so that a commit touches one leaf.
- `index`: what is made from an entry's words, by its number: passages, observations, and what is to be done.
- `deleted`: entries that can be brought back, by their number, with the keys of their files.
- `audit`: the lines of the log, by their number.
- `facts`: small tables, each a unit as a whole; with them the tables there are (`schema`) and the highest
  numbers that were ever given (`sequence`).
- a part for each table of vectors, by passage. vec0 writes past triggers, but says which rows in a table of
  its own, `…_rowids`, which fires them.

The full-text index is in no part, but for its settings: FTS5 compares it with the passages by itself.
"""

# ruff: noqa: S608 - the names of tables and columns are our own

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from diary.vault.connection import Database, Row
from diary.vault.vectors import VectorTable

WORDS, INDEX, DELETED, AUDIT, FACTS = "words", "index", "deleted", "audit", "facts"
NAMING_FILES = (WORDS, DELETED, FACTS)
"""Parts whose rows name the files beside the database."""
Contents = dict[int, bytes]


class Part(Protocol):
    """A part of the manifest."""

    @property
    def name(self) -> str:
        """As in the table `manifest`."""
        ...

    @property
    def watched(self) -> tuple[tuple[str, str], ...]:
        """The tables of it, each with the expression that gives the unit of a row (`{row}` is the row)."""
        ...

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """The bytes to be authenticated of each unit there is from `first` to `last`, both included."""
        ...

    def next_unit(self, database: Database, after: int) -> int | None:
        """The next unit there is; None when none follows."""
        ...


class RowsPart:
    """A part whose units are the rows of several tables with one number.

    :param sources: each a table, the column with the number, and the column that orders rows of one number.
    """

    def __init__(self, name: str, *sources: tuple[str, str, str]) -> None:
        self.name = name
        self.watched = tuple((table, f"{{row}}.{column}") for table, column, _ in sources)
        self.order = {table: order for table, _, order in sources}
        self._reads = [
            f"SELECT {column}, * FROM {table} WHERE {column} BETWEEN ? AND ? ORDER BY {column}, {order}"
            for table, column, order in sources
        ]
        nexts = (
            f"SELECT min({column}) AS unit FROM {table} WHERE {column} > ?1" for table, column, _ in sources
        )
        self._next = f"SELECT min(unit) FROM ({' UNION ALL '.join(nexts)})"

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """As `Part`."""
        rows: dict[int, list[tuple[int, Row]]] = {}
        for number, read in enumerate(self._reads):
            for row in database.rows(read, (first, last)):
                rows.setdefault(row[0], []).append((number, row[1:]))
        return {unit: msgspec.msgpack.encode(found) for unit, found in rows.items()}

    def encoded(self, rows: Mapping[str, Sequence[Row]]) -> bytes:
        """The bytes to be authenticated of one unit whose rows, by table and in order, are these."""
        found = [(number, row) for number, table in enumerate(self.order) for row in rows.get(table, ())]
        return msgspec.msgpack.encode(found)

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        return _number(database.row(self._next, (after,)))


class FactsPart:
    """Small tables, each a unit as a whole."""

    name = FACTS
    tables = (
        *("settings", "drafts", "glossary", "imports", "spools"),
        *("full text", "sequence", "schema"),
    )
    WATCHED = 5  # units whose tables fire triggers
    _READS = (
        "SELECT * FROM settings ORDER BY name",
        "SELECT * FROM drafts ORDER BY slot",
        "SELECT * FROM glossary ORDER BY id",
        "SELECT * FROM imports ORDER BY id",
        "SELECT * FROM spools ORDER BY file",
        "SELECT k, v FROM passages_fts_config ORDER BY k",
        "SELECT name, seq FROM sqlite_sequence ORDER BY name",
        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
    )
    watched = tuple((table, str(unit)) for unit, table in enumerate(tables[:WATCHED]))

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """As `Part`."""
        units = range(max(first, 0), min(last + 1, len(self._READS)))
        rows = {unit: database.rows(self._READS[unit]) for unit in units}
        return {unit: msgspec.msgpack.encode(found) for unit, found in rows.items() if found}

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        following = self.contents(database, after + 1, len(self._READS))
        return min(following, default=None)


class VectorsPart:
    """The vectors of one model, a unit for each passage."""

    def __init__(self, table: VectorTable) -> None:
        self.name = table.name
        self.watched = ((f"{table.name}_rowids", "{row}.rowid"),)
        self._rowids = f'"{table.name}_rowids"'
        self._read = f'SELECT own, window FROM "{table.name}" WHERE passage = ?'

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """As `Part`."""
        found = database.rows(f"SELECT rowid FROM {self._rowids} WHERE rowid BETWEEN ? AND ?", (first, last))
        # One by one: vec0 finds a row by equality, and scans all for anything else.
        vectors = ((passage, database.row(self._read, (passage,))) for (passage,) in found)
        return {passage: vector_content(row[0], row[1]) for passage, row in vectors if row is not None}

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        return _number(database.row(f"SELECT min(rowid) FROM {self._rowids} WHERE rowid > ?", (after,)))


def vector_content(own: bytes, window: bytes) -> bytes:
    """The bytes to be authenticated of a passage's two vectors, which are of one width."""
    return own + window


PARTS: tuple[Part, ...] = (
    RowsPart(
        WORDS,
        ("entries", "id", "id"),
        ("revisions", "entry", "number"),
        ("recordings", "entry", "entry"),
        ("transcripts", "entry", "id"),
        ("partials", "entry", "entry"),
        ("attachments", "entry", "id"),
    ),
    RowsPart(
        INDEX,
        ("passages", "entry", "ordinal"),
        ("indexed_with", "entry", "entry"),
        ("pending", "entry", "happened"),
        ("observations", "entry", "ordinal"),
        ("unread", "entry", "happened"),
    ),
    RowsPart(DELETED, ("deleted", "entry", "entry"), ("deleted_files", "entry", "file")),
    RowsPart(AUDIT, ("audit", "number", "number")),
    FactsPart(),
)
"""All but the vectors, whose tables come and go."""


def parts_of(vectors: Iterable[VectorTable]) -> tuple[Part, ...]:
    """All parts, with those of these tables of vectors."""
    return (*PARTS, *(VectorsPart(table) for table in vectors))


def _number(row: Row | None) -> int | None:
    return None if row is None or row[0] is None else int(row[0])
