"""Which table a row is of, told by what its columns hold: a page does not say, when those above it are
damaged.

The columns of a table are those of the schema. A row fits when it has as many values, each of the column's
type, and none where there must be one; a column that is the row's number holds nothing. Some tables have
values of a form, by which they are told from others of the same types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sqlcipher3.dbapi2 as sqlcipher

from diary.vault.rescue.records import Record, Value
from diary.vault.schema import statement_of

_TYPES: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "TEXT": (str,),
    "BLOB": (bytes,),
    "REAL": (float, int),
}
_FILE = re.compile("[0-9a-f]{32}")
_FORMS: dict[str, Callable[[tuple[Value, ...]], bool]] = {
    "recordings": lambda row: _FILE.fullmatch(str(row[1])) is not None,
    "attachments": lambda row: _FILE.fullmatch(str(row[2])) is not None,
    "deleted_files": lambda row: _FILE.fullmatch(str(row[0])) is not None,
    "spools": lambda row: _FILE.fullmatch(str(row[0])) is not None,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    :ivar is_row: whether it is the row's number, which is not stored with the others.
    """

    name: str
    types: tuple[type, ...]
    may_be_none: bool
    is_row: bool

    def fits(self, value: Value) -> bool:
        """Whether a stored value can be of this column."""
        if self.is_row:
            return value is None
        return self.may_be_none if value is None else isinstance(value, self.types)

    def read(self, record: Record, value: Value) -> Value:
        """The value as the database gives it: whole numbers stand for reals on the disk."""
        if self.is_row:
            return record.row
        return float(value) if float in self.types and isinstance(value, int) else value


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table of ours, in their order."""
    database = sqlcipher.connect(":memory:")  # holds the table's columns, never a row
    try:
        database.execute(statement_of(table))
        rows = database.execute(f"PRAGMA table_info({table})").fetchall()
    finally:
        database.close()
    return tuple(
        Column(name, _TYPES[kind], not required and not key, kind == "INTEGER" and key == 1)
        for _, name, kind, required, _, key in rows
    )


def read_as(table: str, record: Record) -> tuple[Value, ...] | None:
    """The values of a row of this table in the order of its columns, or None when it cannot be one."""
    columns = columns_of(table)
    if len(record.values) != len(columns):
        return None
    if not all(column.fits(value) for column, value in zip(columns, record.values, strict=True)):
        return None
    form = _FORMS.get(table)
    if form is not None and not form(record.values):
        return None
    return tuple(column.read(record, value) for column, value in zip(columns, record.values, strict=True))
