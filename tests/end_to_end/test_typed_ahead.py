"""What is typed before the screen stands is not shown and reaches it; the terminal is left as found."""

from __future__ import annotations

import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.kernel.seccomp import MOST_FILTERS
from tests.air_gap.sealed import MANY_FILTERS, ROOT
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal


@pytest.fixture
def screen(home: Home) -> Iterator[Terminal]:
    home.json("write", "One entry.")
    terminal = Terminal([str(PROGRAM)], home.environment())
    try:
        yield terminal
    finally:
        terminal.end()


def modes(terminal: Terminal) -> list[Any]:
    return termios.tcgetattr(terminal._ours)


def wait_for_quiet(terminal: Terminal) -> None:
    deadline = time.monotonic() + 30
    while modes(terminal)[3] & termios.ECHO:
        assert time.monotonic() < deadline, "the terminal went on showing what is typed"
        time.sleep(0.002)


HELD = """
import builtins, os, sys, time
go = sys.argv.pop(1)
real = builtins.__import__
def held(name, *rest, **more):
    if name == "diary.cli.main":
        builtins.__import__ = real
        os.write(1, b"closed, and nothing else yet")
        while not os.path.exists(go):
            time.sleep(0.01)
    return real(name, *rest, **more)
from diary.__main__ import main
builtins.__import__ = held
sys.exit(main())
"""
"""The program, held where its network is closed and before it imports the rest, until a file is there."""


def test_a_passphrase_typed_before_the_screen_stands_is_not_shown_and_opens_the_diary(
    home: Home, tmp_path: Path
) -> None:
    home.json("write", "One entry.")
    go = tmp_path / "go"
    screen = Terminal([sys.executable, "-P", "-c", HELD, str(go)], home.environment())
    try:
        screen.sees("nothing else yet")
        assert not modes(screen)[3] & (termios.ECHO | termios.ICANON)
        screen.types(PASSPHRASE + "\r")
        go.touch()
        screen.sees("1 entry")
    finally:
        screen.end()
    assert PASSPHRASE not in screen.written


def test_a_passphrase_typed_while_it_locks_is_not_shown_and_opens_the_diary(screen: Terminal) -> None:
    screen.sees("assphrase")
    screen.types(PASSPHRASE + "\r")
    screen.sees("1 entry")
    locked = len(screen.written)
    screen.types("\x0c")
    time.sleep(0.3)  # somewhere while the process is executed anew: it holds at any moment
    screen.types(PASSPHRASE + "\r")
    screen.sees("1 entry", after=locked)
    assert PASSPHRASE not in screen.written


def test_a_diary_locked_too_often_for_its_wall_ends_with_a_sentence_and_a_terminal_that_echoes(
    home: Home,
) -> None:
    home.json("write", "One entry.")
    before = [sys.executable, "-c", MANY_FILTERS, str(MOST_FILTERS - 1), str(PROGRAM)]
    terminal = Terminal(before, home.environment() | {"PYTHONPATH": str(ROOT)})
    try:
        terminal.sees("assphrase")
        terminal.types(PASSPHRASE + "\r")
        terminal.sees("1 entry")
        terminal.types("\x0c")
        terminal.sees("Start it again.")
        assert terminal.process.wait(20) == 1
        assert modes(terminal)[3] & termios.ECHO
    finally:
        terminal.end()


def test_the_terminal_is_left_as_it_was_found_after_locking_too(screen: Terminal) -> None:
    wait_for_quiet(screen)
    screen.sees("assphrase")
    screen.types(PASSPHRASE + "\r")
    screen.sees("1 entry")
    locked = len(screen.written)
    screen.types("\x0c")
    screen.sees("assphrase", after=locked)
    screen.types("\x11")
    screen.process.wait(20)
    left = modes(screen)
    assert left[3] & termios.ECHO
    assert left[3] & termios.ICANON
    assert left[0] & termios.ICRNL
