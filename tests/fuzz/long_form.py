"""The long form: a million broken inputs and more, in one uninterrupted run on all processors.

    python -m tests.fuzz [SHARE]

SHARE is how much of it is run, 1 when it is left out. Which cases are run and what is in them does not depend
on the machine or on the number of processors: a case is made of the seed and its number. What was found, and
figures of each reader, are printed; the status is 1 when anything was wrong.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.running import Findings, fuzz
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

AT_ONCE = 10_000
"""Cases of one child: what one case leaves in the process does not hide in the next for long."""

Piece = tuple[str, int, int]
"""Of a target, from this case on, so many."""


@dataclass
class Told:
    """What came of one target."""

    cases: int = 0
    taken: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, one: dict[str, Any]) -> None:
        self.cases += one["cases"]
        self.taken += one["taken"]
        self.refused += one["refused"]
        self.seconds += one["seconds"]
        self.slowest = max(self.slowest, one["slowest"])

    def line(self, name: str) -> str:
        rate = self.cases / max(self.seconds, 0.001)
        return (
            f"{name:<20} {self.cases:>9,} cases, {self.taken:>9,} taken, {self.refused:>9,} refused, "
            f"{rate:>7,.0f}/s, slowest {self.slowest * 1000:.0f} ms"
        )


@dataclass
class Ran:
    """The whole run. :ivar wrong: sentences; empty when all is well."""

    told: dict[str, Told] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(one.cases for one in self.told.values())


def cases_of(target: Target, share: float = 1.0) -> int:
    """How many the long form has, or this share of it."""
    return max(1, round(target.share * 1000 * share))


def pieces(share: float) -> Iterator[Piece]:
    """What the children are given."""
    for name, target in TARGETS.items():
        cases = cases_of(target, share)
        for first in range(0, cases, AT_ONCE):
            yield name, first, min(AT_ONCE, cases - first)


def run(root: Path, *, share: float = 1.0, seed: int = 1, say: Callable[[str], None] = print) -> Ran:
    """Run this share of it; each child in a folder of its own below `root`."""

    def one(piece: Piece) -> tuple[Piece, Findings]:
        name, first, cases = piece
        with tempfile.TemporaryDirectory(dir=root) as place:
            return piece, fuzz([name], Path(place), cases=cases, seed=seed, first=first)

    ran, todo = Ran({name: Told() for name in TARGETS}), list(pieces(share))
    left = {name: sum(piece[0] == name for piece in todo) for name in TARGETS}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for (name, _, _), found in pool.map(one, todo):
            ran.wrong += found.wrong
            for told in found.told:
                ran.told[name].add(told)
            left[name] -= 1
            if not left[name]:
                say(ran.told[name].line(name))
    return ran


def main() -> int:
    """As the module says."""
    share, started = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        ran = run(Path(root), share=share)
    for sentence in ran.wrong:
        print(sentence)
    minutes = (time.monotonic() - started) / 60
    readers = sum(one.seconds for one in ran.told.values()) / 60
    print(
        f"{ran.cases:,} cases of {len(TARGETS)} readers in {minutes:.1f} minutes on {os.cpu_count()} "
        f"processors, {readers:.1f} of them in the readers: {len(ran.wrong) or 'nothing'} wrong"
    )
    return 1 if ran.wrong else 0
