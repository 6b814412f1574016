"""Opens a vault, searches, and tells its figures; in a process of its own, whose memory is measured.

python -m tests.bench.searching FOLDER
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import percentile, processor_seconds, times_ms

if TYPE_CHECKING:
    from diary.model.answer import Question
    from retrieval.search import Searcher

AS_OF = date(2026, 11, 21)


def main(folder: Path) -> None:
    from diary.engine.embedder import EngineEmbedder
    from diary.engine.models import find_models
    from diary.model.answer import Question
    from diary.settings import load_settings
    from diary.vault.vault import Vault
    from tests.bench.corpus import PASSPHRASE
    from tests.bench.full_text import some_questions

    questions = [Question(text=text, as_of=AS_OF, limit=10) for text in some_questions()]
    with (
        Vault.unlock(folder, PASSPHRASE) as vault,
        closing(EngineEmbedder(find_models(load_settings().models, "embedder")[0])) as embedder,
    ):
        start = time.perf_counter()
        from retrieval.search import Searcher
        from retrieval.weights import Weights

        searcher = Searcher(vault.passages, embedder)
        searcher.find(questions[0])
        first = (time.perf_counter() - start) * 1000
        start = time.perf_counter()
        vault._database.passages_changed()
        searcher._load()
        table = (time.perf_counter() - start) * 1000
        unread = Weights(late_interaction=0.0, episode_interaction=0.0)
        quick = Searcher(vault.passages, embedder, weights=unread)
        found = {
            "first_ms": first,
            "table_ms": table,
            "before": _searched(quick, questions, embedder.pid),
            "with": _searched(searcher, questions, embedder.pid),
            "rss_mb": most_memory_mb(),
        }
    sys.stdout.write(json.dumps(found))


def _searched(searcher: Searcher, questions: Sequence[Question], engine: int | None) -> list[float]:
    """Median and 95th percentile in milliseconds, and the mean of processor time, core and engine."""
    processes = [os.getpid()] if engine is None else [os.getpid(), engine]
    before = processor_seconds(*processes)
    found = [times_ms(functools.partial(searcher.find, one), 1)[0] for one in questions]
    worked = (processor_seconds(*processes) - before) / len(questions) * 1000
    return [statistics.median(found), percentile(found, 0.95), worked]


def most_memory_mb() -> float:
    """The most memory this process ever held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
