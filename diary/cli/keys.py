"""Keys pressed while something runs, without Enter; Ctrl-C as a question instead of an end.

On a terminal one key is read at a time and not shown. Elsewhere there are no keys: the end of standard input
is told, for a program that holds it open for as long as it wants to go on.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from types import FrameType, TracebackType

END = "\x04"
"""Ctrl-D, and the end of standard input."""

_BLOCK = 4096


class Keys:
    """Reads keys inside `with`; the terminal is as before after it.

    :param until_end: without a terminal, whether the end of standard input is looked for.
    :ivar terminal: whether somebody can press keys.
    """

    def __init__(self, *, until_end: bool) -> None:
        self.terminal = sys.stdin is not None and sys.stdin.isatty()
        self._watches = self.terminal or until_end
        self._before: list[object] | None = None
        self._suspends: object = None
        self._interrupted = False
        self._interrupts: object = None

    def __enter__(self) -> Keys:
        self._interrupts = signal.signal(signal.SIGINT, self._interrupt)
        # Suspended, the program would hear nothing and look as if it did.
        self._suspends = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        if self.terminal:
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin.fileno())
            tty.setcbreak(sys.stdin.fileno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._before)
        signal.signal(signal.SIGTSTP, self._suspends)  # type: ignore[arg-type]
        signal.signal(signal.SIGINT, self._interrupts)  # type: ignore[arg-type]

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True

    def interrupted(self) -> bool:
        """Whether Ctrl-C was pressed since the last call of `forgive`."""
        return self._interrupted

    def forgive(self) -> None:
        """Let the Ctrl-C that was pressed be answered."""
        self._interrupted = False

    def pressed(self, timeout: float) -> str | None:
        """The next key, END at the end of standard input, or None after so many seconds or a Ctrl-C."""
        if not self._watches:
            time.sleep(timeout)
            return None
        if sys.stdin is None:
            return END
        ends = time.monotonic() + timeout
        while not self._interrupted and (left := ends - time.monotonic()) > 0:
            # A signal does not end select: Python goes on waiting after the handler.
            if not select.select([sys.stdin], [], [], min(left, 0.1))[0]:
                continue
            untrusted_bytes = os.read(sys.stdin.fileno(), 1 if self.terminal else _BLOCK)
            if not untrusted_bytes:
                return END
            if self.terminal:
                return untrusted_bytes.decode(errors="replace")
        return None
