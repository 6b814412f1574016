"""Removal: an entry goes with its revisions, observations, passages, full-text tokens, vectors, drafts,
recording, attachments and transcripts. The one path for all that goes: deleting, erasing, taking an import
back, retention.

Its words are also in the index of its neighbours (their context and windows), so the neighbours' passages go
too, and become pending: the next search indexes them again. An entry that is condensed goes the same way but
for its row. The key of a file goes with its row, the file after the row is gone; a file left behind by a
crash is swept at the next opening and cannot be read meanwhile. At the end the write-ahead log is emptied,
and what SQLite leaves between rows is scrubbed (`scrubbing`), so that the words are in no file of the vault.

What it cannot do: reach backups, or blocks that a solid-state disk has set aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from diary.model.entry import EntryId
from diary.model.progress import Cancelled, Report, never, silent
from diary.vault import vectors
from diary.vault.ballast import Ballast
from diary.vault.connection import Database
from diary.vault.scrubbing import Scrubber

ATTACHMENTS = "attachments"
KEPT_WITH = ("recordings", "attachments")
"""The tables that have the keys of an entry's files."""
# Deleting from the indexes takes 2 to 5 ms an entry (FTS5 rewrites pages to erase tokens, vec0 takes 1 ms a
# vector); making both again takes about 4 s for 60,000 passages, less for fewer.
_MANY = 400
_BELONGINGS = ("revisions", "recordings", "attachments", "transcripts", "partials", "drafts")
_FORGET_HEARD = """
    DELETE FROM transcripts WHERE entry = ?1 AND revision = ?2 AND NOT (
        id = (SELECT max(id) FROM transcripts WHERE entry = ?1)
        AND EXISTS (SELECT 1 FROM recordings WHERE entry = ?1)
    )
"""
_FILES_TO_REMOVE = """
    SELECT file FROM recordings WHERE entry = ?1 UNION ALL SELECT file FROM attachments WHERE entry = ?1
    EXCEPT SELECT file FROM deleted_files WHERE entry = ?1
"""


class Removal:
    """Removes entries of one vault."""

    def __init__(self, database: Database, folder: Path, ballast: Ballast, scrubber: Scrubber) -> None:
        self._database = database
        self._scrubber = scrubber
        self._attachments = folder / ATTACHMENTS
        self._ballast = ballast

    def remove(
        self,
        choose: Callable[[], Sequence[EntryId]],
        *,
        before: Callable[[EntryId], None] | None = None,
        also: Callable[[], Sequence[EntryId]] | None = None,
    ) -> int:
        """Remove the entries that `choose` names, in one transaction; how many.

        :param before: is told each while its rows are still there; it may keep them, and its files by a row
            in `deleted_files`.
        :param also: done in the same transaction, at its end; the deleted entries that it names are erased.
        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was removed.
        """
        if before is None:
            self._database.require_erasable()

        def act() -> tuple[int, list[str]]:
            with self._database.transaction():
                removed, files = self._remove_all(choose(), before)
                deleted = also() if also is not None else ()
                files += [file for entry in deleted for file in self._erase_deleted_one(entry)]
                if (removed and before is None) or deleted:
                    self._scrubber.make_due()
                return removed, files

        return self._make_room_for(act)

    def reduce(self, choose: Callable[[], Sequence[EntryId]], leave: Callable[[EntryId], None]) -> int:
        """Erase all that belongs to the entries that `choose` names and was made from them, and have `leave`
        put into each row what stays; in one transaction; how many.

        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was erased.
        """
        self._database.require_erasable()

        def reduce_one(entry: EntryId) -> None:
            for table in _BELONGINGS:
                self._database.run(f"DELETE FROM {table} WHERE entry = ?", (entry,))  # noqa: S608 - names of ours
            leave(entry)
            make_pending(self._database, entry)

        def act() -> tuple[int, list[str]]:
            with self._database.transaction():
                entries = choose()
                files = self._take_apart(entries, reduce_one)
                if entries:
                    self._scrubber.make_due()
                return len(entries), files

        return self._make_room_for(act)

    def erase_deleted(self, choose: Callable[[], Sequence[EntryId]]) -> int:
        """Erase those of the deleted entries that `choose` names, in one transaction; how many.

        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was erased.
        """
        self._database.require_erasable()

        def act() -> tuple[int, list[str]]:
            with self._database.transaction():
                entries = choose()
                files = [file for entry in entries for file in self._erase_deleted_one(entry)]
                if entries:
                    self._scrubber.make_due()
                return len(entries), files

        return self._make_room_for(act)

    def erase_versions(self, versions: Sequence[tuple[EntryId, int]]) -> int:
        """Erase older versions, by entry and number, with what was heard for them; how many.

        What was heard last stays with its sound: without it nobody could follow the words.

        :raises diary.errors.DiskFull: when giving back the ballast was not enough; nothing was erased.
        """
        self._database.require_erasable()

        def act() -> tuple[int, list[str]]:
            erased = 0
            with self._database.transaction():
                for version in versions:
                    erased += self._database.run(
                        "DELETE FROM revisions WHERE entry = ? AND number = ?", version
                    )
                    self._database.run(_FORGET_HEARD, version)
                if erased:
                    self._scrubber.make_due()
            return erased, []

        return self._make_room_for(act)

    def finish(self, *, report: Report = silent, cancelled: Cancelled = never) -> bool:
        """Scrub what an earlier removal left, when it was cut short; whether nothing is left.

        :raises diary.errors.DiskFull: and it is still to be done.
        """
        return self._scrubber.run(report=report, cancelled=cancelled)

    def _erase_deleted_one(self, entry: EntryId) -> list[str]:
        rows = self._database.rows("SELECT file FROM deleted_files WHERE entry = ?", (entry,))
        self._database.run("DELETE FROM deleted WHERE entry = ?", (entry,))  # the keys go by foreign key
        return [str(row[0]) for row in rows]

    def _make_room_for(self, act: Callable[[], tuple[int, list[str]]]) -> int:
        count, files = self._ballast.make_room_for(act)
        for file in files:
            with suppress(OSError):  # swept at the next opening
                (self._attachments / file).unlink(missing_ok=True)
        self._ballast.empty_log(self._database.checkpoint)
        self._scrubber.run_now()
        return count

    def _remove_all(
        self, entries: Sequence[EntryId], before: Callable[[EntryId], None] | None
    ) -> tuple[int, list[str]]:
        def delete(entry: EntryId) -> None:
            self._database.run("DELETE FROM drafts WHERE entry = ?", (entry,))
            self._database.run("DELETE FROM entries WHERE id = ?", (entry,))  # the rest goes by foreign keys

        return len(entries), self._take_apart(entries, delete, before)

    def _take_apart(
        self,
        entries: Sequence[EntryId],
        rest: Callable[[EntryId], None],
        before: Callable[[EntryId], None] | None = None,
    ) -> list[str]:
        """Take each, and its words in its neighbours', out of the indexes; `rest` does what is left to do
        with it. The names of its files.
        """
        vectors.discard_all(self._database)
        one_by_one = len(entries) <= _MANY
        files: list[str] = []
        for entry in entries:
            if before is not None:
                before(entry)
            files += [str(row[0]) for row in self._database.rows(_FILES_TO_REMOVE, (entry,))]
            for holder in holders_of_words(self._database, entry):
                unindex(self._database, holder, indexes=one_by_one)
            drop_passages(self._database, entry, indexes=one_by_one)
            rest(entry)
        if not one_by_one:
            make_indexes_again(self._database)
        return files


