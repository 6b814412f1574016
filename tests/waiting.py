"""Waiting in tests: for a fact, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds; a loaded machine is slow, and a fact that comes at once is not waited for."""


def until(fact: Callable[[], object], what: str = "the awaited fact") -> None:
    """Return as soon as it holds."""
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.002)
