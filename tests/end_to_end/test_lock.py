"""Locking the real screen: a fresh image of the same process, the same wall, nothing kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal

CANARY = "ptarmigan-under-the-larch"


@pytest.fixture
def screen(home: Home) -> Iterator[Terminal]:
    home.json("write", "-", stdin=f"Saw a {CANARY} today.")
    terminal = Terminal([str(PROGRAM)], home.environment())
    try:
        terminal.sees("assphrase")  # the cursor stands on its first letter
        terminal.types(PASSPHRASE + "\r")
        terminal.sees("1 entry")
        yield terminal
    finally:
        terminal.end()


def filters(process: int) -> str:
    status = Path(f"/proc/{process}/status").read_text()
    return next(line for line in status.splitlines() if line.startswith("Seccomp_filters"))


def copies_in_memory(process: int, words: bytes) -> int:
    """How often the words stand in the process's memory; readable by root only, since it is not dumpable."""
    found = 0
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "r" not in rights or line.rstrip().endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                found += memory.read(end - start).count(words)
            except (OSError, ValueError):
                continue
    return found


def lock(screen: Terminal) -> None:
    before = len(screen.written)
    screen.types("\x0c")
    screen.sees("assphrase", after=before)


def test_locking_keeps_the_process_and_its_wall_and_asks_again(screen: Terminal, home: Home) -> None:
    process = screen.process.pid
    wall = filters(process)
    # Settings that came after the start are read by the fresh image, which stands behind the wall already.
    config = home.path / ".config/diary/config.toml"
    config.write_text("[screen]\nlock_after_minutes = 7\n")
    for _ in range(2):
        lock(screen)
        assert screen.process.poll() is None
        assert filters(process) == wall
        before = len(screen.written)
        screen.types(PASSPHRASE + "\r")
        screen.sees("1 entry", after=before)


def test_a_locked_diary_has_no_copy_of_its_words_or_its_passphrase_in_memory(screen: Terminal) -> None:
    process = screen.process.pid
    try:
        assert copies_in_memory(process, CANARY.encode()) > 0
    except PermissionError:
        pytest.skip("only root may look into a process that is not dumpable")
    lock(screen)
    assert copies_in_memory(process, CANARY.encode()) == 0
    assert copies_in_memory(process, PASSPHRASE.encode()) == 0
