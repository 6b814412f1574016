"""What a backup says of its contents, sealed: counts, the newest day, and a sum over the whole database.

The sum is over the tags of all pages of the database (`pages`): each authenticates one page, and all of them
in order the whole, as of one moment. Version 1 had a sum over all rows, made by reading the rows of the
vault, and again those of the restored copy, without the tables that an index keeps for itself; such backups
are compared in that way.

Sealed with ChaCha20-Poly1305 under a key derived from the vault key: 12 bytes of nonce, then the JSON.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import date, datetime

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from diary.model.backup import BackupContents
from diary.model.progress import Cancelled, never
from diary.vault.backups.pages import TAG_BYTES
from diary.vault.connection import Database, Row
from diary.vault.keys import VaultKey, wipe

_NONCE_BYTES = 12
_VERSION = 2
_ROWS_AT_ONCE = 500
_NAME, _WITHOUT_ROWID = 1, 4  # columns of PRAGMA table_list


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The contents of one backup.

    :ivar version: of this form. :ivar made: ISO 8601 with its offset. :ivar newest: ISO 8601.
    :ivar rows: of each table; version 1 only. :ivar pages: of the database; 0 in version 1.
    :ivar digest: SHA-256 over the tags of the pages, or in version 1 over the rows; in hexadecimal.
    """

    version: int
    made: datetime
    entries: int
    newest: date | None
    recordings: int
    unsaved: int
    rows: dict[str, int]
    digest: str
    pages: int = 0

    def contents(self, size: int) -> BackupContents:
        """For the reader; `size` is the file's, in bytes."""
        return BackupContents(
            made=self.made,
            entries=self.entries,
            newest=self.newest,
            recordings=self.recordings,
            unsaved=self.unsaved,
            size=size,
        )


def manifest_of(database: Database, made: datetime, tags: bytes) -> Manifest:
    """What the database holds; it is in a transaction that reads, or no other thread writes.

    :param tags: of its pages, 64 bytes each.
    """
    (newest,) = database.rows("SELECT max(happened_day) FROM entries")[0]
    entries, recordings, unsaved = (
        int(database.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - a name of ours
        for table in ("entries", "recordings", "spools")
    )
    return Manifest(
        version=_VERSION,
        made=made,
        entries=entries,
        newest=None if newest is None else date.fromordinal(newest),
        recordings=recordings,
        unsaved=unsaved,
        rows={},
        digest=hashlib.sha256(tags).hexdigest(),
        pages=len(tags) // TAG_BYTES,
    )


def sum_of_rows(database: Database, *, cancelled: Cancelled = never) -> tuple[dict[str, int], str]:
    """How many rows each table has, and the SHA-256 over all of them, table by table and in order."""
    digest, counts = hashlib.sha256(), {}
    for name, without_rowid in _tables(database):
        digest.update(msgspec.msgpack.encode(name))
        counts[name] = 0
        for rows in _rows_of(database, name, without_rowid=without_rowid):
            digest.update(msgspec.msgpack.encode(rows))
            counts[name] += len(rows)
            if cancelled():
                return counts, ""
    return counts, digest.hexdigest()


def seal_manifest(manifest: Manifest, key: VaultKey, *, vault_id: bytes) -> bytes:
    """The bytes of the member."""
    nonce, derived = secrets.token_bytes(_NONCE_BYTES), key.derive(b"backup manifest")
    try:
        content = msgspec.json.encode(manifest, order="sorted")
        return nonce + ChaCha20Poly1305(derived).encrypt(nonce, content, vault_id)
    finally:
        wipe(derived)


def open_manifest(sealed: bytes, key: VaultKey, *, vault_id: bytes) -> Manifest | None:
    """The manifest; None when it was not sealed with this key, or is of a form unknown here."""
    derived = key.derive(b"backup manifest")
    try:
        content = ChaCha20Poly1305(derived).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], vault_id)
        found = msgspec.json.decode(content, type=Manifest)
    except (InvalidTag, ValueError, msgspec.DecodeError):
        return None
    finally:
        wipe(derived)
    return found if found.version in (1, _VERSION) else None


def _tables(database: Database) -> list[tuple[str, bool]]:
    """By name; whether each is without row numbers."""
    listed = database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    # Not by the type that table_list tells: it calls an index's own tables so only once the index was used.
    indexes = tuple(f"{name}_" for name, sql in listed if sql.upper().startswith("CREATE VIRTUAL"))
    ours = {name for name, sql in listed if not sql.upper().startswith("CREATE VIRTUAL")}
    return sorted(
        (row[_NAME], bool(row[_WITHOUT_ROWID]))
        for row in database.rows("PRAGMA main.table_list")
        if row[_NAME] in ours and not row[_NAME].startswith(("sqlite_", *indexes))
    )


def _rows_of(database: Database, table: str, *, without_rowid: bool) -> Iterator[list[Row]]:
    """In order, a few at a time: a large diary need not be in memory."""
    if without_rowid:
        yield database.rows(f'SELECT * FROM "{table}" ORDER BY 1, 2')  # noqa: S608 - a name of ours
        return
    statement = f'SELECT rowid, * FROM "{table}" WHERE rowid > ? ORDER BY rowid LIMIT {_ROWS_AT_ONCE}'  # noqa: S608
    last = -(2**63)
    while rows := database.rows(statement, (last,)):
        yield rows
        last = rows[-1][0]
