"""The real screen has one recorder, which outlives the lock and not the diary."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal


@pytest.fixture
def screen(home: Home, tmp_path: Path) -> Iterator[Terminal]:
    """Where a sound server seems to listen; an idle recorder does not try."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        hearing = dataclasses.replace(home, more={"PULSE_SERVER": f"unix:{tmp_path}/native"})
        terminal = Terminal([str(PROGRAM)], hearing.environment())
        try:
            terminal.sees("assphrase")
            terminal.types(PASSPHRASE + "\r")
            terminal.sees("Speak")  # the journal is open; "Quit" stands on the locked screen too
            yield terminal
        finally:
            terminal.end()


def recorders(parent: int) -> list[int]:
    """The running recorders that this process, or its former images, started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # ended meanwhile
            if int(stat[1]) == parent and b"diary.recorder" in command and stat[0] != "Z":
                found.append(int(folder.name))
    return found


def test_the_recorder_of_the_screen_outlives_the_lock_and_not_the_diary(screen: Terminal) -> None:
    (before,) = recorders(screen.process.pid)
    written = len(screen.written)
    screen.types("\x0c")
    screen.sees("assphrase", after=written)
    assert recorders(screen.process.pid) == [before]
    screen.types(PASSPHRASE + "\r")
    screen.process.kill()
    screen.process.wait(30)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{before}/stat").exists() and " Z " not in Path(f"/proc/{before}/stat").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
