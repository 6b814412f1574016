"""The search index: passages, their full-text tokens and their vectors.

Search reads all vectors into one matrix, so `table` matters: 60,000 passages with two vectors of 384 bytes
come out of vec0 in 0.4 s; vec0 stays the only copy, readable with stock tools.

What an entry's passages hold of its neighbours is recorded with them (`indexed_with`), for removal. An entry
whose neighbours changed while it was being embedded is left pending for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import sqlcipher3.dbapi2 as sqlcipher

from diary.model.entry import Entry, EntryId
from diary.model.passage import Passage, PassageDraft, PassageId
from diary.model.passage_table import PassageTable
from diary.vault.connection import Database, Row
from diary.vault.failures import SQLITE_ERROR, primary_code
from diary.vault.removal import drop_passages, make_pending
from diary.vault.rows import HAS_TAG, SELECT_ENTRY, clean, entry_from_row, time_to_row
from diary.vault.schema import INSERT_VECTORS, create_vectors
from diary.vault.settings import EmbeddingModel, embedding_model, set_embedding_model

_Mark = tuple[EntryId, int]
_Around = tuple[_Mark | None, _Mark | None]

_IN_ORDER = """
    SELECT p.id, p.entry, e.happened, e.happened_day
    FROM entries e INDEXED BY entries_in_order CROSS JOIN passages p ON p.entry = e.id
    ORDER BY e.happened, e.id, p.ordinal
"""
_WITH_ENTRY = """
    SELECT p.id, p.entry, p.ordinal, p.start, p."end", p.text, e.happened_day, e.title, e.source_id
    FROM json_each(?) wanted CROSS JOIN passages p ON p.id = wanted.value JOIN entries e ON e.id = p.entry
    ORDER BY wanted.key
"""
_MATCHES = """
    SELECT rowid, -rank FROM passages_fts
    WHERE passages_fts MATCH ? AND rank MATCH 'bm25(1.0, 0.3)' ORDER BY rank LIMIT ?
"""
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

    # Writing

    def use_model(self, model: str, dimensions: int) -> None:
        """Name the embedding model; another than before drops all vectors and makes every entry pending."""
        wanted = EmbeddingModel(model, dimensions)
        if embedding_model(self._database) == wanted:
            return
        with self._database.transaction():
            create_vectors(self._database, dimensions)
            set_embedding_model(self._database, wanted)
            self._database.run(
                "INSERT OR IGNORE INTO pending(happened, entry) SELECT happened, id FROM entries"
            )
            self._database.passages_changed()

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
        self, entry: Entry, passages: Sequence[PassageDraft], *, stale: Sequence[EntryId] = ()
    ) -> None:
        """Put these passages in the place of the entry's and mark it indexed, in one transaction.

        After a power cut the entry may be pending again.

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
            model = embedding_model(self._database)
            for draft in passages:
                self._insert(entry.id, draft, 0 if model is None else model.dimensions)
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

    def table(self) -> PassageTable:
        """All passages as arrays; a passage without a vector has zeros."""
        with self._database.held():
            version = self.version
            model = embedding_model(self._database)
            found = self._database.rows(_IN_ORDER)
            vectors = [] if model is None else self._database.rows("SELECT passage, own, window FROM vectors")
        from diary.vault.passage_arrays import passage_table  # with numpy, which only searches need

        dimensions = 0 if model is None else model.dimensions
        return passage_table(found, vectors, dimensions=dimensions, version=version)

    def matches(self, expression: str, *, limit: int) -> list[tuple[PassageId, float]]:
        """Full-text matches, best first; none when this is not an expression of FTS5."""
        try:
            rows = self._database.rows(_MATCHES, (clean(expression), limit))
        except sqlcipher.Error as error:
            if primary_code(error) == SQLITE_ERROR:
                return []
            raise
        return [(PassageId(row[0]), float(row[1])) for row in rows]

    def passages(self, ids: Sequence[PassageId]) -> list[Passage]:
        """The passages with these ids, in this order; ids that are gone are left out."""
        rows = self._database.rows(_WITH_ENTRY, (msgspec.json.encode([int(one) for one in ids]).decode(),))
        return [_passage_from_row(row) for row in rows]

    def tagged(self, tag: str) -> list[EntryId]:
        """The entries that carry this tag, in whatever case."""
        rows = self._database.rows(
            f"SELECT id FROM entries WHERE {HAS_TAG} ORDER BY id",  # noqa: S608 - a constant
            (clean(tag).casefold(),),
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

    def _insert(self, entry: EntryId, draft: PassageDraft, width: int) -> None:
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
        own, window = draft.own or bytes(width), draft.window or bytes(width)
        if not len(own) == len(window) == width:
            raise ValueError("a vector of another width than the model's")
        self._database.run(INSERT_VECTORS, (passage, own, window))


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
    )
