"""The search index: passages, their full-text tokens and their vectors.

Search reads all vectors into memory and keeps them up with what changes (`passage_arrays`); vec0 stays the
only copy on the disk, readable with stock tools (`vectors`).

What an entry's passages hold of its neighbours is recorded with them (`indexed_with`), for removal. An entry
whose neighbours changed while it was being embedded is left pending for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import sqlcipher3.dbapi2 as sqlcipher

from diary.model.entry import Entry, EntryFilter, EntryId, Transcript
from diary.model.passage import Passage, PassageDraft, PassageId
from diary.model.passage_table import PassageTable
from diary.vault import vectors
from diary.vault.connection import Database, Row
from diary.vault.failures import SQLITE_ERROR, primary_code
from diary.vault.removal import drop_passages, make_pending
from diary.vault.renewal import Renewal
from diary.vault.rows import SELECT_ENTRY, clean, condition_of, entry_from_row, time_to_row
from diary.vault.vectors import VectorTable

if TYPE_CHECKING:
    from diary.vault.passage_arrays import TableKeeper

_Mark = tuple[EntryId, int]
_Around = tuple[_Mark | None, _Mark | None]

_WITH_ENTRY = """
    SELECT p.id, p.entry, p.ordinal, p.start, p."end", p.text, e.happened_day, e.title, e.source_id,
        e.transcript
    FROM json_each(?) wanted CROSS JOIN passages p ON p.id = wanted.value JOIN entries e ON e.id = p.entry
    ORDER BY wanted.key
"""
_MATCHES = """
    SELECT rowid, -rank FROM passages_fts
    WHERE passages_fts MATCH ? AND rank MATCH 'bm25(1.0, 0.3)' ORDER BY rank LIMIT ?
"""
# A + keeps SQLite from asking FTS5 for each number by itself: rows are passed over before they are ranked.
_MATCHES_AMONG = """
    SELECT rowid, -bm25(passages_fts, 1.0, 0.3) AS score FROM passages_fts
    WHERE passages_fts MATCH ? AND +rowid IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?)
    ORDER BY score DESC, rowid LIMIT ?
