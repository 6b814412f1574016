"""What is typed before the screen stands: not shown, and kept for it.

Starting takes half a second, and so does locking, in which the program is executed anew. Until the screen has
the terminal, the terminal would show what is typed: the passphrase, left in the scrollback for anybody. So
the screen's first act is to switch off echo, and line editing with it, since an edited line arrives with
another Enter than the one that a screen waits for. Ctrl-C goes on working.

How the terminal was is told to the next image of the process in one variable of the environment: it would
find it quiet, and leave it so in the end. Standard library only: this is imported before anything else.
"""

from __future__ import annotations

import atexit
import os
import sys
import termios
from contextlib import suppress

VARIABLE = "DIARY_TERMINAL"
"""Environment variable, set across an execution anew only: the terminal's input and local flags before."""

_INPUT, _LOCAL = 0, 3  # in what termios.tcgetattr lists


def keep_quiet() -> None:
    """Switch echo off until the process ends, where standard input is a terminal; never fails."""
    told = os.environ.pop(VARIABLE, "")
    if not sys.stdin or not sys.stdin.isatty():
        return
    terminal = sys.stdin.fileno()
    with suppress(termios.error):
        modes = termios.tcgetattr(terminal)
        before = _flags(told) or (modes[_INPUT], modes[_LOCAL])
        modes[_INPUT] &= ~termios.ICRNL
        modes[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(terminal, termios.TCSANOW, modes)
        _State.before = before
        atexit.register(_restore, terminal)


def hand_over() -> None:
    """Tell the next image of this process how the terminal was; to be called right before `execv`."""
    if _State.before is not None:
        os.environ[VARIABLE] = f"{_State.before[0]}:{_State.before[1]}"


class _State:
    """There is one terminal for a process."""

    before: tuple[int, int] | None = None


def _flags(told: str) -> tuple[int, int] | None:
    numbers = [int(part) for part in told.split(":") if part.isdecimal() and len(part) < 12]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _restore(terminal: int) -> None:
    if _State.before is not None:
        with suppress(termios.error):
            modes = termios.tcgetattr(terminal)
            modes[_INPUT], modes[_LOCAL] = _State.before
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
