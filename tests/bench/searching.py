"""Opens a vault, searches, and tells its figures; in a process of its own, whose memory is measured.

python -m tests.bench.searching FOLDER
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from tests.bench.table import percentile

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
        vault.passages.table()
        table = (time.perf_counter() - start) * 1000
        unread = Weights(late_interaction=0.0, episode_interaction=0.0)
        quick = Searcher(vault.passages, embedder, weights=unread)
        found = {
            "first_ms": first,
            "table_ms": table,
            "before_ms": _times([lambda one=one: quick.find(one) for one in questions]),  # type: ignore[misc]
            "with_ms": _times([lambda one=one: searcher.find(one) for one in questions]),  # type: ignore[misc]
            "rss_mb": most_memory_mb(),
        }
    sys.stdout.write(json.dumps(found))


def _times(searches: Sequence[object]) -> tuple[float, float]:
    found = []
    for search in searches:
        start = time.perf_counter()
        search()  # type: ignore[operator]
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found), percentile(found, 0.95)


def most_memory_mb() -> float:
    """The most memory this process ever held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
