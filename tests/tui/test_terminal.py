"""The screen on a real (pseudo) terminal: how the program ends, and what it writes to the terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.tui.terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal([sys.executable, "-m", "tests.tui.terminal_program"], os.environ)
    try:
        terminal.sees("assphrase")  # the cursor stands on its first letter
        terminal.types("anything\r")
        terminal.sees("leeks")
        yield terminal
    finally:
        terminal.end()


def test_locking_closes_the_diary_and_then_calls_lock_though_an_answer_is_under_way(
    terminal: Terminal,
) -> None:
    terminal.types("a")
    terminal.sees("Enter asks.")
    terminal.types("waiting\r")
    terminal.sees("Searching")
    terminal.types("\x0c")
    terminal.sees("LOCKED closed True")
    assert "\x1b[?1049l" in terminal.written.split("LOCKED")[0], "the terminal was restored before"
    terminal.sees("ENDED 0 closed True")


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGHUP])
def test_a_signal_to_end_keeps_the_words_typed_in_the_last_instant(
    terminal: Terminal, number: signal.Signals
) -> None:
    terminal.types("n")
    terminal.sees("egin anywhere.")
    terminal.types("last words")
    terminal.sees("typing")
    terminal.process.send_signal(number)
    terminal.sees("KEPT ['last words']")
    terminal.sees("ENDED 0 closed True")


def test_neither_the_title_nor_the_clipboard_of_the_terminal_is_written(terminal: Terminal) -> None:
    terminal.types("e")
    terminal.sees("Edit")
    terminal.sees("steps:: 9400")
    terminal.types("\x1b[1;2A\x1b[1;2A\x03")  # two lines selected, and copied
    terminal.types("\x11")
    terminal.sees("ENDED 0")
    for steering in ("\x1b]52", "\x1b]0;", "\x1b]1;", "\x1b]2;"):
        assert steering not in terminal.written
