"""How long a large vault takes to open beyond the derivation of its key, and a commit beside plain SQLite.

A vault of 6,000 entries is built for it, so that the bench stays short; `--full` builds one of 100,000 (2 GB,
some twenty minutes), and `--keep FOLDER` keeps it there for the next time. Each opening is a process of its
own; a cold one finds no page of the database in the machine's memory.

    python -m tests.bench.opening [--full] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from diary.model.entry import EntryDraft, EntryFilter
from diary.model.progress import Report, silent
from diary.vault.rotation import DATABASE
from diary.vault.unlocking import open_header
from diary.vault.vault import Vault
from tests.bench.corpus import PASSPHRASE, Growing, source
from tests.bench.table import Figure, heading, middle_and_95, percentile, show

SMALL, FULL = 6_000, 100_000
COMMITS = 500
OPENINGS = 5
_WIDTH = 384
_WORDS = "Walked to the weir before breakfast, time {number}. Slept well; the knee is quiet. steps:: 6400"


def main(arguments: list[str] | None = None) -> None:
    """Build, or take what was kept, and print the figures as they come."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.opening", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} entries")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the vault here, or use it")
    chosen = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as temporary:
        folder = chosen.keep or Path(temporary) / "vault"
        if not (folder / DATABASE).exists():
            build(folder, FULL if chosen.full else SMALL)
        heading(f"Opening and committing ({source()})", plain="plain SQLite")
        show(_figures(folder, Path(temporary)))


def build(folder: Path, entries: int) -> None:
    """A vault of so many entries, all indexed; the vectors are noise, which weighs what real ones do."""
    noise = np.random.default_rng(1660).integers(-127, 128, (64, 2, _WIDTH), dtype=np.int8)
    with closing(Growing(folder, noise, "measured")) as growing:
        growing.grow_to_entries(entries)


def _figures(folder: Path, temporary: Path) -> Iterator[Figure]:
    size = (folder / DATABASE).stat().st_size
    cold = [_opened(folder, cold=True) for _ in range(OPENINGS)]
    warm = [_opened(folder, cold=False) for _ in range(OPENINGS)]
    what = f"{warm[0]['entries']:,} entries, {size / 1e9:.2f} GB"
    for name, runs in (("cold", cold), ("warm", warm)):
        beyond = statistics.median(run["open_ms"] for run in runs)
        yield Figure(
            what=f"{what}: opening beyond the key, {name}",
            ours=f"{beyond:.0f} ms",
            plain=_processor(runs, "open_processor_ms"),
            goal="< 1000 ms",
            met=beyond < 1000,
        )
    if warm[0]["check_ms"] is not None:
        checking = statistics.median(run["check_ms"] for run in cold)
        yield Figure(
            what="the quick check of its integrity in it, cold",
            ours=f"{checking:.0f} ms",
            plain=_processor(cold, "check_processor_ms"),
            goal="< 300 ms",
            met=checking < 300,
        )
    first = statistics.median(run["first_ms"] for run in cold)
    yield Figure(what="then the counts and the first page of entries, cold", ours=f"{first:.0f} ms")
    yield from _committing(folder, temporary)


def _processor(runs: Sequence[dict[str, Any]], name: str) -> str:
    """What a busy machine makes it wait is not in this."""
    return f"processor {statistics.median(run[name] for run in runs):.0f} ms"


def _committing(folder: Path, temporary: Path) -> Iterator[Figure]:
    """Entries through the store, and one row each into plain SQLite on the same disk; they take turns."""
    ours: list[float] = []
    plain: list[float] = []
    with Vault.unlock(folder, PASSPHRASE) as vault, closing(_plain(temporary / "plain.db")) as other:
        for number in range(COMMITS):
            text, now = _WORDS.format(number=number), datetime.now(UTC)
            draft = EntryDraft(text=text, happened=now, written=now)
            ours.append(_timed(lambda draft=draft: vault.entries.add(draft)))  # type: ignore[misc]
            row = (text, now.timestamp())
            plain.append(_timed(lambda row=row: other.execute("INSERT INTO entries VALUES (?, ?)", row)))  # type: ignore[misc]
    most = percentile(ours, 0.95)
    yield Figure(
        what=f"a commit of an entry, {COMMITS} times, p50 / p95",
        ours=middle_and_95(ours),
        plain=middle_and_95(plain),
        ratio=statistics.median(plain) / statistics.median(ours),
        goal="p95 < 15 ms",
        met=most < 15,
    )


def _plain(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entries(text TEXT, written REAL)")
    return connection


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _opened(folder: Path, *, cold: bool) -> dict[str, Any]:
    if cold:
        with (folder / DATABASE).open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    program = [sys.executable, "-m", "tests.bench.opening", "--open", str(folder)]
    ran = subprocess.run(program, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def open_once(folder: Path) -> None:
    """In a process of its own: open, and tell the times as JSON."""
    checking: list[tuple[float, float]] = []
    if find_spec("diary.vault.watch") is not None:
        _count_in(checking)
    start = _now()
    open_header(folder, PASSPHRASE)
    key = _since(start)
    start = _now()
    vault = Vault.unlock(folder, PASSPHRASE)
    opened = _since(start)
    if any("manifest" in told for told in vault.warnings):
        raise SystemExit("The vault that was kept has no manifest that holds, so nothing would be checked.")
    start = _now()
    entries = vault.entries.count()
    vault.passages.pending_count()
    vault.entries.list(EntryFilter(), limit=50)
    first = _since(start)
    vault.close()
    told = {
        "entries": entries,
        "open_ms": opened[0] - key[0],
        "open_processor_ms": opened[1] - key[1],
        "first_ms": first[0],
        "check_ms": checking[0][0] if checking else None,
        "check_processor_ms": checking[0][1] if checking else None,
    }
    sys.stdout.write(json.dumps(told))


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(start: tuple[float, float]) -> tuple[float, float]:
    """Milliseconds by the wall's clock, and of the processor."""
    return (time.perf_counter() - start[0]) * 1000, (time.process_time() - start[1]) * 1000


def _count_in(checking: list[tuple[float, float]]) -> None:
    """Time what is checked at unlock, from within."""
    from diary.vault import watch

    begin = watch.Watch.begin

    def timed(self: watch.Watch, report: Report = silent) -> list[str]:
        start = _now()
        found = begin(self, report)
        checking.append(_since(start))
        return found

    watch.Watch.begin = timed  # type: ignore[method-assign]  # measured, not changed


if __name__ == "__main__":
    if sys.argv[1:2] == ["--open"]:
        open_once(Path(sys.argv[2]))
    else:
        main()
