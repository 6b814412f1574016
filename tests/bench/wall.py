"""What the wall costs: the quick check of every start, and the full one with all routes and their children.

As the program says it of itself, in processes of their own; the middle and the 95th percentile.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Figure, heading, middle_and_95, percentile, show
from tests.end_to_end.conftest import PROGRAM, Home

QUICK, FULL = 30, 15
QUICK_GOAL, FULL_GOAL = 5, 300
"""Milliseconds, as issue 6 asks."""


def measure() -> None:
    """Print the figures."""
    heading("The wall")
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as temporary:
        show(_figures(Home(Path(temporary))))


def _figures(home: Home) -> Iterator[Figure]:
    home.path.mkdir(exist_ok=True)
    quick = [_checked(home, "--quick")["quick_ms"] for _ in range(QUICK)]
    yield _figure(f"laid and tried, as at every start ({QUICK} times)", quick, QUICK_GOAL)
    full = [_checked(home)["full_ms"] for _ in range(FULL)]
    yield _figure(f"31 ways out, behind both walls ({FULL} times)", full, FULL_GOAL)


def _checked(home: Home, *words: str) -> dict[str, float]:
    command = [str(PROGRAM), "--json", "policy", "check", *words]
    ran = subprocess.run(command, env=home.environment(), capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _figure(what: str, times: list[float], most: int) -> Figure:
    return Figure(
        what=what, ours=middle_and_95(times), goal=f"p50 < {most} ms", met=percentile(times, 0.5) < most
    )
