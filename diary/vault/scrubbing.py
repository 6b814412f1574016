"""Scrubbing: no copy of a row that was erased stays between the rows of a page.

SQLite overwrites a row that is deleted (`secure_delete`), and full-text search its tokens. But when rows
move to a neighbouring page, a copy of them stays in the gap of the page they came from, between its pointers
and its rows, and deleting the row later does not find it (SQLite 3.53, `rebuildPage`; seen by reading the
pages of a diary of 1,000 entries). So after words were erased, the leaves of all tables are read as they lie
on the disk. Where a gap holds anything, one row of that page is made so much longer that SQLite must move the
others together, by which it zeroes the gap (`defragmentPage`), and then it is made what it was. Both happen
in one transaction; a crash between leaves the row as it was. Indexes are made again, for the same reason.

In order: a setting says that it is due, in the transaction that erases; it is taken away at the end. So a
scrubbing that was cut short goes on after the next opening. Other threads write between the steps; when they
did, a table is gone through again.

Not here: what is erased, and when (`removal`).
"""

# ruff: noqa: S608 - the names of tables are our own

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diary.errors import DiaryError
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.vault.connection import Database
from diary.vault.full_text import forget_separators
from diary.vault.keys import VaultKey
from diary.vault.pages import (
    INTERIOR_OF_TABLE,
    LEAF_OF_TABLE,
    Cell,
    Leaf,
    PageFile,
    children_of,
    leaf_of,
    local_size,
    serial_types,
    varint_size,
)
from diary.vault.settings import forget_setting, keep_setting, kept_setting

_DUE = "scrubbing.due"
_TASK = "Erasing for good"
_LEAVES_AT_ONCE = 512
_ROUNDS = 5
_LOWEST = -(1 << 63)
_TEXT_OR_BLOB = 12
_SLACK = 40  # by how much lengthening may fall short: the sizes of sizes grow too, and a row fills no leaf
_TABLES = """
    SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND rootpage > 0
    AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%WITHOUT ROWID%' ORDER BY name
"""
# One that always has a value and that no index and no other table refers to.
_LONG_COLUMNS = """
    SELECT cid, name FROM pragma_table_info(?1) t WHERE type IN ('TEXT', 'BLOB') AND NOT pk
    AND ("notnull" OR NOT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE type IN ('TEXT', 'BLOB')
        AND "notnull" AND NOT pk))
    AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) i, pragma_index_info(i.name) c WHERE c.name = t.name)
    ORDER BY cid LIMIT 1
"""
_INDEXES_WITH_WORDS = """
    SELECT DISTINCT m.name FROM sqlite_master m, pragma_index_info(m.name) c, pragma_table_info(m.tbl_name) t
    WHERE m.type = 'index' AND t.name = c.name AND t.type IN ('TEXT', 'BLOB')
    AND m.rootpage > 0 ORDER BY m.name
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose rows have numbers; `column` is one that can be made longer, at `place` in its record."""

    name: str
    root: int
    column: str
    place: int


