"""A diary of any size to measure with: Samuel Pepys' own, again and again with other dates.

The evaluation data beside the project holds it (public domain; ../shared/eval/scale). Without that, sentences
of the sample diary are put together anew, and the figures say so: their words are fewer, so that each is more
common and full text has more to read.

Vectors: some passages are embedded; each passage of the large diary has the mean of two of those vectors with
some noise, so that near and far are about as common as among real ones. Embedding 200,000 passages would take
half an hour and change nothing that is measured here.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diary.model.entry import Entry, EntryDraft, EntryId
from diary.model.passage import PassageDraft
from diary.sample import diary_file
from diary.vault import vectors
from diary.vault.slots import KdfParameters
from diary.vault.vault import Vault
from retrieval.indexing import as_int8, own_text
from retrieval.passages import passages_of
from retrieval.ports import Embedder

PEPYS = Path(__file__).resolve().parents[3] / "shared" / "eval" / "scale" / "pepys.jsonl.gz"
PASSPHRASE = "a diary to measure with"
CHEAP = KdfParameters(memory_kib=64 * 1024, iterations=1, lanes=1)
EMBEDDED = 1500
"""Passages that are really embedded, both vectors."""

Day = tuple[date, str]


def source() -> str:
    """What the words are, to be told beside the figures."""
    return "Pepys' diary, repeated" if PEPYS.exists() else "sentences of the sample diary, put together anew"


def days() -> Iterator[Day]:
    """Entries without end, rising by date."""
    kept = list(_pepys() if PEPYS.exists() else _made_up())
    span = (kept[-1][0] - kept[0][0]).days + 1
    for turn in itertools.count():
        for day, text in kept:
            yield day + timedelta(days=turn * span), text


def _pepys() -> Iterator[Day]:
    with gzip.open(PEPYS, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield date.fromisoformat(row["date"]), row["text"]


def _made_up() -> Iterator[Day]:
    dice = random.Random(1660)
    rows = [json.loads(line) for line in diary_file().read_text(encoding="utf-8").splitlines()]
    sentences = [part.strip() for row in rows for part in row["text"].split(". ") if part.strip()]
    words = sorted({word for sentence in sentences for word in sentence.split()})
    for number in range(3300):
        chosen = [*dice.sample(sentences, 12), " ".join(dice.sample(words, 30))]
        yield date(1960, 1, 1) + timedelta(days=number), ". ".join(chosen) + "."


class Growing:
    """A vault that grows to one size after another, indexed.

    :param vectors: int8[k, 2, d] of real passages, to mix.
    """

    def __init__(self, folder: Path, vectors: NDArray[np.int8], model: str) -> None:
        self._vault, _ = Vault.create(folder, PASSPHRASE, kdf=CHEAP)
        self._vault.passages.use_model(model, vectors.shape[2])
        self._mixed = mixtures(vectors)
        self._days = days()
        self.size = 0
        self.entries = 0

    def grow(self, passages: int) -> None:
        """Add entries until there are so many passages."""
        while self.size < passages:
            self._add(400)
        self._vault._database.checkpoint()

    def grow_to_entries(self, entries: int) -> None:
        """Add entries until there are so many."""
        while self.entries < entries:
            self._add(min(1000, entries - self.entries))
        self._vault._database.checkpoint()

    def _add(self, entries: int) -> None:
        drafts = [draft_of(day) for day in itertools.islice(self._days, entries)]
        self._vault.imports.add(drafts, format="jsonl", source="measured")
        self.entries += entries
        self._index()

    def _index(self) -> None:
        """What `Passages.replace` does, for many entries in one transaction."""
        database, index = self._vault._database, self._vault.passages
        table = vectors.serving(database)
        with database.transaction(lasting=False):
            for entry in index.pending(limit=1000):
                for draft in passages_of(entry):
                    own, window = next(self._mixed)
                    index._insert(entry.id, replace(draft, own=own, window=window), table)
                    self.size += 1
                database.run("INSERT INTO indexed_with VALUES (?, NULL, NULL)", (entry.id,))
            database.run("DELETE FROM pending")
            database.passages_changed()

    def close(self) -> None:
        """Close the vault."""
        self._vault.close()


def draft_of(day: Day) -> EntryDraft:
    """An entry, told in the evening."""
    happened = datetime.combine(day[0], time(20), UTC)
    return EntryDraft(text=day[1], happened=happened, written=happened)


def entry_of(day: Day, number: int) -> Entry:
    """An entry as if it were kept."""
    draft = draft_of(day)
    return Entry(
        id=EntryId(number),
        text=draft.text,
        happened=draft.happened,
        written=draft.written,
        recorded=draft.written,
        revision=1,
    )


def some_passages(count: int) -> list[PassageDraft]:
    """The first passages of the diary."""
    found: list[PassageDraft] = []
    for number, day in enumerate(days(), start=1):
        found += passages_of(entry_of(day, number))
        if len(found) >= count:
            return found[:count]
    raise RuntimeError("the diary has no end")


def embedded(embedder: Embedder, passages: Sequence[PassageDraft]) -> NDArray[np.int8]:
    """int8[k, 2, d]: real vectors of passages, own and with the passage before."""
    own = as_int8(embedder.embed([own_text(one) for one in passages]))
    texts = [f"{before.text}\n{one.text}" for before, one in itertools.pairwise([passages[-1], *passages])]
    return np.stack([own, as_int8(embedder.embed(texts))], axis=1)


def mixtures(real: NDArray[np.int8]) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of vectors that lie among the real ones, without end."""
    dice = np.random.default_rng(1669)
    count, _, width = real.shape
    while True:
        chosen = real[dice.integers(0, count, (2, 512))].astype(np.float32)
        mixed = chosen.mean(axis=0) + dice.normal(0, 20 / width**0.5, (512, 2, width)).astype(np.float32)
        mixed /= np.linalg.norm(mixed, axis=2, keepdims=True)
        for own, window in as_int8(mixed):
            yield own.tobytes(), window.tobytes()
