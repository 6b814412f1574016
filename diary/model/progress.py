"""How far a long piece of work has come, and the way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of `task`; total None when it is not known."""

    task: str
    done: int
    total: int | None


Report = Callable[[Progress], None]
"""Called from the working thread; must return at once."""

Cancelled = Callable[[], bool]
"""Polled by long work; True asks it to stop at the next safe point."""


def silent(_: Progress) -> None:
    """A Report that nobody reads."""


def never() -> bool:
    """A Cancelled that never asks to stop."""
    return False