class Scrubber:
    """Scrubs the database of one vault."""

    def __init__(self, database: Database, path: Path, key: VaultKey) -> None:
        self._database = database
        self._path = path
        self._key = key
        self._file: BinaryIO | None = None

    def close(self) -> None:
        """After the database was closed, not before: closing a file gives up SQLite's locks on it (POSIX)."""
        if self._file is not None:
            self._file.close()

    def make_due(self) -> None:
        """Say that words were erased, inside the transaction that erases them."""
        keep_setting(self._database, _DUE, "1")

    @property
    def due(self) -> bool:
        """Whether words were erased, and copies of them may be left."""
        return kept_setting(self._database, _DUE) is not None

    def run_now(self) -> None:
        """Scrub what is due; what cannot be done now is done later."""
        with suppress(DiaryError):
            self.run()

    def run(self, *, report: Report = silent, cancelled: Cancelled = never) -> bool:
        """Scrub what is due; whether nothing is due any more. It goes on another time when it was stopped,
        or while a backup keeps the file still.

        :raises diary.errors.DiskFull: and it is still due.
        """
        if not self.due:
            return True
        self._make_indexes_again()
        tables = self._tables()
        for number, table in enumerate(tables):
            report(Progress(_TASK, number, len(tables)))
            if not self._scrub(table, cancelled):
                return False
        with self._database.transaction():
            forget_setting(self._database, _DUE)
        self._database.checkpoint()
        report(Progress(_TASK, len(tables), len(tables)))
        return True

    def _scrub(self, table: _Table, cancelled: Cancelled) -> bool:
        """Go through a table until nobody wrote meanwhile; False when stopped, or not to be done now."""
        for _ in range(_ROUNDS):
            after, disturbed, written = _LOWEST, False, None
            while True:
                if cancelled():
                    return False
                with self._database.held():
                    disturbed |= written not in (None, self._changes())
                    if not self._database.checkpoint():
                        return False
                    last = self._step(table, after)
                    written = self._changes()
                if last is None:
                    break
                after = last
            if not disturbed:
                return True
        return False

    def _step(self, table: _Table, after: int) -> int | None:
        """Clean some leaves with numbers above `after`; the last number of them, None at the end."""
        dirty: list[Leaf] = []
        last, read = after, 0
        if self._file is None:
            self._file = self._path.open("rb", buffering=0)
        pages = PageFile(self._file, self._key, page_size(self._database))
        for leaf in _leaves(pages, table.root, after):
            read += 1
            if not leaf.clean:
                dirty.append(leaf)
            last = leaf.cells[-1].rowid
            if read >= _LEAVES_AT_ONCE:
                break
        if dirty:
            with self._database.transaction():
                for leaf in dirty:
                    self._clean(table, leaf, pages.usable)
            self._database.checkpoint()
        return last if read >= _LEAVES_AT_ONCE else None

    def _clean(self, table: _Table, leaf: Leaf, usable: int) -> None:
        found = _row_to_lengthen(table, leaf, usable)
        if found is None:
            return
        cell, more = found
        named = f'"{table.name}" SET "{table.column}" = ? WHERE rowid = ?'
        ((value,),) = self._database.rows(
            f'SELECT "{table.column}" FROM "{table.name}" WHERE rowid = ?', (cell.rowid,)
        )
        longer = value + " " * more if isinstance(value, str) else value + bytes(more)
        self._database.run(f"UPDATE {named}", (longer, cell.rowid))
        self._database.run(f"UPDATE {named}", (value, cell.rowid))

    def _make_indexes_again(self) -> None:
        with self._database.transaction():
            for (index,) in self._database.rows(_INDEXES_WITH_WORDS):
                self._database.run(f'REINDEX "{index}"')
            forget_separators(self._database)
            if self._database.hook is not None:
                self._database.hook.settle()
            nodes = self._database.rows("SELECT * FROM manifest ORDER BY part, level, position")
            self._database.run("DELETE FROM manifest")
            self._database.run_many("INSERT INTO manifest VALUES (?, ?, ?, ?)", nodes)

    def _changes(self) -> int:
        """Grows with every row that this process changes."""
        ((count,),) = self._database.rows("SELECT total_changes()")
        return int(count)

    def _tables(self) -> list[_Table]:
        found = []
        for name, root in self._database.rows(_TABLES):
            columns = self._database.rows(_LONG_COLUMNS, (name,))
            if columns:
                ((place, column),) = columns
                found.append(_Table(name, root, column, place))
        return found


def page_size(database: Database) -> int:
    """Bytes of a page."""
    ((size,),) = database.rows("PRAGMA cipher_page_size")
    return int(size)


def _leaves(pages: PageFile, number: int, after: int) -> Iterator[Leaf]:
    """The leaves under a page that hold numbers above `after`, in order; empty ones are left out."""
    page = pages.page(number)
    if page[0] == INTERIOR_OF_TABLE:
        for child in children_of(page, after):
            yield from _leaves(pages, child, after)
    elif page[0] == LEAF_OF_TABLE:
        leaf = leaf_of(page, pages.usable)
        if leaf.cells and leaf.cells[-1].rowid > after:
            yield leaf


def _row_to_lengthen(table: _Table, leaf: Leaf, usable: int) -> tuple[Cell, int] | None:
    """A row, and by how many bytes, so that it fits in its page only when the others are moved together.

    The row that lies last in the page goes first: what it leaves behind does not join the gap.
    """
    gap = leaf.gap[1] - leaf.gap[0]
    for cell in sorted(leaf.cells, key=lambda one: one.start, reverse=True):
        kinds = serial_types(leaf.page, cell)
        if len(kinds) <= table.place or kinds[table.place] < _TEXT_OR_BLOB:
            continue
        most = gap + cell.size + leaf.free
        alone = len(leaf.cells) == 1  # then it must grow over the gap itself
        fewest = most - _SLACK if alone else max(gap, cell.size + leaf.free) + 1
        for more in range(most - cell.size, max(0, most - cell.size - _SLACK), -1):
            if fewest <= _size_with(cell, kinds, table.place, more, usable) <= most:
                return cell, more
    return None


def _size_with(cell: Cell, kinds: list[int], place: int, more: int, usable: int) -> int:
    """Bytes in its page of a row, one of whose columns is so much longer ("File Format", 1.6 and 2.1)."""
    types = sum(map(varint_size, kinds))
    longer = types - varint_size(kinds[place]) + varint_size(kinds[place] + 2 * more)
    payload = cell.payload + more + _header(longer) - _header(types)
    return (
        cell.body
        - cell.start
        - varint_size(cell.payload)
        + varint_size(payload)
        + local_size(payload, usable)
    )


def _header(types: int) -> int:
    """Bytes of a record's header whose types take so many; its length counts itself."""
    return types + 1 if types + 1 < 128 else types + 2
