"""The terminal, when it goes away or wants the program to stop: neither may leave an open diary behind.

Textual's own driver stops the process as it is, key and all, goes on reading a terminal that was hung up as
fast as it can, and waits for ever to write to it. Here a stop is left to the app, which locks first; a
terminal that is gone takes what is written to it in silence, and is told to the app.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, Final, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver

_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


class LeavesByItself(Protocol):
    """What the app does about it; called on its own loop."""

    def stop_asked(self) -> None:
        """The program is to stop (SIGTSTP)."""

    def gone_on(self) -> None:
        """It was stopped, by a signal that cannot be caught, and goes on (SIGCONT)."""

    def hung_up(self) -> None:
        """There is no terminal any more."""


class _Forgiving:
    """A terminal to write to, which may go away."""

    def __init__(self, terminal: IO[str]) -> None:
        self._terminal = terminal

    def write(self, text: str) -> None:
        with self._or_nowhere():
            self._terminal.write(text)

    def flush(self) -> None:
        with self._or_nowhere():
            self._terminal.flush()

    @contextmanager
    def _or_nowhere(self) -> Iterator[None]:
        """What the terminal does not take any more goes nowhere, now and when the program ends."""
        try:
            yield
        except OSError:
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._terminal.fileno())
                os.close(nowhere)

    def fileno(self) -> int:
        return self._terminal.fileno()


class TerminalDriver(LinuxDriver):
    """Textual's driver, for an app that `LeavesByItself`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 -- Textual's own, passed on
        super().__init__(*arguments, **named)
        self._file = cast("Any", _Forgiving(cast("IO[str]", self._file)))

    @property
    def _leaver(self) -> LeavesByItself:
        return cast("LeavesByItself", self._app)

    @property
    def is_gone(self) -> bool:
        """Whether the terminal was hung up, or a pipe in its place ended; no signal is needed to know."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        return any(what & _GONE for _, what in poll.poll(0))

    def start_application_mode(self) -> None:
        """As Textual does. Afterwards, from the background, restoring the terminal stops nobody."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's
        for number in (signal.SIGTTOU, signal.SIGTTIN):
            signal.signal(number, signal.SIG_IGN)

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._leaver.stop_asked)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._leaver.gone_on)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._loop.call_soon_threadsafe(self._leaver.hung_up)
        except BaseException:  # as Textual: the app ends with its sentence
            self._app.call_later(self._app.panic)
