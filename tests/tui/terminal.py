"""A real (pseudo) terminal with a program on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from time import monotonic


class Terminal:
    """A program on a pseudo terminal of 80 by 24.

    :param command: the program and its arguments.
    :param environment: its whole environment, but for the terminal's kind.
    :param controlling: whether it is the one that belongs to the program, whose end is told by a signal.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, controlling: bool = False
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            list(command),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"},
            start_new_session=True,
            preexec_fn=_take_terminal if controlling else None,
        )
        os.close(theirs)
        self._hung_up = False
        self.written = ""

    def sees(self, words: str, *, after: int = 0) -> None:
        deadline = monotonic() + 30
        while words not in self.written[after:]:
            assert monotonic() < deadline, f"{words!r} was never written; the end is {self.written[-800:]!r}"
            ready, _, _ = select.select([self._ours], [], [], 0.2)
            if ready:
                try:
                    self.written += os.read(self._ours, 65536).decode(errors="replace")
                except OSError:  # the other side is closed
                    assert words in self.written[after:], repr(self.written[-800:])

    def reads_all(self) -> None:
        """Take in what was written, until nothing more comes."""
        while select.select([self._ours], [], [], 0.3)[0]:
            self.written += os.read(self._ours, 65536).decode(errors="replace")

    def resizes(self, rows: int, columns: int) -> None:
        """Have everything drawn anew."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def types(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def hang_up(self) -> None:
        self._hung_up = True
        os.close(self._ours)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        if not self._hung_up:
            self.hang_up()


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
