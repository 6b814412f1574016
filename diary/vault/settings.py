"""Facts about the vault itself, kept in it: what made its vectors, what read its observations, and the key of
the hashes by which an import is recognised, when it is older than the vault key.
"""

from __future__ import annotations

from diary.vault.connection import Database
from diary.vault.keys import VaultKey

_CONTENT_KEY = "content.key"


def reader_version(database: Database) -> int | None:
    """The version of the reader that made the observations; None before any did."""
    version = kept_setting(database, "observations.reader")
    return None if version is None else int(version)


def set_reader_version(database: Database, version: int) -> None:
    """Record the version, inside the transaction that makes every entry unread."""
    keep_setting(database, "observations.reader", str(version))


def content_key(database: Database, key: VaultKey) -> bytes:
    """The key of the hashes by which words are recognised: derived from the first vault key there was."""
    kept = kept_setting(database, _CONTENT_KEY)
    return bytes(key.derive(b"content")) if kept is None else bytes.fromhex(kept)


def keep_content_key(database: Database, secret: bytes) -> None:
    """Keep it for the next vault key: hashes of words as they arrived cannot all be made again."""
    keep_setting(database, _CONTENT_KEY, secret.hex())


def kept_setting(database: Database, name: str) -> str | None:
    """The value of this name, or None."""
    row = database.row("SELECT value FROM settings WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def keep_setting(database: Database, name: str, value: str) -> None:
    """Keep a value under this name."""
    database.run(
        "INSERT INTO settings(name, value) VALUES (?, ?) "
        "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def forget_setting(database: Database, name: str) -> None:
    """Remove what is kept under this name."""
    database.run("DELETE FROM settings WHERE name = ?", (name,))
