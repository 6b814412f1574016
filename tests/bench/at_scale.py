"""Search from the question to the hits, at 10,000, 60,000 and 200,000 passages.

One vault grows from size to size. At each, a process of its own opens a copy and searches, so that its memory
is the core's alone; it tells its figures as JSON.

    python -m tests.bench at_scale
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from diary.engine.embedder import EngineEmbedder
from diary.engine.models import find_models
from diary.settings import load_settings
from tests.bench import full_text
from tests.bench.corpus import EMBEDDED, Growing, embedded, some_passages, source
from tests.bench.table import Figure, heading, show

SIZES = (10_000, 60_000, 200_000)
_JUDGED, _LARGEST = 60_000, 200_000


def measure() -> None:
    """Print the figures of each size as they come."""
    heading(f"Search at scale ({source()})", plain="stock SQLite FTS5")
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as folder:
        with closing(EngineEmbedder(find_models(load_settings().models, "embedder")[0])) as embedder:
            real = embedded(embedder, some_passages(EMBEDDED))
            model = embedder.model
        growing = Growing(Path(folder) / "growing", real, model)
        with closing(growing):
            for size in SIZES:
                growing.grow(size)
                copy = Path(folder) / f"vault-{size}"
                shutil.copytree(Path(folder) / "growing", copy)
                show(_at(copy, size))
                shutil.rmtree(copy)


def _at(copy: Path, size: int) -> Iterator[Figure]:
    found = json.loads(
        subprocess.run(
            [sys.executable, "-m", "tests.bench.searching", str(copy)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    yield from _searching(found, size)
    yield from full_text.figures(copy, size)
    if size == _JUDGED:
        writing = subprocess.run(
            [sys.executable, "-m", "tests.bench.writing", str(copy)],
            capture_output=True,
            text=True,
            check=True,
        )
        yield from _writing(json.loads(writing.stdout), size)


def _searching(found: Mapping[str, Any], size: int) -> Iterator[Figure]:
    judged = size == _JUDGED
    first, quick, whole, memory = (found[name] for name in ("first_ms", "before", "with", "rss_mb"))
    yield Figure(
        what=f"{size:,}: from unlock to the first hits",
        ours=f"{first:.0f} ms",
        plain=f"table {found['table_ms']:.0f} ms",
        goal="< 1000 ms beyond the key",
        met=first < 1000 if judged else None,
    )
    yield Figure(
        what=f"{size:,}: search before re-ranking, p50 / p95",
        ours=f"{quick[0]:.1f} / {quick[1]:.1f} ms",
        plain=f"processor {quick[2]:.1f} ms",
        goal="p95 < 50 ms",
        met=quick[1] < 50 if judged else None,
    )
    yield Figure(
        what=f"{size:,}: search with re-ranking, p50 / p95",
        ours=f"{whole[0]:.1f} / {whole[1]:.1f} ms",
        plain=f"processor {whole[2]:.1f} ms",
        goal="p95 < 200 ms",
        met=whole[1] < 200 if judged else None,
    )
    yield Figure(
        what=f"{size:,}: memory of the core, at most",
        ours=f"{memory:.0f} MB",
        goal="<= 400 MB" if size == _LARGEST else "",
        met=memory <= 400 if size == _LARGEST else None,
    )


def _writing(found: Mapping[str, Any], size: int) -> Iterator[Figure]:
    alone, beside = found["alone_ms"], found["beside_ms"]
    yield Figure(what=f"{size:,}: writing an entry, p50 / p95 / most", ours=_three(alone))
    yield Figure(
        what=f"{size:,}: the same while it indexes and searches",
        ours=_three(beside),
        goal="waits at most tens of ms",
        met=beside[1] < 100,
    )
    yield Figure(
        what=f"{size:,}: passages indexed a second meanwhile", ours=f"{found['passages_a_second']:.0f} /s"
    )


def _three(values: list[float]) -> str:
    return " / ".join(f"{value:.0f}" for value in values) + " ms"