"""
_MOST_WORDS = 10_000  # whose frequencies are remembered
_FREQUENCY = "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?"
_PENDING = (
    f"{SELECT_ENTRY} WHERE id IN "  # noqa: S608 - constants only
    "(SELECT entry FROM pending ORDER BY happened, entry LIMIT ?) ORDER BY happened, id"
)
_BEFORE = f"{SELECT_ENTRY} WHERE (happened, id) < (?, ?) ORDER BY happened DESC, id DESC LIMIT 1"
_AFTER = f"{SELECT_ENTRY} WHERE (happened, id) > (?, ?) ORDER BY happened, id LIMIT 1"


class Passages:
    """The PassageIndex, IndexWriter and IndexState of a vault."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[EntryId, _Around] = {}
        self.renewal = Renewal(database)
        self._counted: dict[str, int] = {}
        self._counted_at = 0

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written where the vault lies."""
        return self._database.read_only

    # Writing

    def use_model(self, model: str, dimensions: int) -> None:
        """Name the embedding model. The first serves at once; another is filled beside it (`renewal`), and
        the one before goes on serving until that is finished. Naming the one that serves gives up the other.
        """
        wanted = (model, dimensions)
        with self._database.held():
            if [(one.model, one.dimensions) for one in vectors.tables(self._database)][-1:] == [wanted]:
                return
            with self._database.transaction():
                vectors.give_up_following(self._database)
                table = vectors.serving(self._database)
                if table is None:
                    vectors.begin(self._database, vectors.SERVING, model, dimensions)
                    _make_all_pending(self._database)
                elif (table.model, table.dimensions) != wanted:
                    vectors.begin(self._database, vectors.NEXT, model, dimensions)
                self._database.passages_changed()

    @property
    def models(self) -> tuple[str, ...]:
        """The models there are vectors of: the one that serves, then the one that is to follow it."""
        return tuple(table.model for table in vectors.tables(self._database))

    def pending(self, *, limit: int) -> list[Entry]:
        """Entries whose newest version is not indexed yet, earliest happened first."""
        rows = self._database.rows(_PENDING, (limit,))
        return [entry_from_row(row) for row in rows]

    def pending_count(self) -> int:
        """How many entries are not indexed yet."""
        row = self._database.row("SELECT count(*) FROM pending")
        return int(row[0]) if row else 0

    def adjacent(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """The entries just before and just after in the order (happened, id)."""
        before, after = self._adjacent(entry)
        self._seen[entry.id] = (_mark(before), _mark(after))
        return before, after

    def replace(
        self,
        entry: Entry,
        passages: Sequence[PassageDraft],
        *,
        stale: Sequence[EntryId] = (),
        model: str | None = None,
    ) -> None:
        """Put these passages in the place of the entry's and mark it indexed, in one transaction.

        After a power cut the entry may be pending again.

        :param model: whose vectors they have; None: of the one that serves.

        An entry deleted or revised meanwhile is left alone, and so is one whose neighbours are no longer as
        `adjacent` told them.

        :raises ValueError: when a vector has another width than the model's.
        """
        with self._database.transaction(lasting=False):
            if not self._is_current(entry):
                return
            around = tuple(_mark(other) for other in self._adjacent(entry))
            if self._seen.pop(entry.id, around) != around:
                return
            drop_passages(self._database, entry.id)
            table = self._vectors(model)
            for draft in passages:
                self._insert(entry.id, draft, table)
            before, after = (None if mark is None else mark[0] for mark in around)
            self._database.run("INSERT INTO indexed_with VALUES (?, ?, ?)", (entry.id, before, after))
            self._database.run("DELETE FROM pending WHERE entry = ?", (entry.id,))
            for other in stale:
                make_pending(self._database, other)

    # Reading

    @property
    def version(self) -> int:
        """Changes whenever passages are added, replaced or deleted."""
        return self._database.passages_version

    def table(self, model: str | None = None) -> PassageTable:
        """All passages as arrays; a passage without a vector has zeros. Quick unless much has changed.

        :param model: whose vectors; None: of the one that serves.
        """
        return self._tables.table(self._vectors(model))

    @cached_property
    def _tables(self) -> TableKeeper:
        from diary.vault.passage_arrays import TableKeeper  # with numpy, which only searches need

        return TableKeeper(self._database)

    def matches(
        self, expression: str, *, limit: int, among: str | None = None
    ) -> list[tuple[PassageId, float]]:
        """Full-text matches, best first; none when this is not an expression of FTS5.

        :param among: an expression; passages that do not match it too are passed over.
        """
        try:
            if among is None:
                rows = self._database.rows(_MATCHES, (clean(expression), limit))
            else:
                rows = self._database.rows(_MATCHES_AMONG, (clean(expression), clean(among), limit))
        except sqlcipher.Error as error:
            if primary_code(error) == SQLITE_ERROR:
                return []
            raise
        return [(PassageId(row[0]), float(row[1])) for row in rows]

    def frequency(self, word: str) -> int:
        """In how many passages a word stands, or right beside them, by its stem."""
        if self._counted_at != self.version or len(self._counted) >= _MOST_WORDS:
            self._counted, self._counted_at = {}, self.version
        counted = self._counted  # another thread may begin a new one
        if word not in counted:
            row = self._database.row(_FREQUENCY, (f'"{clean(word).replace(chr(34), "")}"',))
            counted[word] = int(row[0]) if row else 0
        return counted[word]

    def passages(self, ids: Sequence[PassageId]) -> list[Passage]:
        """The passages with these ids, in this order; ids that are gone are left out."""
        rows = self._database.rows(_WITH_ENTRY, (msgspec.json.encode([int(one) for one in ids]).decode(),))
        return [_passage_from_row(row) for row in rows]

    def matching(self, chosen: EntryFilter) -> list[EntryId]:
        """The entries that a filter lets through, by number."""
        condition, values = condition_of(chosen)
        rows = self._database.rows(
            f"SELECT id FROM entries WHERE {condition} ORDER BY id",  # noqa: S608 - made of constants
            values,
        )
        return [EntryId(row[0]) for row in rows]

    def _adjacent(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        place = (time_to_row(entry.happened)[0], entry.id)
        before, after = self._database.row(_BEFORE, place), self._database.row(_AFTER, place)
        return (
            None if before is None else entry_from_row(before),
            None if after is None else entry_from_row(after),
        )

    def _is_current(self, entry: Entry) -> bool:
        row = self._database.row("SELECT revision FROM entries WHERE id = ?", (entry.id,))
        return row is not None and row[0] == entry.revision

    def _vectors(self, model: str | None) -> VectorTable | None:
        """The table of a model's vectors; of None, the one that serves."""
        if model is None:
            return vectors.serving(self._database)
        return next((table for table in vectors.tables(self._database) if table.model == model), None)

    def _insert(self, entry: EntryId, draft: PassageDraft, table: VectorTable | None) -> None:
        passage = self._database.insert(
            'INSERT INTO passages(entry, ordinal, start, "end", header, text, context) '
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry, draft.ordinal, draft.start, draft.end),
                *(clean(draft.header), clean(draft.text), clean(draft.context)),
            ),
        )
        self._database.run(
            "INSERT INTO passages_fts(rowid, body, context) "
            "SELECT id, body, context FROM passages_text WHERE id = ?",
            (passage,),
        )
        if not draft.own and not draft.window:
            return
        if table is None:
            raise ValueError("a vector of a model that was not named")
        empty = bytes(table.dimensions)
        vectors.insert(self._database, table, passage, draft.own or empty, draft.window or empty)


def _make_all_pending(database: Database) -> None:
    database.run("INSERT OR IGNORE INTO pending(happened, entry) SELECT happened, id FROM entries")


def _mark(entry: Entry | None) -> _Mark | None:
    return None if entry is None else (entry.id, entry.revision)


def _passage_from_row(row: Row) -> Passage:
    return Passage(
        id=PassageId(row[0]),
        entry=EntryId(row[1]),
        ordinal=row[2],
        start=row[3],
        end=row[4],
        text=row[5],
        day=date.fromordinal(row[6]),
        title=row[7],
        source_id=row[8],
        rough=row[9] == Transcript.ROUGH.value,
    )
