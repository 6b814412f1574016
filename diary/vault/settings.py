"""Facts about the vault itself, kept in it: what made its vectors, and what read its observations."""

from __future__ import annotations

from dataclasses import dataclass

from diary.vault.connection import Database


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """Identity of the model that made the vectors, and their width."""

    name: str
    dimensions: int


def embedding_model(database: Database) -> EmbeddingModel | None:
    """The model of the vectors; None when there is no table of vectors yet."""
    name = _get(database, "embedding.model")
    dimensions = _get(database, "embedding.dimensions")
    return None if name is None or dimensions is None else EmbeddingModel(name, int(dimensions))


def set_embedding_model(database: Database, model: EmbeddingModel) -> None:
    """Record the model, inside the transaction that makes its table."""
    _set(database, "embedding.model", model.name)
    _set(database, "embedding.dimensions", str(model.dimensions))


def reader_version(database: Database) -> int | None:
    """The version of the reader that made the observations; None before any did."""
    version = _get(database, "observations.reader")
    return None if version is None else int(version)


def set_reader_version(database: Database, version: int) -> None:
    """Record the version, inside the transaction that makes every entry unread."""
    _set(database, "observations.reader", str(version))


def _get(database: Database, name: str) -> str | None:
    row = database.row("SELECT value FROM settings WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def _set(database: Database, name: str, value: str) -> None:
    database.run(
        "INSERT INTO settings(name, value) VALUES (?, ?) "
        "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
