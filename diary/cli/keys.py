"""Keys pressed while something runs, without Enter; Ctrl-C as a question instead of an end.

On a terminal one key is read at a time and not shown. Elsewhere there are no keys: the end of standard input
is told, for a program that holds it open for as long as it wants to go on.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
import tty
from types import FrameType
from typing import Any, Self

END = "\x04"
"""Ctrl-D, and the end of standard input."""

_BLOCK = 4096


class Interrupts:
    """Inside `with`, Ctrl-C ends nothing: it is noted, to be answered where that can be done well. A second
    one before that ends the program, as everywhere.
    """

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt
        self._came = True

    def came(self) -> bool:
        """Whether Ctrl-C was pressed since the last call of `answered`."""
        return self._came

    def answered(self) -> None:
        """Look for the next."""
        self._came = False


class Keys:
    """Reads keys inside `with`; the terminal is as before after it.

    :param until_end: without a terminal, whether the end of standard input is looked for.
    :ivar terminal: whether somebody can press keys.
    """

    def __init__(self, *, until_end: bool) -> None:
        self.terminal = sys.stdin is not None and sys.stdin.isatty()
        self._watches = self.terminal or until_end
        self._settings: Any = None
        self._suspends: Any = None

    def __enter__(self) -> Self:
        # Suspended, the program would hear nothing and look as if it did.
        self._suspends = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        if self.terminal:
            self._settings = termios.tcgetattr(sys.stdin.fileno())
            tty.setcbreak(sys.stdin.fileno())
        return self

    def __exit__(self, *_: object) -> None:
        if self._settings is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._settings)
        signal.signal(signal.SIGTSTP, self._suspends)

    def pressed(self, timeout: float) -> str | None:
        """The next key, END at the end of standard input, or None when none came in so many seconds."""
        if not self._watches:
            time.sleep(timeout)
            return None
        if sys.stdin is None:
            return END
        if not select.select([sys.stdin], [], [], timeout)[0]:
            return None
        untrusted_bytes = os.read(sys.stdin.fileno(), 1 if self.terminal else _BLOCK)
        if not untrusted_bytes:
            return END
        return untrusted_bytes.decode(errors="replace") if self.terminal else None
