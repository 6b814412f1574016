"""Removal: an entry goes with its revisions, passages, full-text tokens, vectors, drafts and recording.

Its words are also in the index of its neighbours (their context and windows), so the neighbours' passages
go too, and become pending: the next search indexes them again. The recording's key goes with its row, the
file after the row is gone; a file left behind by a crash is swept at the next opening and cannot be read
meanwhile. At the end the write-ahead log is emptied, so that the words are in no file of the vault.

What it cannot do: reach backups, or blocks that a solid-state disk has set aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from diary.errors import DiskFull
from diary.model.entry import EntryId
from diary.vault.ballast import Ballast
from diary.vault.connection import Database
from diary.vault.schema import INSERT_VECTORS, create_vectors
from diary.vault.settings import embedding_model

ATTACHMENTS = "attachments"
# vec0 takes about 1 ms to delete a vector and 0.02 ms to insert one: beyond this many entries it is quicker
# to make its table again with what remains.
_MANY = 200


class Removal:
    """Removes entries of one vault."""

    def __init__(self, database: Database, folder: Path, ballast: Ballast) -> None:
        self._database = database
        self._attachments = folder / ATTACHMENTS
        self._ballast = ballast

    def remove(self, entries: Sequence[EntryId], *, also: Callable[[], None] | None = None) -> None:
        """Remove these entries in one transaction, with what `also` does in it.

        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was removed.
        """
        try:
            files = self._in_one_transaction(entries, also)
        except DiskFull:
            if not self._ballast.release():
                raise
            files = self._in_one_transaction(entries, also)
        for file in files:
            with suppress(OSError):  # swept at the next opening
                (self._attachments / file).unlink(missing_ok=True)
        self._database.checkpoint()

    def _in_one_transaction(self, entries: Sequence[EntryId], also: Callable[[], None] | None) -> list[str]:
        with self._database.transaction():
            many = len(entries) > _MANY
            files = [file for entry in entries for file in self._remove_one(entry, vectors=not many)]
            if many:
                forget_vectors_without_passages(self._database)
            if also is not None:
                also()
        return files

    def _remove_one(self, entry: EntryId, *, vectors: bool) -> list[str]:
        recordings = self._database.rows("SELECT file FROM recordings WHERE entry = ?", (entry,))
        for holder in holders_of_words(self._database, entry):
            unindex(self._database, holder, vectors=vectors)
        drop_passages(self._database, entry, vectors=vectors)
        self._database.run("DELETE FROM drafts WHERE entry = ?", (entry,))
        self._database.run("DELETE FROM entries WHERE id = ?", (entry,))  # the rest goes by foreign keys
        return [str(row[0]) for row in recordings]


def holders_of_words(database: Database, entry: EntryId) -> list[EntryId]:
    """The entries whose index holds words of this one."""
    rows = database.rows("SELECT entry FROM indexed_with WHERE before = ?1 OR after = ?1", (entry,))
    return [EntryId(row[0]) for row in rows]


def drop_passages(database: Database, entry: EntryId, *, vectors: bool = True) -> None:
    """Remove the entry's passages, tokens and vectors, inside the transaction that is going on.

    :param vectors: False leaves them for `forget_vectors_without_passages` in the same transaction.
    """
    database.run(
        "INSERT INTO passages_fts(passages_fts, rowid, body, context) "
        "SELECT 'delete', id, body, context FROM passages_text "
        "WHERE id IN (SELECT id FROM passages WHERE entry = ?)",
        (entry,),
    )
    if vectors and embedding_model(database) is not None:
        # One by one: vec0 finds a row by equality, and scans all for anything else.
        for (passage,) in database.rows("SELECT id FROM passages WHERE entry = ?", (entry,)):
            database.run("DELETE FROM vectors WHERE passage = ?", (passage,))
    database.run("DELETE FROM passages WHERE entry = ?", (entry,))
    database.run("DELETE FROM indexed_with WHERE entry = ?", (entry,))
    database.passages_changed()


def forget_vectors_without_passages(database: Database) -> None:
    """Make the table of vectors again with those that still have a passage."""
    model = embedding_model(database)
    if model is None:
        return
    remaining = database.rows(
        "SELECT v.passage, v.own, v.window FROM vectors v JOIN passages p ON p.id = v.passage"
    )
    create_vectors(database, model.dimensions)
    database.run_many(INSERT_VECTORS, remaining)


def make_pending(database: Database, entry: EntryId) -> None:
    """Have the entry indexed again; what is indexed of it stays until then."""
    database.run("DELETE FROM pending WHERE entry = ?", (entry,))
    database.run(
        "INSERT INTO pending(happened, entry) SELECT happened, id FROM entries WHERE id = ?", (entry,)
    )


def unindex(database: Database, entry: EntryId, *, vectors: bool = True) -> None:
    """Have the entry indexed again, and find nothing of it until then; `vectors` as in `drop_passages`."""
    drop_passages(database, entry, vectors=vectors)
    make_pending(database, entry)
