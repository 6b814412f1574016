"""Writes entries into a large vault, alone and while another thread indexes and a third searches.

python -m tests.bench.writing FOLDER
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from diary.engine.embedder import EngineEmbedder
from diary.engine.models import find_models
from diary.model.answer import Question
from diary.model.entry import EntryDraft
from diary.settings import load_settings
from diary.vault.vault import Vault
from retrieval.indexing import Indexer
from retrieval.search import Searcher
from tests.bench.corpus import PASSPHRASE, days, draft_of
from tests.bench.full_text import some_questions
from tests.bench.table import percentile

WRITTEN = 60
PENDING = 300
PAUSE_SECONDS = 0.15


def main(folder: Path) -> None:
    with (
        Vault.unlock(folder, PASSPHRASE) as vault,
        closing(EngineEmbedder(find_models(load_settings().models, "embedder")[0])) as embedder,
    ):
        indexer, searcher = Indexer(vault.passages, embedder), Searcher(vault.passages, embedder)
        searcher.find(_question(some_questions(1)[0]))
        alone = _written(vault)
        indexer.run()
        new = [
            draft_of((date(2020, 1, 1), text)) for (_, text), _ in zip(days(), range(PENDING), strict=False)
        ]
        vault.imports.add(new, format="jsonl", source="measured")
        over = threading.Event()
        before, start = _count(vault), time.perf_counter()
        threads = [
            threading.Thread(target=indexer.run, kwargs={"cancelled": over.is_set}),
            threading.Thread(target=_search, args=(searcher, over)),
        ]
        for thread in threads:
            thread.start()
        beside = _written(vault)
        passages, seconds = _count(vault) - before, time.perf_counter() - start
        over.set()
        for thread in threads:
            thread.join()
    found = {"alone_ms": alone, "beside_ms": beside, "passages_a_second": passages / seconds}
    sys.stdout.write(json.dumps(found))


def _written(vault: Vault) -> list[float]:
    """Median, 95th percentile and most of the milliseconds that writing takes."""
    found = []
    for number in range(WRITTEN):
        now = datetime.now(UTC)
        draft = EntryDraft(text=f"Walked to the weir, time {number}.", happened=now, written=now)
        start = time.perf_counter()
        vault.entries.add(draft)
        found.append((time.perf_counter() - start) * 1000)
        time.sleep(PAUSE_SECONDS)
    return [statistics.median(found), percentile(found, 0.95), max(found)]


def _search(searcher: Searcher, over: threading.Event) -> None:
    questions = some_questions()
    number = 0
    while not over.wait(0.3):
        searcher.find(_question(questions[number % len(questions)]))
        number += 1


def _question(text: str) -> Question:
    return Question(text=text, as_of=date(2026, 11, 21), limit=10)


def _count(vault: Vault) -> int:
    row = vault._database.row("SELECT count(*) FROM passages")
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
