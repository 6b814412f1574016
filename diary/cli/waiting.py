"""Waiting for what somebody types or sends while the diary is open.

Under a clinic's policy that locks an idle screen, a batch that is sent no line and a question that nobody
answers end likewise: they hold the key too. What was asked before is answered. Without a policy it waits for
ever, as a pipe does.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from diary.errors import DiaryError
from diary.rules import Effective

RULE = "lock.after_minutes"
_NO_LINE = ("No line came", "Every line before was answered.")
_NO_ANSWER = ("Nobody answered", "Nothing was changed.")


class LockedMeanwhile(DiaryError):
    """Nobody typed or sent anything for too long."""

    code = "locked"


def lines(clinic: Effective) -> Iterator[str]:
    """Each line of standard input that holds something.

    :raises LockedMeanwhile: when none came for as long as the policy lets a screen be idle.
    """
    again = "Start it again, and end its input when there is no more to ask."
    while line := _within(clinic, sys.stdin.readline, _NO_LINE, again):
        if line.strip():
            yield line


def answered(clinic: Effective, ask: Callable[[], str]) -> str:
    """What the person answers to what is asked before anything is changed.

    :raises LockedMeanwhile: when there was no answer for as long as the policy lets a screen be idle.
    """
    return _within(clinic, ask, _NO_ANSWER, "Give the command again.")


def _within(clinic: Effective, ask: Callable[[], str], missing: tuple[str, str], again: str) -> str:
    minutes = clinic.number(RULE)
    if not minutes:
        return ask()
    nothing, otherwise = missing

    def over(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise LockedMeanwhile(
            f"{nothing} for {_counted(minutes)}, so the diary was closed, as the policy of "
            f"“{clinic.clinic}” asks ({RULE}). {otherwise}",
            hint=again,
        )

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, 60 * minutes)
    try:
        return ask()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _counted(minutes: int) -> str:
    return "a minute" if minutes == 1 else f"{minutes} minutes"
