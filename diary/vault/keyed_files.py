"""The encrypted files beside the database, whichever table has their keys.

Each has a random name and a key of its own in the row that names it: a recording's, an attachment's, or that
of a file whose entry was deleted and can still be brought back. What has to do with all of them (new keys,
backups, sweeping, checking) asks here, so that a new kind of file is known everywhere at once.

Not here: unsaved recordings, which grow (`spools`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diary.model.progress import Cancelled, never
from diary.vault.connection import Database
from diary.vault.files import names_of_ours, remove_unknown
from diary.vault.stream import NotAuthentic, unseal

TABLES = ("recordings", "attachments", "deleted_files")


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """One row that has the key of a file.

    :ivar table: one of TABLES. :ivar file: its random name. :ivar key: 32 bytes.
    """

    table: str
    file: str
    key: bytes


def all_files(database: Database) -> Iterator[KeyedFile]:
    """Every one, by table and name."""
    for table in TABLES:
        rows = database.rows(f"SELECT file, key FROM {table} ORDER BY file")  # noqa: S608 - a name of ours
        yield from (KeyedFile(table, file, key) for file, key in rows)


def rename(database: Database, old: KeyedFile, file: str, key: bytes) -> None:
    """Have the row name another file, inside the transaction that is going on."""
    statement = f"UPDATE {old.table} SET file = ?, key = ? WHERE file = ?"  # noqa: S608 - a name of ours
    database.run(statement, (file, key, old.file))


def identity(vault_id: bytes, file: str) -> bytes:
    """What binds a file to its vault and name; `vault_id` is 16 bytes."""
    return vault_id + file.encode("ascii")


def unknown(database: Database, folder: Path) -> bool:
    """Whether there are files without a row."""
    return bool(set(names_of_ours(folder)) - {one.file for one in all_files(database)})


def sweep(database: Database, folder: Path) -> None:
    """Remove files without a row: what a crash left, unreadable without its key."""
    remove_unknown(folder, {one.file for one in all_files(database)})


def missing(database: Database, folder: Path) -> int:
    """How many rows have no file."""
    return sum(not (folder / one.file).is_file() for one in all_files(database))


def unreadable(
    database: Database,
    open_file: Callable[[str], BinaryIO],
    *,
    vault_id: bytes,
    known: Collection[str] = (),
    cancelled: Cancelled = never,
) -> int:
    """How many files are missing or not as they were written; reads each through.

    :param open_file: opens one by its random name, or raises FileNotFoundError.
    :param known: names of those that are known to be whole, and are not read.
    """
    spoilt = 0
    for one in all_files(database):
        if one.file in known:
            continue
        try:
            with open_file(one.file) as source:
                for _ in unseal(source, one.key, identity=identity(vault_id, one.file)):
                    if cancelled():
                        return spoilt
        except (NotAuthentic, FileNotFoundError):
            spoilt += 1
    return spoilt
