"""Locking and ending the real screen: by command, by itself, by signals, and when its terminal goes away."""

from __future__ import annotations

import dataclasses
import mmap
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from diary.tui.drafting import decode
from diary.vault.unlocking import unlock_header
from diary.vault.vault import Vault
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.end_to_end.memory_scan import children, copies, forms_of_key, forms_of_words, holds_any
from tests.tui.terminal import Terminal

HOLDS = "import sys; held = sys.stdin.buffer.read(51); print('on', flush=True); input()"
CANARY = "ptarmigan-under-the-larch"


class Screen(Terminal):
    """The real program on a terminal, with clocks that can be moved and a recorder that has nothing to do."""

    def __init__(self, home: Home, command: list[str], *, controlling: bool = False) -> None:
        self.home = home
        self._clocks = movable_clocks(home.vault)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(home.path / "native"))
        surroundings = dataclasses.replace(
            home,
            more={
                "PULSE_SERVER": f"unix:{home.path}/native",
                "LD_PRELOAD": str(home.vault / "clocks.so"),
                "MOVABLE_CLOCKS": str(home.vault / "clocks"),
            },
        ).environment()
        super().__init__(command, surroundings, controlling=controlling)
        self.sees("assphrase")  # the cursor stands on its first letter

    def unlock(self) -> None:
        before = len(self.written)
        self.types(PASSPHRASE + "\r")
        self.sees("1 entry", after=before)
        self.sees(CANARY, after=before)

    def sleeps(self, seconds: float = 0.0, *, awake: float = 0.0) -> None:
        """Time goes on by so much more; the memory that the preloaded clocks read is this."""
        before = struct.unpack_from("dd", self._clocks)
        struct.pack_into("dd", self._clocks, 0, before[0] + awake, before[1] + seconds)

    def locked(self, after: int) -> None:
        self.sees("assphrase", after=after)

    def end(self) -> None:
        super().end()
        self._socket.close()


