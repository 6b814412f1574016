"""A backup beside `cp` and `sync` of the same files to the same disk in the same run, cold and warm.

The vault is half database, half recordings. Cold: the system's cache of files is emptied before each, which
needs root; warm: what is copied was read just before. A figure is the best of three, by turns, as the machine
may be doing other things. `--keep DIR` uses the vault there, and makes it when there is none.

    python -m tests.bench.backup [--mb 200] [--keep DIR]
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from diary.model.entry import EntryDraft, Kind
from diary.vault.backups.restoring import drill
from diary.vault.vault import DATABASE, Vault
from tests.bench.corpus import CHEAP, PASSPHRASE
from tests.bench.table import Figure, heading, show

MEGABYTES = 200
GOAL = 0.6
_MB = 1_000_000
_AT_ONCE = 500
_SOUND_MB = 10
_TURNS = 3
_DROP = Path("/proc/sys/vm/drop_caches")
_SINCE = datetime(2000, 1, 1, 20, tzinfo=UTC)


def measure(megabytes: int = MEGABYTES, keep: Path | None = None) -> None:
    """Print the figures of a vault of that size."""
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as parent:
        folder = keep or Path(parent) / "vault"
        vault = Vault.unlock(folder, PASSPHRASE) if (folder / DATABASE).exists() else _make(folder, megabytes)
        out = folder.with_name("backups")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        with vault:
            heading(f"Backup of {_size(vault.folder) / _MB:.0f} MB", plain="cp and sync")
            for cold in (False, True):
                with suppress(PermissionError):
                    show(_figures(vault, out, cold=cold))
            show(_little_changed(vault, out))
        shutil.rmtree(out)


def _make(folder: Path, megabytes: int) -> Vault:
    vault, _ = Vault.create(folder, PASSPHRASE, kdf=CHEAP)
    dice = random.Random(1660)
    words = [secrets.token_hex(3) for _ in range(5000)]
    numbers = itertools.count()
    while (folder / DATABASE).stat().st_size < megabytes * _MB // 2:
        texts = [" ".join(dice.choices(words, k=800)) for _ in range(_AT_ONCE)]
        vault.imports.add([_entry(text, next(numbers)) for text in texts], format="jsonl", source="measured")
        vault._database.checkpoint()
    for number in range(megabytes // 2 // _SOUND_MB):
        spoken = _entry(f"spoken {number}", number, kind=Kind.VOICE)
        vault.recordings.keep(spoken, os.urandom(_SOUND_MB * _MB), name="a.wav")
    return vault


def _entry(text: str, number: int, kind: Kind = Kind.NOTE) -> EntryDraft:
    happened = _SINCE + timedelta(hours=number)
    return EntryDraft(text=text, happened=happened, written=happened, kind=kind)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "vault.ballast"]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in _files(folder))


def _figures(vault: Vault, out: Path, *, cold: bool) -> Iterator[Figure]:
    plain, ours = [], []
    for _ in range(_TURNS):
        plain.append(_seconds(lambda: _copy(vault.folder, out / "copy"), vault.folder, cold=cold))
        shutil.rmtree(out / "copy")
        ours.append(_seconds(lambda: vault.backups.make(out / "a.backup"), vault.folder, cold=cold))
        (out / "a.backup").unlink()  # each is written under a free name, as the plain copy is
    megabytes, ratio = _size(vault.folder) / _MB, min(plain) / min(ours)
    yield Figure(
        what=f"a whole one, proved, {'cold' if cold else 'warm'}",
        ours=f"{min(ours):.2f} s, {megabytes / min(ours):.0f} MB/s",
        plain=f"{min(plain):.2f} s, {megabytes / min(plain):.0f} MB/s",
        goal=f"≥ {GOAL:.0%} of cp; {ratio:.0%}",
        met=ratio >= GOAL,
    )


def _little_changed(vault: Vault, out: Path) -> Iterator[Figure]:
    made = vault.backups.make(out)
    vault.entries.add(_entry("and one more", 0))
    start = time.perf_counter()
    again = vault.backups.make(out)
    yield Figure(
        what="after one more entry",
        ours=f"{time.perf_counter() - start:.2f} s, {again.contents.size / _MB:.1f} MB",
        plain=f"whole {made.contents.size / _MB:.0f} MB",
    )
    start = time.perf_counter()
    drill(again.file, PASSPHRASE, scratch=out)
    yield Figure(what="a drill of it", ours=f"{time.perf_counter() - start:.2f} s", plain="")


def _seconds(work: Callable[[], object], folder: Path, *, cold: bool) -> float:
    os.sync()
    if cold:
        _DROP.write_text("3")
    else:
        for path in _files(folder):
            path.read_bytes()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _copy(folder: Path, to: Path) -> None:
    subprocess.run(["cp", "-r", str(folder), str(to)], check=True)
    subprocess.run(["sync", *map(str, _files(to))], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure backups.")
    parser.add_argument("--mb", type=int, default=MEGABYTES)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    measure(chosen.mb, chosen.keep)
