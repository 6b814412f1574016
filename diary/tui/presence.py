"""Whether somebody is there, and whether the machine slept meanwhile: two clocks of the kernel, no widgets.

The wall clock is set by people and programs; the diary locks by clocks that nobody sets. CLOCK_BOOTTIME goes
on while the machine sleeps, CLOCK_MONOTONIC stands still: what is between them grows by each sleep, and by
nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

SHORTEST_SLEEP: Final = 1.0
"""Seconds; a sleep that is shorter is none."""


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _awake() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds since the machine was started: with the time it slept, and without."""

    since_boot: Callable[[], float] = _since_boot
    awake: Callable[[], float] = _awake


@dataclass
class Presence:
    """When somebody was last there, and how long the machine had slept when that was last looked at."""

    clocks: Clocks
    _seen: float = field(init=False)
    _asleep: float = field(init=False)

    def __post_init__(self) -> None:
        self.touch()
        self.wake()

    def touch(self) -> None:
        """Somebody is there."""
        self._seen = self.clocks.since_boot()

    @property
    def idle(self) -> timedelta:
        """For how long nobody was; a closed lid counts."""
        return timedelta(seconds=self.clocks.since_boot() - self._seen)

    @property
    def slept(self) -> bool:
        """Whether the machine slept since the beginning, or since `wake`."""
        return self._time_asleep() - self._asleep >= SHORTEST_SLEEP

    def wake(self) -> None:
        """What was slept until now is dealt with."""
        self._asleep = self._time_asleep()

    def _time_asleep(self) -> float:
        # In this order: a processor that is taken away between the two makes it shorter, never longer.
        since_boot = self.clocks.since_boot()
        return since_boot - self.clocks.awake()
