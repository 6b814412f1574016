"""Starts the child, watches the tree around it, and says what it found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).parents[2]


@dataclass
class Findings:
    """:ivar told: what the child said of each target. :ivar wrong: sentences; empty when all is well."""

    told: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def fuzz(names: Sequence[str], root: Path, *, cases: int, seed: int = 1, first: int = 0) -> Findings:
    """Run so many cases of each of these targets in one child with a home, a working folder and a staging
    area of its own; only the last may be changed.
    """
    for name in ("home", "work", "staging"):
        (root / name).mkdir(exist_ok=True)
    (root / "case").write_bytes(b"")
    (root / "home" / "canary").write_text("was here before")
    before = tree(root)
    environment = {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "staging"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": "Europe/Berlin",
        "PYTHONPATH": str(_REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.child", str(root), str(seed), str(first), str(cases), *names],
        cwd=root / "work",
        env=environment,
        capture_output=True,
        text=True,
    )
    found = Findings()
    for line in ran.stdout.splitlines():
        told = json.loads(line)
        found.told.append(told)
        found.wrong += [f"{told['target']} case {one['case']}: {one['fault']}" for one in told["wrong"]]
    if ran.returncode:
        case = (root / "case").read_text().strip()
        hung = ran.returncode == -signal.SIGPROF
        why = "took longer than it may" if hung else f"ended with {ran.returncode}: {ran.stderr[-2000:]}"
        found.wrong.append(f"{case or 'before the first case'}: {why}")
    elif len(found.told) != len(names) or any(one["cases"] != cases for one in found.told):
        found.wrong.append("not every case was run")
    if (changed := tree(root)) != before:
        found.wrong.append(
            f"written outside the staging area: {sorted(changed.symmetric_difference(before))}"
        )
    return found


def tree(root: Path) -> set[tuple[str, int, int]]:
    """Every file and folder but the staging area: its name, size and time of change."""
    found = set()
    for path in root.rglob("*"):
        if path.name == "case" or path.is_relative_to(root / "staging"):
            continue
        status = path.lstat()
        found.add((str(path.relative_to(root)), status.st_size, status.st_mtime_ns))
    return found