def movable_clocks(folder: Path) -> mmap.mmap:
    """The library and its file, in the folder that the wall leaves open, for each fresh image needs them."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    source = Path(__file__).with_name("movable_clocks.c")
    library = folder / "clocks.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    (folder / "clocks").write_bytes(bytes(16))
    with (folder / "clocks").open("r+b") as file:
        return mmap.mmap(file.fileno(), 16)


@pytest.fixture
def full_home(home: Home) -> Home:
    home.json("write", "-", stdin=f"Saw a {CANARY} today.")
    config = home.path / ".config/diary/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[screen]\nlock_after_minutes = 1\n")
    return home


@pytest.fixture
def screen(full_home: Home) -> Iterator[Screen]:
    screen = Screen(full_home, [str(PROGRAM)], controlling=True)
    try:
        screen.unlock()
        yield screen
    finally:
        screen.end()


def filters(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("Seccomp_filters")]
    return int(line.split()[1])


def lock(screen: Screen, way: str) -> None:
    """Lock; after a sleep nothing that the diary holds is drawn on the way."""
    screen.reads_all()
    before = len(screen.written)
    match way:
        case "command":
            screen.types("\x0c")
        case "sleep":
            screen.sleeps(5.0)
            screen.resizes(30, 100)
        case "idle":
            screen.sleeps(awake=61.0)
        case "continued":
            screen.process.send_signal(signal.SIGSTOP)
            screen.process.send_signal(signal.SIGCONT)
        case "stop":
            screen.process.send_signal(signal.SIGTSTP)  # in a group that no shell watches it does not stop
    screen.locked(before)
    if way == "sleep":
        assert CANARY not in screen.written[before:]


def test_locking_keeps_the_process_and_its_wall_and_asks_again(screen: Screen) -> None:
    process = screen.process.pid
    wall = filters(process)
    # Settings that came after the start are read by the fresh image, which lays its own filter before the
    # wall that it stands behind already.
    config = screen.home.path / ".config/diary/config.toml"
    config.write_text("[screen]\nlock_after_minutes = 7\n")
    for more in (1, 2):
        lock(screen, "command")
        assert screen.process.poll() is None
        assert filters(process) == wall + more
        screen.unlock()


@pytest.mark.parametrize(
    "ways",
    [
        ("sleep",),
        pytest.param(("command", "idle", "continued", "stop", "sleep"), marks=pytest.mark.slow),
    ],
)
def test_a_locked_diary_has_no_copy_of_its_words_or_its_passphrase_in_memory(
    screen: Screen, ways: tuple[str, ...]
) -> None:
    process = screen.process.pid
    key = bytes(unlock_header(screen.home.vault, PASSPHRASE)[0].secret[:32])
    keys, passphrase, words = forms_of_key(key), forms_of_words(PASSPHRASE), forms_of_words(CANARY)
    started = {pid for pid, _ in children(process)}
    for way in ways:
        try:
            assert holds_any(process, keys) and holds_any(process, words), "what is open has them"
        except PermissionError:
            pytest.skip("only root may look into a process that is not dumpable")
        helpers = [pid for pid, _ in children(process)]
        assert not copies(helpers, keys | passphrase), "an engine or the recorder never has a key"
        lock(screen, way)
        left = children(process)
        assert [command for _, command in left if "diary.recorder" not in command] == [], "engines are gone"
        assert len(left) == 1 and {pid for pid, _ in left} <= started, "the recorder is the one from before"
        everything = keys | passphrase | {f"words: {name}": form for name, form in words.items()}
        assert copies([process, *(pid for pid, _ in left)], everything) == {}
        screen.unlock()


def drafts(home: Home) -> list[str]:
    with Vault.unlock(home.vault, PASSPHRASE) as vault:
        return [decode(draft.text).text for draft in vault.drafts.list()]


def typing(screen: Screen, words: str) -> None:
    screen.types("n")
    screen.sees("egin anywhere.")
    screen.types(words)
    screen.sees("typing")
    screen.reads_all()  # it says so at the first letter


@pytest.mark.parametrize("controlling", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_terminal_that_goes_away_ends_the_diary_and_keeps_the_last_words(
    full_home: Home, controlling: bool
) -> None:
    """With a signal, as when ssh drops; and without, as under nohup."""
    screen = Screen(full_home, [str(PROGRAM)], controlling=controlling)
    try:
        screen.unlock()
        typing(screen, "as the line broke")
        screen.hang_up()
        assert screen.process.wait(20) == 0
    finally:
        screen.end()
    assert drafts(full_home) == ["as the line broke"]


@pytest.mark.slow
def test_a_signal_to_end_keeps_the_last_words(screen: Screen) -> None:
    typing(screen, "as the machine went down")
    screen.process.terminate()
    assert screen.process.wait(20) == 0
    assert drafts(screen.home) == ["as the machine went down"]


def test_a_diary_that_a_shell_stops_is_locked_before_it_stops(full_home: Home) -> None:
    shell = [sys.executable, "-m", "tests.tui.job_control", str(PROGRAM)]
    screen = Screen(full_home, shell)
    try:
        ((diary, _),) = children(screen.process.pid)
        screen.unlock()
        typing(screen, "as the shell said stop")
        before = len(screen.written)
        os.kill(diary, signal.SIGTSTP)
        screen.sees(f"JOB STOPPED by {signal.SIGTSTP.value}", after=before)
        assert "\x1b[?1049l" in screen.written[before:].split("JOB STOPPED")[0], "the shell's screen is back"
        assert drafts(full_home) == ["as the shell said stop"], "nobody has the diary open"
        with_the_words = forms_of_words(CANARY) | forms_of_words(PASSPHRASE)
        with suppress(PermissionError):  # only root may look; that nobody has it open was seen
            assert copies([diary], with_the_words) == {}
        before = len(screen.written)
        screen.process.send_signal(signal.SIGUSR1)
        screen.locked(before)
        screen.unlock()
    finally:
        screen.end()


def test_a_scan_finds_what_stands_in_a_memory() -> None:
    held = b"\x01" + CANARY.encode("utf-16-le")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(held)
        child.stdin.flush()
        child.stdout.readline()
        deadline = time.monotonic() + 20
        while not (found := copies([child.pid], forms_of_words(CANARY))):
            assert time.monotonic() < deadline
        assert set(found) == {"UTF-16, Python's two bytes a letter"}
        child.kill()
