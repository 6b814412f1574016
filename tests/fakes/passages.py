"""An in-memory stand-in for the vault's passage index; see `tests.fakes.stores`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diary.model.entry import Entry, EntryFilter, EntryId
from diary.model.passage import Passage, PassageDraft, PassageId
from retrieval.ports import PassageTable
from tests.fakes.guard import refuse_outside_tests

if TYPE_CHECKING:
    from tests.fakes.stores import FakeEntries


class FakePassages:
    """A PassageIndex, IndexWriter and IndexState over the entries of a FakeEntries."""

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._model = ("", 0)
        self._indexed: dict[EntryId, int] = {}
        self._rows: dict[PassageId, tuple[EntryId, PassageDraft]] = {}
        self._last = 0
        self.version = 1
        # Indexing and searching may run in different threads, as with the vault.
        self._words = sqlite3.connect(":memory:", check_same_thread=False)
        self._words.execute(
            "CREATE VIRTUAL TABLE words USING fts5(body, context, "
            "tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        entries.on_delete.append(self._forget)
        entries.on_revise.append(self._drop)

    def use_model(self, model: str, dimensions: int) -> None:
        if self._model == (model, dimensions):
            return
        self._model = (model, dimensions)
        self._indexed.clear()
        self._rows = {
            passage: (entry, replace(draft, own=b"", window=b""))
            for passage, (entry, draft) in self._rows.items()
        }
        self.version += 1

    def pending(self, *, limit: int) -> list[Entry]:
        waiting = [entry for entry in self._in_order() if self._indexed.get(entry.id) != entry.revision]
        return waiting[:limit]

    def pending_count(self) -> int:
        return len(self.pending(limit=self._entries.count()))

    def adjacent(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        place = (entry.happened, entry.id)
        before = [other for other in self._in_order() if (other.happened, other.id) < place]
        after = [other for other in self._in_order() if (other.happened, other.id) > place]
        return (before[-1] if before else None, after[0] if after else None)

    def replace(
        self, entry: Entry, passages: Sequence[PassageDraft], *, stale: Sequence[EntryId] = ()
    ) -> None:
        kept = self._entries.kept.get(entry.id)
        if kept is None or kept.entry.revision != entry.revision:
            return
        self._drop(entry.id)
        for draft in passages:
            if {len(draft.own), len(draft.window)} - {0, self._model[1]}:
                raise ValueError("a vector of another size than the model's")
            self._last += 1
            self._rows[PassageId(self._last)] = (entry.id, draft)
            self._words.execute(
                "INSERT INTO words(rowid, body, context) VALUES (?, ?, ?)",
                (self._last, f"{draft.header} {draft.text}", draft.context),
            )
        self._indexed[entry.id] = entry.revision
        for other in stale:
            self._indexed.pop(other, None)
        self.version += 1

    def table(self) -> PassageTable:
        rows = sorted(
            ((self._entries.get(entry), draft, passage) for passage, (entry, draft) in self._rows.items()),
            key=lambda row: (row[0].happened, row[0].id, row[1].ordinal),
        )
        size = self._model[1]
        own = [np.frombuffer(draft.own or bytes(size), np.int8) for _, draft, _ in rows]
        window = [np.frombuffer(draft.window or bytes(size), np.int8) for _, draft, _ in rows]
        return PassageTable(
            ids=np.array([passage for _, _, passage in rows], np.int64),
            entries=np.array([entry.id for entry, _, _ in rows], np.int64),
            happened=np.array([int(entry.happened.timestamp() // 1) for entry, _, _ in rows], np.int64),
            days=np.array([entry.happened.date().toordinal() for entry, _, _ in rows], np.int64),
            own=np.array(own, np.int8).reshape(len(rows), size),
            window=np.array(window, np.int8).reshape(len(rows), size),
            version=self.version,
        )

    def matches(self, expression: str, *, limit: int) -> list[tuple[PassageId, float]]:
        try:
            rows = self._words.execute(
                "SELECT rowid, -bm25(words, 1.0, 0.3) AS score FROM words WHERE words MATCH ? "
                "ORDER BY score DESC, rowid LIMIT ?",
                (expression, limit),
            ).fetchall()
        except (sqlite3.OperationalError, UnicodeEncodeError):
            return []  # not an FTS5 expression: nothing matches it
        return [(PassageId(rowid), score) for rowid, score in rows]

    def passages(self, ids: Sequence[PassageId]) -> list[Passage]:
        return [self._passage(passage) for passage in ids if passage in self._rows]

    def tagged(self, tag: str) -> list[EntryId]:
        return sorted(entry.id for entry in self._entries.list(EntryFilter(tag=tag)))

    def _passage(self, passage: PassageId) -> Passage:
        entry_id, draft = self._rows[passage]
        entry = self._entries.get(entry_id)
        return Passage(
            id=passage,
            entry=entry_id,
            ordinal=draft.ordinal,
            start=draft.start,
            end=draft.end,
            text=draft.text,
            day=entry.happened.date(),
            title=entry.title,
            source_id=entry.source_id,
        )

    def _in_order(self) -> list[Entry]:
        return sorted(
            (kept.entry for kept in self._entries.kept.values()), key=lambda entry: (entry.happened, entry.id)
        )

    def _drop(self, entry: EntryId) -> None:
        for passage in [passage for passage, (owner, _) in self._rows.items() if owner == entry]:
            self._words.execute("DELETE FROM words WHERE rowid = ?", (passage,))
            del self._rows[passage]
        self._indexed.pop(entry, None)
        self.version += 1

    def _forget(self, entry: EntryId) -> None:
        """Drop the entry's passages, and its neighbours': their context holds its words."""
        neighbours = self.adjacent(self._entries.get(entry))
        for gone in (entry, *(other.id for other in neighbours if other is not None)):
            self._drop(gone)
