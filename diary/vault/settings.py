"""Facts about the vault itself, kept in it: what made its vectors, and what read its observations."""

from __future__ import annotations

from diary.vault.connection import Database


def reader_version(database: Database) -> int | None:
    """The version of the reader that made the observations; None before any did."""
    version = kept_setting(database, "observations.reader")
    return None if version is None else int(version)


def set_reader_version(database: Database, version: int) -> None:
    """Record the version, inside the transaction that makes every entry unread."""
    keep_setting(database, "observations.reader", str(version))


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
