"""No plaintext: words written through every command are in no file, no argument list, no environment."""

from __future__ import annotations

import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from diary.sample import spoken_sample
from tests.air_gap.tracing import trace
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.end_to_end.every_command import cases, commands
from tests.end_to_end.memory_scan import children


@pytest.fixture
def home(home: Home) -> Home:
    """Opened by its passphrase, each time by the program itself."""
    return replace(home, secret=PASSPHRASE, anew=True)


class ProcessWatch(threading.Thread):
    """Reads the argument lists and environments of all processes that begin meanwhile, again and again, as
    another user of the machine could, and keeps those that hold the canary.
    """

    def __init__(self, *canaries: bytes) -> None:
        super().__init__(daemon=True)
        self.canaries = canaries
        self.seen: list[str] = []
        self.looked = 0
        self._before = _processes()
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            for name in _processes() - self._before:
                self._look(Path("/proc", name))
            self._done.wait(0.02)

    def _look(self, process: Path) -> None:
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue  # it ended, or is not ours to read
            if b"diary" in content:
                self.looked += 1
                if any(canary in content for canary in self.canaries):
                    self.seen.append(f"{name}: {content[:80]!r}")

    def stop(self) -> None:
        self._done.set()
        self.join()


def _processes() -> set[str]:
    return {name for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208  fifty times a second


def files_with(folder: Path, canaries: list[bytes]) -> list[Path]:
    """Every file below the folder that holds one of the canaries, in UTF-8, UTF-16 or as hexadecimal
    digits, or has it in its name.
    """
    forms = [
        form
        for canary in canaries
        for form in (canary, canary.decode().encode("utf-16-le"), canary.hex().encode())
    ]
    return [
        path
        for path in (folder, *folder.rglob("*"))
        if holds(os.fsencode(path.name), forms) or (path.is_file() and holds(path.read_bytes(), forms))
    ]


def last_changes(folder: Path) -> dict[Path, int]:
    """When the kernel saw each file or folder change last, which no program can put back."""
    return {path: path.stat().st_ctime_ns for path in folder.rglob("*")}


def changed_since(before: dict[Path, int], folder: Path) -> list[Path]:
    """What is new or was written to meanwhile."""
    return [path for path, changed in last_changes(folder).items() if before.get(path) != changed]


def holds(content: bytes, forms: list[bytes]) -> bool:
    """Whether one of the forms stands in a file; a large one is read once."""
    return any(form in content for form in forms)


def test_every_command_there_is_has_a_case(tmp_path: Path) -> None:
    """So that a new one is looked at too."""
    assert commands() - {case.command for case in cases("kestrel", tmp_path)} == set()
    assert len(commands()) > 40


@pytest.mark.parametrize("quick", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_canary_through_every_command_is_found_nowhere(home: Home, tmp_path: Path, quick: bool) -> None:
    canary = "kestrel" + secrets.token_hex(6)
    canaries = [canary.encode(), PASSPHRASE.encode()]
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    story = [case for case in cases(canary, outside) if case.command in commands()]
    (outside / "spoken.wav").write_bytes(spoken_sample())

    share = PROGRAM.parents[1] / "share"
    before = last_changes(share)
    watch = ProcessWatch(*canaries)
    watch.start()
    try:
        said = [case.run(home) for case in story if case.quick or not quick]
    finally:
        watch.stop()
    assert sum(canary in words for words in said) >= 4, "it went through, and what was asked for was shown"
    assert watch.looked > 10, "the watch saw no process of ours, so it proves nothing"
    assert watch.seen == []
    assert files_with(home.path, canaries) == []
    assert [path for path in changed_since(before, share) if files_with(path, canaries)] == []
    assert {path.name for path in files_with(outside, canaries)} <= {"in.jsonl", "letter.txt", "plan.ics"}


@pytest.mark.parametrize("number", [signal.SIGABRT, pytest.param(signal.SIGSEGV, marks=pytest.mark.slow)])
def test_a_crash_of_an_engine_and_then_of_the_diary_leaves_no_word_anywhere(
    home: Home, number: signal.Signals
) -> None:
    canary = "kestrel" + secrets.token_hex(6)
    home.json("write", "-", stdin=f"Saw a {canary}.")
    question = json.dumps({"q": f"Where was the {canary}?"}) + "\n"
    with subprocess.Popen(
        [str(PROGRAM), "--passphrase-file", "-", "find", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home.path,
        env=home.environment(),
        preexec_fn=_large_core_files,
    ) as diary:
        assert diary.stdin is not None and diary.stdout is not None and diary.stderr is not None
        diary.stdin.write(f"{PASSPHRASE}\n{question}")
        diary.stdin.flush()
        assert canary in diary.stdout.readline()
        for engine, _ in children(diary.pid):
            os.kill(engine, number)
        diary.stdin.write(question + question)
        diary.stdin.flush()
        # Told as an error, unless the engine's end was seen before it was asked: then another was started.
        told = json.loads(diary.stdout.readline())
        assert told.get("error", {"code": "engine-failed"})["code"] == "engine-failed"
        assert canary in diary.stdout.readline(), "with a new engine"
        diary.send_signal(number)
        assert diary.wait(20) == -number
        assert canary not in diary.stderr.read()
    assert files_with(home.path, [canary.encode(), PASSPHRASE.encode()]) == []
    assert canary in home.run("read", "1").out


def _large_core_files() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_fault_inside_names_its_place_and_repeats_no_word(home: Home) -> None:
    canary = "kestrel" + secrets.token_hex(6)
    home.json("write", "-", stdin=f"Saw a {canary}.")
    code = (
        "import sys; from diary.__main__ import main; from diary.cli.output import Console\n"
        "def fault(self, text): raise ValueError(text)\n"
        "Console._write = fault\n"
        "sys.exit(main())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--passphrase-file", "-", "read", "1"],
        input=PASSPHRASE + "\n",
        capture_output=True,
        text=True,
        cwd=home.path,
        env=home.environment(),
        check=False,
    )
    assert ran.returncode == 1 and "ValueError" in ran.stderr, ran.stderr
    assert canary not in ran.stdout + ran.stderr and "Traceback" not in ran.stderr
    assert files_with(home.path, [canary.encode()]) == []


def test_the_search_for_canaries_can_find_one(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(b"..." + b"kestrel1".hex().encode())
    (tmp_path / "clean").write_bytes(b"nothing")
    assert files_with(tmp_path, [b"kestrel1"]) == [tmp_path / "leak"]
    watch = ProcessWatch(b"kestrel2")
    watch.start()
    subprocess.run(["sh", "-c", "sleep 0.3 # diary kestrel2"], check=True)
    watch.stop()
    assert watch.seen


def test_no_internet_socket_is_even_attempted_while_a_question_is_answered(home: Home) -> None:
    """The core, the embedder and the language model; where the probes are let try, in the long form."""
    home.json("write", "Walked to the weir with Runa.")
    asked = [str(PROGRAM), "--passphrase-file", "-", "--json", "ask", "Where did I walk?"]
    traced = trace(asked, environment=home.environment(), stdin=f"{home.secret}\n", seconds=110)
    answer = json.loads(traced.out)
    assert (traced.code, answer["answered"], answer["summary"] is not None) == (0, True, True)
    assert traced.processes >= 3
    assert traced.attempts == ()


@pytest.mark.slow
def test_no_internet_socket_is_even_attempted_during_the_whole_demo(empty_home: Home) -> None:
    traced = trace([str(PROGRAM), "demo"], environment=empty_home.environment(), seconds=110)
    assert traced.code == 0, traced.out[-2000:] + traced.err[-2000:]
    assert traced.attempts == ()
    assert traced.left_out, "the probes of the policy check were not seen, so the trace proves nothing"
    assert "31 of 31" in traced.out
    leftovers = [path for path in (empty_home.path / ".cache").rglob("*") if path.is_file()]
    assert leftovers == []
