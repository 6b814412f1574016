"""An in-memory stand-in for the vault's passage index; see `tests.fakes.stores`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from diary.model.entry import Entry, EntryFilter, EntryId
from diary.model.passage import IndexedEntry, Passage, PassageDraft, PassageId
from retrieval.ports import PassageTable
from tests.fakes.guard import refuse_outside_tests

if TYPE_CHECKING:
    from tests.fakes.stores import FakeEntries

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Pair = tuple[bytes, bytes]


class FakePassages:
    """A PassageIndex, IndexWriter and IndexState over the entries of a FakeEntries."""

    def __init__(self, entries: FakeEntries) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._models: list[tuple[str, int]] = []
        self._vectors: dict[tuple[str, PassageId], Pair] = {}
        self._indexed: dict[EntryId, int] = {}
        self.renewal = FakeRenewal(self)
        self._rows: dict[PassageId, tuple[EntryId, PassageDraft]] = {}
        self._last = 0
        self.read_only = False
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
        if self._models[-1:] == [(model, dimensions)]:
            return
        self._models = self._models[:1]
        if self._models != [(model, dimensions)]:
            self._models.append((model, dimensions))
        self._vectors = {key: pair for key, pair in self._vectors.items() if key[0] == self._models[0][0]}
        self.version += 1

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._models)

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
        self,
        entry: Entry,
        passages: Sequence[PassageDraft],
        *,
        stale: Sequence[EntryId] = (),
        model: str | None = None,
    ) -> None:
        name, size = self._named(model)
        if {len(vector) for draft in passages for vector in (draft.own, draft.window)} - {0, size}:
            raise ValueError("a vector of another width than the model's")
        kept = self._entries.kept.get(entry.id)
        if kept is None or kept.entry.revision != entry.revision:
            return
        self._drop(entry.id)
        for draft in passages:
            self._last += 1
            self._rows[PassageId(self._last)] = (entry.id, draft)
            if draft.own or draft.window:
                pair = (draft.own or bytes(size), draft.window or bytes(size))
                self._vectors[name, PassageId(self._last)] = pair
            self._words.execute(
                "INSERT INTO words(rowid, body, context) VALUES (?, ?, ?)",
                (self._last, f"{draft.header} {draft.text}", draft.context),
            )
        self._indexed[entry.id] = entry.revision
        for other in stale:
            self._indexed.pop(other, None)
        self.version += 1

    def table(self, model: str | None = None) -> PassageTable:
        name, size = self._named(model)
        rows = sorted(
            ((self._entries.get(entry), draft, passage) for passage, (entry, draft) in self._rows.items()),
            key=lambda row: (row[0].happened, row[0].id, row[1].ordinal),
        )
        empty = (bytes(size), bytes(size))
        pairs = [b"".join(self._vectors.get((name, passage), empty)) for _, _, passage in rows]
        return PassageTable(
            ids=np.array([passage for _, _, passage in rows], np.int64),
            entries=np.array([entry.id for entry, _, _ in rows], np.int64),
            moments=np.array([(entry.happened - _EPOCH) // _MICROSECOND for entry, _, _ in rows], np.int64),
            days=np.array([entry.happened.date().toordinal() for entry, _, _ in rows], np.int64),
            blocks=(np.frombuffer(b"".join(pairs), np.int8).reshape(len(rows), 2, size),),
            dimensions=size,
            version=self.version,
        )

    def matches(
        self, expression: str, *, limit: int, among: str | None = None
    ) -> list[tuple[PassageId, float]]:
        try:
            rows = self._words.execute(
                "SELECT rowid, -bm25(words, 1.0, 0.3) AS score FROM words WHERE words MATCH ? "
                "AND +rowid IN (SELECT rowid FROM words WHERE words MATCH ?) "
                "ORDER BY score DESC, rowid LIMIT ?",
                (expression, among or expression, limit),
            ).fetchall()
        except (sqlite3.OperationalError, UnicodeEncodeError):
            return []  # not an FTS5 expression: nothing matches it
        return [(PassageId(rowid), score) for rowid, score in rows]

    def frequency(self, word: str) -> int:
        row = self._words.execute("SELECT count(*) FROM words WHERE words MATCH ?", (f'"{word}"',)).fetchone()
        return int(row[0])

    def passages(self, ids: Sequence[PassageId]) -> list[Passage]:
        return [self._passage(passage) for passage in ids if passage in self._rows]

    def matching(self, chosen: EntryFilter) -> list[EntryId]:
        return sorted(entry.id for entry in self._entries.list(chosen))

    def _named(self, model: str | None) -> tuple[str, int]:
        among = self._models[:1] if model is None else [one for one in self._models if one[0] == model]
        return among[0] if among else ("", 0)

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
            rough=entry.is_rough,
        )

    def _in_order(self) -> list[Entry]:
        return sorted(
            (kept.entry for kept in self._entries.kept.values()), key=lambda entry: (entry.happened, entry.id)
        )

    def _drop(self, entry: EntryId) -> None:
        for passage in [passage for passage, (owner, _) in self._rows.items() if owner == entry]:
            self._words.execute("DELETE FROM words WHERE rowid = ?", (passage,))
            del self._rows[passage]
            for name in self.models:
                self._vectors.pop((name, passage), None)
        self._indexed.pop(entry, None)
        self.version += 1

    def _forget(self, entry: EntryId) -> None:
        """Drop the entry's passages, and its neighbours': their context holds its words."""
        neighbours = self.adjacent(self._entries.get(entry))
        for gone in (entry, *(other.id for other in neighbours if other is not None)):
            self._drop(gone)


class FakeRenewal:
    """The VectorRenewal of a FakePassages."""

    def __init__(self, index: FakePassages) -> None:
        self._index = index

    def count(self) -> int:
        return len(self._lacking())

    def lacking(self, *, after: PassageId, limit: int) -> list[IndexedEntry]:
        chosen = frozenset([passage for passage in self._lacking() if passage > after][:limit])
        rows = self._index._rows
        found = []
        for owner in dict.fromkeys(rows[passage][0] for passage in sorted(chosen)):
            entry = self._index._entries.get(owner)
            passages = {passage: draft for passage, (other, draft) in rows.items() if other == owner}
            before, _ = self._index.adjacent(entry)
            found.append(
                IndexedEntry(entry=entry, before=before, passages=passages, lacking=chosen & passages.keys())
            )
        return found

    def renew(self, found: Mapping[PassageId, Pair]) -> None:
        if len(self._index._models) < 2:
            return
        name, size = self._index._models[1]
        if {len(vector) for pair in found.values() for vector in pair} - {size}:
            raise ValueError("a vector of another width than the model's")
        for passage, pair in found.items():
            if passage in self._index._rows:
                self._index._vectors[name, passage] = pair

    def finish(self) -> bool:
        if len(self._index._models) < 2 or self._lacking():
            return False
        self._index._models = self._index._models[1:]
        self._index.version += 1
        return True

    def discard(self) -> bool:
        return False

    def _lacking(self) -> list[PassageId]:
        if len(self._index._models) < 2:
            return []
        name = self._index._models[1][0]
        return sorted(one for one in self._index._rows if (name, one) not in self._index._vectors)
