"""All that a vault holds, in an order and without what is random, so that two vaults can be compared; and
that nothing lies about that belongs to nothing.

Taken from the tables, whichever there are, with the decrypted content of its file in the place of each random
name and key. Left out is what can be made again (`INDEX`), which is compared by itself.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from diary.model.recording import SpoolId
from diary.vault import keyed_files
from diary.vault.connection import Database
from diary.vault.creating import _OURS
from diary.vault.header import COPY, HEADER
from diary.vault.keyed_files import KeyedFile
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.stream import unseal
from diary.vault.vault import Vault

Picture = dict[str, Any]
INDEX = ("passages", "indexed_with", "pending")
_TABLES = """
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_%'
    AND name NOT LIKE 'passages_fts%' AND name NOT LIKE 'vectors%' AND name NOT IN ('manifest', 'audit')
    ORDER BY name
"""
_OTHER_SETTINGS = (
    *("audit.", "content.", "embedding", "manifest", "preference.backup.", "observations."),
    "scrubbing.",  # whether words were erased whose copies are to go too
    "surroundings.",  # when the place of the vault was last told of
)
_FOR_A_WHILE = ("-wal", "-shm")


def picture_of(vault: Vault) -> Picture:
    """What the person would miss, and what comes back when a deletion is taken back. The log is not in it: it
    grows with every look. But it is whole.
    """
    assert vault.audit.findings() == []
    rows = {name: _rows(vault, name) for name in tables_of(vault._database) if name not in INDEX}
    rows["settings"] = [row for row in rows["settings"] if not str(row["name"]).startswith(_OTHER_SETTINGS)]
    return rows


def index_of(vault: Vault) -> list[tuple[Any, ...]]:
    """What is found by words and by meaning: each passage with its vectors, in the order of the entries."""
    table = vault.passages.table()
    vectors = {
        passage: (own.tobytes(), window.tobytes())
        for passage, own, window in zip(table.ids.tolist(), table.own, table.window, strict=True)
    }
    rows = vault._database.rows(
        'SELECT id, entry, ordinal, start, "end", header, text, context FROM passages ORDER BY entry, ordinal'
    )
    return [(*row[1:], *vectors[row[0]]) for row in rows]


def require_whole_index(vault: Vault) -> None:
    """Every passage has its tokens and, of each model that has vectors, a vector; no vector is empty."""
    table = vault.passages.table()
    texts = vault.passages.passages(table.ids.tolist())
    assert len(texts) == len(table.ids) == len(vault._database.rows("SELECT id FROM passages"))
    assert table.own.any(axis=1).all() and table.window.any(axis=1).all()
    if texts:
        word = texts[0].text.split()[0]
        found = {hit for hit, _ in vault.passages.matches(word, limit=100_000)}
        assert {one.id for one in texts if word in one.text} <= found


def require_tidy(vault: Vault) -> None:
    """No file of the vault belongs to nothing, nor does a row to no file; no copy of the header is behind."""
    database, folder = vault._database, vault.folder
    files = {one.file for one in keyed_files.all_files(database)}
    assert _names(folder / ATTACHMENTS) == files
    assert _names(folder / SPOOLS) == {row[0] for row in database.rows("SELECT file FROM spools")}
    beside = _names(folder) - {name for name in _OURS if not name.endswith((".tmp", ".new", ".rotated"))}
    assert {name for name in beside if not name.endswith(_FOR_A_WHILE)} <= {"recovery-code.txt"}, beside
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes()


def tables_of(database: Database) -> list[str]:
    """Those that hold what the person put in, or what can be made of it again."""
    return [str(row[0]) for row in database.rows(_TABLES)]


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _rows(vault: Vault, table: str) -> list[dict[str, Any]]:
    columns = [row[1] for row in vault._database.rows(f'PRAGMA table_info("{table}")')]
    rows = [dict(zip(columns, row, strict=True)) for row in vault._database.rows(f'SELECT * FROM "{table}"')]
    if "file" in columns and "key" in columns:
        for row in rows:
            row["file"], row["key"] = _content(vault, table, row), None
    return sorted(rows, key=repr)


def _content(vault: Vault, table: str, row: dict[str, Any]) -> str:
    """The hash of what the file of this row holds."""
    if table == "spools":
        return hashlib.sha256(vault.spools.read(SpoolId(row["file"]), 0, 2**31)).hexdigest()
    one = KeyedFile(table, row["file"], row["key"])
    found = hashlib.sha256()
    identity = keyed_files.identity(vault.recordings._vault_id, one.file)
    with (vault.folder / ATTACHMENTS / one.file).open("rb") as source:
        for piece in unseal(source, one.key, identity=identity):
            found.update(piece)
    return found.hexdigest()
