"""How many threads write fastest: tried, since it depends on the machine.

Writing waits for memory, which a few threads use up; more of them only wait for each other. Reading computes,
and takes all that are left to it. One core is always left to others: with a thread on every core, any other
program brings llama.cpp from 59 to 0.4 tokens a second (measured, two cores).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

_MOST_SECONDS = 1.0
_TRIES = 3
_AS_FAST = 1.1
"""So many times the best time counts as good: fewer threads leave more to others."""


def free_cores() -> int:
    """Cores this process may use, less one; at least one."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


def candidates(cores: int) -> list[int]:
    """Numbers of threads worth trying: the powers of two below, and all."""
    return sorted({cores, *(1 << power for power in range(cores.bit_length()) if 1 << power <= cores)})


def measured(counts: list[int], step: Callable[[int], None]) -> dict[int, float]:
    """Seconds of the quickest of a few steps with each number of threads, as far as a second reaches.

    :param step: computes one token with so many threads.
    """
    times: dict[int, float] = {}
    began = time.perf_counter()
    for count in counts:
        if times and time.perf_counter() - began > _MOST_SECONDS:
            break
        step(count)  # the first with new threads starts them
        times[count] = min(_timed(step, count) for _ in range(_TRIES))
    return times


def fewest(times: Mapping[int, float]) -> int:
    """The fewest threads that are nearly as fast as the best."""
    best = min(times.values())
    return min(count for count, seconds in times.items() if seconds <= _AS_FAST * best)


def _timed(step: Callable[[int], None], count: int) -> float:
    began = time.perf_counter()
    step(count)
    return time.perf_counter() - began
