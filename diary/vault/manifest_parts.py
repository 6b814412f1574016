"""What the manifest is of: the tables, cut into parts, and the parts into units with a number each.

- `words`: what belongs to an entry and cannot be made again, by the entry's number. One unit for an entry
  with its revisions, recording, transcripts and attachments, so that a commit touches one leaf.
- `index`: what is made from an entry's words, by its number: passages, observations, and what is to be done.
- `deleted`: entries that can be brought back, by their number, with the keys of their files.
- `audit`: the lines of the log, by their number.
- `facts`: small tables, each a unit as a whole; with them the tables there are (`schema`) and the highest
  numbers that were ever given (`sequence`).
- a part for each table of vectors, eight passages a unit: one by one they would be most of the tree, which is
  read at each unlocking. vec0 writes past triggers, but says which rows in a table of its own, `…_rowids`,
  which fires them.

The full-text index is in no part, but for its settings: FTS5 compares it with the passages by itself.
"""

# ruff: noqa: S608 - the names of tables and columns are our own

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from typing import ClassVar, Protocol

import msgspec

from diary.vault.connection import Database, Row
from diary.vault.manifest_tree import Macs
from diary.vault.vectors import VectorTable

WORDS, INDEX, DELETED, AUDIT, FACTS = "words", "index", "deleted", "audit", "facts"
NAMING_FILES = (WORDS, DELETED, FACTS)
"""Parts whose rows name the files beside the database."""
GROUP = 8
"""Passages whose vectors are one unit."""
_GAP = 16  # units passed over rather than asking once more
RUN = 512
"""Units that are read together at most."""
_KNOWN = 64  # units of vectors whose MACs are remembered
Contents = dict[int, bytes]
Changed = dict[int, bytes | None]


class Part(Protocol):
    """A part of the manifest."""

    @property
    def name(self) -> str:
        """As in the table `manifest`."""
        ...

    @property
    def watched(self) -> tuple[tuple[str, str], ...]:
        """The tables of it, each with the expression for what is noted of a row (`{row}`): its unit."""
        ...

    @property
    def numbered(self) -> Mapping[str, str]:
        """Of those, the tables whose new rows have numbers above all there were (AUTOINCREMENT), each with a
        query for the units of the rows above a number.
        """
        ...

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """The bytes to be authenticated of each unit there is from `first` to `last`, both included."""
        ...

    def changed(self, database: Database, noted: Set[int]) -> Changed:
        """The bytes to be authenticated of the units that triggers noted; None for one that is no more."""
        ...

    def last_unit(self, database: Database) -> int:
        """The highest unit there is, or a number near it; -1 when there is none."""
        ...

    def next_unit(self, database: Database, after: int) -> int | None:
        """The next unit there is; None when none follows."""
        ...


