"""The lines of a batch, from standard input, for as long as somebody sends some.

Under a clinic's policy that locks an idle screen an idle batch ends likewise: it holds the key too, and what
was asked before is answered. Without one it waits for ever, as a pipe does.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from diary.errors import DiaryError
from diary.rules import Effective

RULE = "lock.after_minutes"


class LockedMeanwhile(DiaryError):
    """Nobody sent a line for too long."""

    code = "locked"


def lines(clinic: Effective) -> Iterator[str]:
    """Each line that holds something.

    :raises LockedMeanwhile: when none came for as long as the policy lets a screen be idle.
    """
    minutes = clinic.number(RULE)

    def over(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise LockedMeanwhile(
            f"No line came for {minutes} minutes, so the diary was closed, as the policy of "
            f"“{clinic.clinic}” asks ({RULE}). Every line before was answered.",
            hint="Start it again, and end its input when there is no more to ask.",
        )

    before = signal.signal(signal.SIGALRM, over)
    try:
        while line := _line(60 * minutes if minutes else 0):
            if line.strip():
                yield line
    finally:
        signal.signal(signal.SIGALRM, before)


def _line(seconds: int) -> str:
    signal.setitimer(signal.ITIMER_REAL, seconds)  # 0 sets none
    try:
        return sys.stdin.readline()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
