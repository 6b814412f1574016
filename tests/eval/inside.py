"""The diary in this process: the real vault, index, embedder, searcher and answerer, without the command and
its seal. For tuning: constants can be changed between questions, and the parts looked at.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diary.cli.documents import number_document
from diary.engine.embedder import EngineEmbedder
from diary.engine.models import find_models
from diary.model.answer import AnswerDone, Question
from diary.model.entry import EntryDraft
from diary.settings import load_settings
from diary.vault.slots import KdfParameters
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from retrieval.answering import Answerer
from retrieval.events import RangeResolver
from retrieval.indexing import Indexer
from retrieval.ports import Embedder
from retrieval.search import Searcher
from tests.eval.ways import PASSPHRASE, Line, days_of

CHEAP = KdfParameters(memory_kib=64 * 1024, iterations=1, lanes=1)


@dataclass(frozen=True)
class Inside:
    """A Way that also shows its parts."""

    searcher: Searcher
    answerer: Answerer
    indexing_seconds: float

    def find(self, lines: Sequence[Line]) -> list[Line]:
        documents = []
        for line in lines:
            result = self.searcher.find(question_of(line))
            hits = [{"source_id": hit.source_id, "score": hit.score} for hit in result.hits]
            documents.append({"hits": hits, "ms": result.milliseconds})
        return documents

    def ask(self, lines: Sequence[Line]) -> list[Line]:
        return [self._asked(line) for line in lines]

    def _asked(self, line: Line) -> Line:
        for delta in self.answerer.answer(question_of(line), summarise=False):
            if isinstance(delta, AnswerDone):
                answer = delta.answer
        quotes = [
            {"source_id": quote.source_id, "text": quote.text, "start": quote.start, "end": quote.end}
            for quote in answer.quotes
        ]
        return {
            "answered": answer.answered,
            "kind": answer.kind.value,
            "quotes": quotes,
            "summary": None,
            "numbers": [number_document(number) for number in answer.numbers],
        }


def question_of(line: Line) -> Question:
    """A line of a batch as a question."""
    return Question(text=line["q"], as_of=days_of(line), limit=line.get("n", 10))


@contextmanager
def inside(entries: Sequence[Line]) -> Iterator[Inside]:
    """A scratch diary in this process."""
    embedder = installed_embedder()
    try:
        began = time.perf_counter()
        with indexed(entries, embedder) as vault:
            seconds = time.perf_counter() - began
            searcher = Searcher(vault.passages, embedder)
            read_pending(vault.observations)
            ranges = RangeResolver.over(searcher, vault.observations)
            searcher.read_ranges(ranges.resolve)
            answerer = Answerer(
                searcher,
                vault.entries,
                embedder,
                None,
                observations=vault.observations,
                resolve=ranges.resolve_all,
            )
            yield Inside(searcher, answerer, seconds)
    finally:
        embedder.close()


def installed_embedder() -> EngineEmbedder:
    """The embedder that the diary would use."""
    return EngineEmbedder(find_models(load_settings().models, "embedder")[0])


@contextmanager
def indexed(entries: Sequence[Line], embedder: Embedder) -> Iterator[Vault]:
    """A scratch vault with these entries, indexed."""
    with tempfile.TemporaryDirectory(prefix="diary-eval-") as folder:
        vault, _ = Vault.create(Path(folder) / "vault", PASSPHRASE, kdf=CHEAP)
        try:
            for entry in entries:
                vault.entries.add(draft_of(entry))
            Indexer(vault.passages, embedder).run()
            yield vault
        finally:
            vault.close()


def draft_of(entry: Line) -> EntryDraft:
    """An interchange line as a draft; a time without an offset is local time."""
    happened = datetime.fromisoformat(entry["date"])
    happened = happened if happened.tzinfo else happened.astimezone()
    return EntryDraft(
        text=entry["text"],
        happened=happened,
        written=happened,
        title=entry.get("title"),
        tags=tuple(entry.get("tags", ())),
        source_id=entry["id"],
    )