def holders_of_words(database: Database, entry: EntryId) -> list[EntryId]:
    """The entries whose index holds words of this one."""
    rows = database.rows("SELECT entry FROM indexed_with WHERE before = ?1 OR after = ?1", (entry,))
    return [EntryId(row[0]) for row in rows]


def drop_passages(database: Database, entry: EntryId, *, indexes: bool = True) -> None:
    """Remove the entry's passages, tokens and vectors, inside the transaction that is going on.

    :param indexes: False leaves tokens and vectors for `make_indexes_again` in the same transaction.
    """
    if indexes:
        _drop_from_indexes(database, entry)
    database.run("DELETE FROM passages WHERE entry = ?", (entry,))
    database.run("DELETE FROM indexed_with WHERE entry = ?", (entry,))
    database.passages_changed(entry)


def _drop_from_indexes(database: Database, entry: EntryId) -> None:
    database.run(
        "INSERT INTO passages_fts(passages_fts, rowid, body, context) "
        "SELECT 'delete', id, body, context FROM passages_text "
        "WHERE id IN (SELECT id FROM passages WHERE entry = ?)",
        (entry,),
    )
    # One by one: vec0 finds a row by equality, and scans all for anything else.
    for (passage,) in database.rows("SELECT id FROM passages WHERE entry = ?", (entry,)):
        vectors.delete(database, passage)


def make_indexes_again(database: Database) -> None:
    """Make tokens and vectors of the passages there are, and of nothing else."""
    database.run("INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')")
    vectors.make_again(database)
    database.passages_changed()


def make_pending(database: Database, entry: EntryId) -> None:
    """Have the entry indexed again; what is indexed of it stays until then."""
    database.run("DELETE FROM pending WHERE entry = ?", (entry,))
    database.run(
        "INSERT INTO pending(happened, entry) SELECT happened, id FROM entries WHERE id = ?", (entry,)
    )


def unindex(database: Database, entry: EntryId, *, indexes: bool = True) -> None:
    """Have the entry indexed again, and find nothing of it until then; `indexes` as in `drop_passages`."""
    drop_passages(database, entry, indexes=indexes)
    make_pending(database, entry)
