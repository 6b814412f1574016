"""The table that the figures are printed in, and the ways of measuring them.

A figure is compared with the plain library in the same run: a busy machine slows both. Times are wall-clock;
where several are given they are the median and the 95th percentile.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line.

    :ivar plain: the plain library's figure, in the same unit. :ivar ratio: how many times better ours is.
    :ivar goal: what was promised, in words. :ivar met: whether it is kept; None where nothing was promised.
    """

    what: str
    ours: str
    plain: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x"
        kept = {None: "", True: "  kept", False: "  MISSED"}[self.met]
        return f"{self.what:<50} {self.ours:>17} {self.plain:>19} {ratio:>9}  {self.goal}{kept}".rstrip()


def show(figures: Iterable[Figure]) -> None:
    """Print each figure as it comes."""
    for figure in figures:
        print(figure, flush=True)


def heading(title: str, *, plain: str = "") -> None:
    """Begin a part of the table.

    :param plain: what stands in the column of the plain library.
    """
    print(f"\n{title:<50} {'ours':>17} {plain:>19} {'ratio':>9}  goal", flush=True)


def times_ms(work: Callable[[], object], runs: int) -> list[float]:
    """How long the work takes each time, in milliseconds."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return found


def median_ms(work: Callable[[], object], runs: int = 5) -> float:
    """The median time of the work, in milliseconds."""
    return statistics.median(times_ms(work, runs))


def alternating_ms(ours: Callable[[], object], plain: Callable[[], object], runs: int) -> tuple[float, float]:
    """The medians of two works that take turns, so that whatever else the machine does meets both."""
    pairs = [(times_ms(ours, 1)[0], times_ms(plain, 1)[0]) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def processor_seconds(*processes: int) -> float:
    """Seconds that the threads of these processes have run; 0 where the kernel does not count them.

    What a busy machine makes them wait is not in it.
    """
    found = 0.0
    for process in processes:
        for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
            found += int(task.read_text(encoding="ascii").split()[0]) / 1e9
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def middle_and_95(milliseconds: Sequence[float]) -> str:
    """`p50 / p95 ms`."""
    return f"{statistics.median(milliseconds):.1f} / {percentile(milliseconds, 0.95):.1f} ms"
