"""The vectors of another embedding model, filled beside those that serve until they can take their place.

In small steps, each a transaction of its own that can be repeated: a stop or a kill loses one step at most.
The order: `lacking` says what to embed, `renew` keeps it, `finish` lets the new ones serve once nothing is
lacking, and `discard` erases the old ones a chunk at a time. Words stay as they are indexed.

Not here: the tables themselves (`vectors`), embedding (`retrieval.indexing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from diary.model.entry import EntryId
from diary.model.passage import IndexedEntry, PassageDraft, PassageId
from diary.vault import vectors
from diary.vault.connection import Database
from diary.vault.rows import SELECT_ENTRY, entry_from_row

_ENTRIES_OF = """
    SELECT DISTINCT p.entry FROM json_each(?) wanted CROSS JOIN passages p ON p.id = wanted.value
"""
_STILL_THERE = "SELECT p.id FROM json_each(?) wanted CROSS JOIN passages p ON p.id = wanted.value"
_OF_ENTRY = (
    'SELECT id, ordinal, start, "end", header, text, context FROM passages WHERE entry = ? ORDER BY ordinal'
)
_KNOWN_BEFORE = f"{SELECT_ENTRY} WHERE id = (SELECT before FROM indexed_with WHERE entry = ?)"  # noqa: S608


class Renewal:
    """The VectorRenewal of a vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """How many passages have no vectors yet of the model that is to follow; 0 when none is."""
        table = vectors.following(self._database)
        return 0 if table is None else vectors.count_without(self._database, table)

    def lacking(self, *, after: PassageId, limit: int) -> list[IndexedEntry]:
        """Entries with passages of a higher number than `after` that have no vectors yet of the model that
        is to follow; of at most `limit` passages.
        """
        with self._database.held():
            table = vectors.following(self._database)
            if table is None:
                return []
            lacking = vectors.passages_without(self._database, table, after=after, limit=limit)
            owners = self._database.rows(_ENTRIES_OF, (_as_json(lacking),))
            wanted = frozenset(PassageId(one) for one in lacking)
            return [self._indexed(EntryId(row[0]), wanted) for row in owners]

    def renew(self, found: Mapping[PassageId, tuple[bytes, bytes]]) -> None:
        """Keep vectors, own and window, of the model that is to follow; passages gone meanwhile are left out.

        :raises ValueError: when one has another width than the model's.
        """
        with self._database.transaction(lasting=False):
            table = vectors.following(self._database)
            if table is None:
                return
            for (passage,) in self._database.rows(_STILL_THERE, (_as_json(found),)):
                if vectors.vectors_of(self._database, table, passage) is None:
                    vectors.insert(self._database, table, passage, *found[PassageId(passage)])

    def finish(self) -> bool:
        """Let the model that is to follow serve, if none of its vectors are lacking; whether it does now."""
        with self._database.transaction():
            table = vectors.following(self._database)
            if table is None or vectors.passages_without(self._database, table, after=0, limit=1):
                return False
            vectors.let_the_next_serve(self._database)
            self._database.passages_changed()
            return True

    def discard(self) -> bool:
        """Erase some of the vectors that serve no more; False when there are none."""
        return vectors.discard_some(self._database)

    def _indexed(self, entry: EntryId, lacking: frozenset[PassageId]) -> IndexedEntry:
        # The neighbour it was indexed with, not a later one: removal knows of no other whose words it holds.
        (kept,) = self._database.rows(f"{SELECT_ENTRY} WHERE id = ?", (entry,))
        before = self._database.row(_KNOWN_BEFORE, (entry,))
        passages = {
            PassageId(number): PassageDraft(
                ordinal=ordinal, start=start, end=end, header=header, text=text, context=context
            )
            for number, ordinal, start, end, header, text, context in self._database.rows(_OF_ENTRY, (entry,))
        }
        return IndexedEntry(
            entry=entry_from_row(kept),
            before=None if before is None else entry_from_row(before),
            passages=passages,
            lacking=lacking & passages.keys(),
        )


def _as_json(passages: Iterable[int]) -> str:
    return msgspec.json.encode([int(one) for one in passages]).decode()