class RowsPart:
    """A part whose units are the rows of several tables with one number.

    :param sources: each a table, the column with the number, and the column that orders rows of one number.
    :param numbered: those of the tables whose rows get rising numbers of their own, `id`.
    :param also: other tables to be watched, each with the column of the unit.
    """

    def __init__(
        self,
        name: str,
        *sources: tuple[str, str, str],
        numbered: Sequence[str] = (),
        also: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.name = name
        watched = [(table, column) for table, column, _ in sources]
        self.watched = tuple((table, f"{{row}}.{column}") for table, column in (*watched, *also))
        self.numbered = {
            table: f"SELECT DISTINCT {column} FROM {table} WHERE id > ?"
            for table, column in watched
            if table in numbered
        }
        self.order = {table: order for table, _, order in sources}
        self._reads = [
            f"SELECT {column}, * FROM {table} WHERE {column} BETWEEN ? AND ? ORDER BY {column}, {order}"
            for table, column, order in sources
        ]
        nexts = (
            f"SELECT min({column}) AS unit FROM {table} WHERE {column} > ?1" for table, column, _ in sources
        )
        self._next = f"SELECT min(unit) FROM ({' UNION ALL '.join(nexts)})"
        lasts = (f"SELECT max({column}) AS unit FROM {table}" for table, column, _ in sources)
        self._last = f"SELECT max(unit) FROM ({' UNION ALL '.join(lasts)})"

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """As `Part`."""
        rows: dict[int, list[tuple[int, Row]]] = {}
        for number, read in enumerate(self._reads):
            for row in database.rows(read, (first, last)):
                rows.setdefault(row[0], []).append((number, row[1:]))
        return {unit: msgspec.msgpack.encode(found) for unit, found in rows.items()}

    def changed(self, database: Database, noted: Set[int]) -> Changed:
        """As `Part`."""
        return _changed(self, database, noted, gap=_GAP)

    def encoded(self, rows: Mapping[str, Sequence[Row]]) -> bytes:
        """The bytes to be authenticated of one unit whose rows, by table and in order, are these."""
        found = [(number, row) for number, table in enumerate(self.order) for row in rows.get(table, ())]
        return msgspec.msgpack.encode(found)

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        return _number(database.row(self._next, (after,)))

    def last_unit(self, database: Database) -> int:
        """As `Part`."""
        last = _number(database.row(self._last))
        return -1 if last is None else last


class FactsPart:
    """Small tables, each a unit as a whole."""

    name = FACTS
    numbered: ClassVar[Mapping[str, str]] = {}
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

    def changed(self, database: Database, noted: Set[int]) -> Changed:
        """As `Part`."""
        return _changed(self, database, noted, gap=1)

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        following = self.contents(database, after + 1, len(self._READS))
        return min(following, default=None)

    def last_unit(self, database: Database) -> int:
        """As `Part`."""
        return len(self._READS) - 1


class VectorsPart:
    """The vectors of one model.

    :param macs: those of the tree. A unit says of each of its passages the MAC that it would have as a unit
        by itself. So it was in vaults of an older diary; their leaves can be put together (`regrouped`).
    :param group: passages of a unit; 1 as in those.
    """

    numbered: ClassVar[Mapping[str, str]] = {}

    def __init__(self, table: VectorTable, macs: Macs, *, group: int = GROUP) -> None:
        self.name = table.name if group == 1 else f"{table.name}/{group}"
        self.table = table
        self._macs = macs
        self._group = group
        self.watched = ((f"{table.name}_rowids", "{row}.rowid"),)
        self._known: dict[int, dict[int, bytes]] = {}
        self._rowids = f'"{table.name}_rowids"'
        self._read = f'SELECT own, window FROM "{table.name}" WHERE passage = ?'

    def contents(self, database: Database, first: int, last: int) -> Contents:
        """As `Part`."""
        between = (first * self._group, (last + 1) * self._group - 1)
        numbers = f"SELECT rowid FROM {self._rowids} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        found = (passage for (passage,) in database.rows(numbers, between))
        if self._group == 1:
            return self._vectors(database, found)
        return self.regrouped(self._macs_of(database, found))

    def changed(self, database: Database, noted: Set[int]) -> Changed:
        """As `Part`; passages are noted. The MACs of the others of a unit are remembered from just before."""
        if self._group == 1:
            return dict.fromkeys(noted) | self._vectors(database, noted)
        found: Changed = {}
        for unit in {passage // self._group for passage in noted}:
            passages = range(unit * self._group, (unit + 1) * self._group)
            before = self._known.pop(unit, None)
            macs = {} if before is None else {one: mac for one, mac in before.items() if one not in noted}
            wanted = passages if before is None else [one for one in passages if one in noted]
            macs |= self._macs_of(database, wanted)
            self._known[unit] = macs
            found[unit] = b"".join(macs[passage] for passage in sorted(macs)) or None
        while len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        return found

    def _macs_of(self, database: Database, passages: Iterable[int]) -> Contents:
        vectors = self._vectors(database, passages)
        return {one: self._macs.leaf(self.table.name, one, content) for one, content in vectors.items()}

    def _vectors(self, database: Database, passages: Iterable[int]) -> Contents:
        # One by one: vec0 finds a row by equality, and scans all for anything else.
        rows = ((passage, database.row(self._read, (passage,))) for passage in passages)
        return {
            passage: row[0] + row[1] for passage, row in rows if row is not None
        }  # which are of one width

    def regrouped(self, leaves: Mapping[int, bytes]) -> Contents:
        """The units that leaves of single passages make, which come in order."""
        units: Contents = {}
        for passage, mac in leaves.items():
            units[passage // self._group] = units.get(passage // self._group, b"") + mac
        return units

    def passages(self, database: Database) -> list[int]:
        """Those that there are vectors of."""
        return [int(row[0]) for row in database.rows(f"SELECT rowid FROM {self._rowids}")]

    def next_unit(self, database: Database, after: int) -> int | None:
        """As `Part`."""
        beyond = ((after + 1) * self._group,)
        found = _number(database.row(f"SELECT min(rowid) FROM {self._rowids} WHERE rowid >= ?", beyond))
        return None if found is None else found // self._group

    def last_unit(self, database: Database) -> int:
        """As `Part`."""
        last = _number(database.row(f"SELECT max(rowid) FROM {self._rowids}"))
        return -1 if last is None else last // self._group


PARTS: tuple[Part, ...] = (
    RowsPart(
        WORDS,
        ("entries", "id", "id"),
        ("revisions", "entry", "number"),
        ("recordings", "entry", "entry"),
        ("transcripts", "entry", "id"),
        ("partials", "entry", "entry"),
        ("attachments", "entry", "id"),
        numbered=["entries"],
        also=[("deleted", "entry")],  # an entry that is brought back has the number that it had
    ),
    RowsPart(
        INDEX,
        ("passages", "entry", "ordinal"),
        ("indexed_with", "entry", "entry"),
        ("pending", "entry", "happened"),
        ("observations", "entry", "ordinal"),
        ("unread", "entry", "happened"),
        numbered=["passages"],
    ),
    RowsPart(DELETED, ("deleted", "entry", "entry"), ("deleted_files", "entry", "file")),
    RowsPart(AUDIT, ("audit", "number", "number")),
    FactsPart(),
)
"""All but the vectors, whose tables come and go."""


def parts_of(vectors: Iterable[VectorTable], macs: Macs, *, single: Container[str] = ()) -> tuple[Part, ...]:
    """All parts, with those of these tables of vectors.

    :param single: tables whose passages are a unit each.
    """
    of_vectors = (VectorsPart(one, macs, group=1 if one.name in single else GROUP) for one in vectors)
    return (*PARTS, *of_vectors)


def _changed(part: Part, database: Database, units: Set[int], *, gap: int) -> Changed:
    """Reads neighbouring units together; up to `gap` that nobody asked for rather than asking once more."""
    found: Changed = dict.fromkeys(units)
    ordered = sorted(units)
    first = ordered[0]
    for unit, following in zip(ordered, [*ordered[1:], None], strict=True):
        if following is None or following - unit > gap or following - first >= RUN:
            contents = part.contents(database, first, unit)
            found.update((one, contents[one]) for one in contents.keys() & units)
            first = unit if following is None else following
    return found


def _number(row: Row | None) -> int | None:
    return None if row is None or row[0] is None else int(row[0])
