"""A range of days, as a question names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Days from `start` to `end`, both included; None leaves that side open.

    :ivar phrase: the words of the question it was read from, or empty.
    """

    start: date | None
    end: date | None
    phrase: str = ""

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start > self.end:
            raise ValueError("a range ends before it starts")

    def contains(self, day: date) -> bool:
        """Whether `day` lies in the range."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)
