"""Deleted entries that can still be brought back.

Deleting takes an entry out of everything at once by the path that erases (`removal`): index, tokens,
vectors, observations, lists. Its rows are kept as JSON in `deleted`, the keys of its files in
`deleted_files`; the files stay where they are. Bringing it back puts the rows where they were, under the same
number, and has it indexed and read again: what was made from its words is made anew.

The JSON is `{"schema", "until": [microseconds, offset], TABLE: [{COLUMN: value}]}`, bytes as `{"hex"}`. A
migration that changes one of these tables changes the rows here too; `schema` says what they are.

An import does not know what is among the deleted: importing it brings it back as a new entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from diary.errors import EntryNotFound
from diary.model.audit import Event
from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, EntryId
from diary.vault.audit import AuditLog
from diary.vault.connection import Database
from diary.vault.entries import Entries
from diary.vault.removal import KEPT_WITH, Removal, make_pending
from diary.vault.rows import ENTRY_COLUMNS, entry_from_row, time_from_row, time_to_row
from diary.vault.schema import SCHEMA_VERSION

_Rows = dict[str, Any]
_Table = list[_Rows]  # inside the class, `list` is its method
_Numbers = list[EntryId]
_ROWS_OF_ENTRY = (
    ("entries", "id"),
    ("revisions", "entry"),
    ("transcripts", "entry"),
    ("partials", "entry"),
    ("drafts", "entry"),
)
_NUMBERED_ANEW = {"transcripts": "id"}  # a number that another row may have by now; the order stays
_ALL = "SELECT entry, removed, removed_offset, rows FROM deleted"


class Deleted:
    """The DeletedStore of a vault."""

    def __init__(
        self,
        database: Database,
        entries: Entries,
        removal: Removal,
        audit: AuditLog,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._entries = entries
        self._removal = removal
        self._now = now

    def take_out(self, entry: EntryId, *, kept_for: timedelta) -> DeletedEntry:
        """Take an entry out of everything, and keep its rows until they are erased, so long at least.

        :raises diary.errors.EntryNotFound: when there is no such entry.
        """
        removed = self._now()
        until = removed + kept_for

        def choose() -> Sequence[EntryId]:
            found = [self._entries.get(entry).id]
            self._audit.log_within(Event.DELETED, entries=1, by="person")
            return found

        self._removal.remove(choose, before=lambda one: self._keep(one, removed, until))
        return self._get(entry)

    def list(self) -> list[DeletedEntry]:
        """All that can be brought back, last deleted first."""
        rows = self._database.rows(f"{_ALL} ORDER BY removed DESC, entry DESC")
        return [_deleted_from_row(row) for row in rows]

    def over(self, now: datetime) -> _Numbers:
        """Those whose time is over, first deleted first."""
        rows = self._database.rows(
            "SELECT entry FROM deleted WHERE json_extract(rows, '$.until[0]') <= ? ORDER BY removed, entry",
            (time_to_row(now)[0],),
        )
        return [EntryId(row[0]) for row in rows]

    def restore(self, entry: EntryId) -> Entry:
        """Bring an entry back as it was, with its versions, recording and files.

        :raises diary.errors.EntryNotFound: when none of this number is among the deleted.
        """
        with self._database.transaction():
            kept = self._rows(entry)
            for table, _ in _ROWS_OF_ENTRY:
                for row in kept.get(table, ()):
                    self._insert(table, self._with_free_slot(row) if table == "drafts" else row)
            for file, key, table, row in self._database.rows(
                'SELECT file, key, "table", row FROM deleted_files WHERE entry = ? ORDER BY rowid', (entry,)
            ):
                self._insert(table, {**msgspec.json.decode(row), "file": file, "key": key})
            self._database.run("DELETE FROM deleted WHERE entry = ?", (entry,))
            make_pending(self._database, entry)
            self._database.run(
                "INSERT INTO unread(happened, entry) SELECT happened, id FROM entries WHERE id = ?", (entry,)
            )
            self._audit.log_within(Event.DELETION_UNDONE, entries=1)
            return self._entries.get(entry)

    def erase(self, entries: Sequence[EntryId], *, by: str = "person") -> int:
        """Erase deleted entries for good; how many.

        :param by: who does, for the log: "person" or "retention".

        :raises diary.errors.EntryNotFound: when one is not among the deleted; nothing was erased.
        """

        def choose() -> Sequence[EntryId]:
            for entry in entries:
                self._get(entry)
            if entries:
                self._audit.log_within(Event.ERASED, entries=len(entries), by=by)
            return entries

        return self._removal.erase_deleted(choose)

    def _get(self, entry: EntryId) -> DeletedEntry:
        row = self._database.row(f"{_ALL} WHERE entry = ?", (entry,))
        if row is None:
            raise EntryNotFound(
                f"There is no entry {entry} among the deleted. Nothing was changed.",
                hint="See what can be brought back with: diary deleted",
            )
        return _deleted_from_row(row)

    def _rows(self, entry: EntryId) -> _Rows:
        self._get(entry)
        ((rows,),) = self._database.rows("SELECT rows FROM deleted WHERE entry = ?", (entry,))
        decoded: _Rows = msgspec.json.decode(rows)
        return decoded

    def _keep(self, entry: EntryId, removed: datetime, until: datetime) -> None:
        kept: _Rows = {"schema": SCHEMA_VERSION, "until": time_to_row(until)}
        for table, column in _ROWS_OF_ENTRY:
            kept[table] = [_plain(row) for row in self._table(table, column, entry)]
            for row in kept[table]:
                row.pop(_NUMBERED_ANEW.get(table), None)
        self._database.run(
            "INSERT INTO deleted(entry, removed, removed_offset, rows) VALUES (?, ?, ?, ?)",
            (entry, *time_to_row(removed), msgspec.json.encode(kept).decode()),
        )
        for table in KEPT_WITH:
            for row in self._table(table, "entry", entry):
                file, key = row.pop("file"), row.pop("key")
                self._database.run(
                    'INSERT INTO deleted_files(file, key, entry, "table", row) VALUES (?, ?, ?, ?, ?)',
                    (file, key, entry, table, msgspec.json.encode(row).decode()),
                )

    def _table(self, table: str, column: str, entry: EntryId) -> _Table:
        columns = [str(row[1]) for row in self._database.rows(f"PRAGMA table_info({table})")]
        named = ", ".join(f'"{name}"' for name in columns)
        order = "number" if table == "revisions" else "rowid"
        rows = self._database.rows(
            f"SELECT {named} FROM {table} WHERE {column} = ? ORDER BY {order}",  # noqa: S608 - names of ours
            (entry,),
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _insert(self, table: str, row: _Rows) -> None:
        named = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        statement = f"INSERT INTO {table}({named}) VALUES ({marks})"  # noqa: S608 - names of ours
        self._database.run(statement, [_stored(value) for value in row.values()])

    def _with_free_slot(self, row: _Rows) -> _Rows:
        """A draft under its name, or under one beside it when other words lie there now."""
        slot, number = str(row["slot"]), 1
        while self._database.row("SELECT 1 FROM drafts WHERE slot = ?", (row["slot"],)):
            number += 1
            row = {**row, "slot": f"{slot} ({number})"}
        return row


def _plain(row: _Rows) -> _Rows:
    return {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in row.items()}


def _stored(value: object) -> object:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _deleted_from_row(row: tuple[Any, ...]) -> DeletedEntry:
    _, removed, offset, rows = row
    kept = msgspec.json.decode(rows)
    (entry,) = kept["entries"]
    return DeletedEntry(
        entry=entry_from_row(tuple(entry[name] for name in ENTRY_COLUMNS)),
        removed=time_from_row(removed, offset),
        until=time_from_row(*kept["until"]),
    )
