"""Whoever controls the recorder reaches the sound server and nothing of the diary; and what it costs."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diary.recorder.client import RecorderClient
from policies.before_the_wall import spawn, surroundings
from policies.kernel import landlock

PATHS = f"import sys; sys.path[:0] = {sys.path!r}"
ATTACKS = "tests.air_gap.recorder_attacks"

NO_ADDRESS = {"AF_INET", "AF_INET datagram", "AF_INET6", "AF_NETLINK"}
ALLOWED = {"AF_UNIX", "a local path"}


def attack(vault: Path, local: str, name: str, **environment: str) -> Any:
    known = surroundings(dict(os.environ)) | {"VAULT": str(vault), "LOCAL": local, "ABSTRACT": name}
    pipes = spawn(ATTACKS, known | environment)
    assert pipes is not None
    try:
        os.write(pipes.outgoing, b"a first request")
        assert select.select([pipes.incoming], [], [], 20)[0]
        with os.fdopen(pipes.incoming, "rb") as told:
            return json.loads(told.readline())
    finally:
        os.close(pipes.outgoing)
        os.kill(pipes.process, signal.SIGKILL)
        os.waitpid(pipes.process, 0)


def test_the_recorders_first_act_is_to_seal_itself() -> None:
    code = """
import sys
import policies.enforcement as wall
def look(profile, **_):
    print(profile.value, *(name for name in sys.modules if name.split(".")[0] in
          {"diary", "ingest", "msgspec", "numpy", "miniaudio", "_miniaudio", "socket", "pathlib"}))
    raise SystemExit(0)
wall.close_network = look
import diary.recorder.__main__
"""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PATHS + code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["recorder", "diary", "diary.recorder", "diary.recorder.__main__"]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "diary.db").write_bytes(b"words")
    return tmp_path


@pytest.fixture
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Others that listen on this machine: at a path, and by an abstract name."""
    path, name = str(tmp_path_factory.mktemp("s") / "s"), f"diary-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as at_a_path, socket.socket(socket.AF_UNIX) as abstract:
        at_a_path.bind(path)
        abstract.bind("\0" + name)
        at_a_path.listen()
        abstract.listen()
        yield path, name


def test_who_controls_the_recorder_reaches_local_sockets_and_nothing_else(
    vault: Path, sockets: tuple[str, str]
) -> None:
    inherited = [os.open(vault / "diary.db", os.O_RDWR), os.dup(2)]
    with socket.socket(socket.AF_INET) as network:
        inherited.append(network.detach())
    try:
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)
        said = attack(vault, *sockets)
    finally:
        for descriptor in inherited:
            os.close(descriptor)
    tries = said["tries"]
    possible = {name for name, got in tries.items() if got == "possible"}
    scoped = landlock.abi() >= 6
    assert possible == ALLOWED | (set() if scoped else {"an abstract socket", "a signal to the diary"})
    assert {tries[name] for name in NO_ADDRESS} == {"EACCES"}
    assert tries["memory by call"] == "EPERM"
    assert (vault / "diary.db").read_bytes() == b"words"
    assert sorted(path.name for path in vault.iterdir()) == ["diary.db"]
    # the two pipes, and three that lead nowhere
    nowhere = dict.fromkeys("012", "/dev/null")
    assert said["descriptors"] == nowhere | dict.fromkeys("34", "pipe")
    assert said["session"]
    assert said["arguments"][1:] == ["-I", "-m", ATTACKS]


def test_without_the_wall_the_same_tries_succeed(vault: Path, sockets: tuple[str, str]) -> None:
    tries = attack(vault, *sockets, UNSEALED="1")["tries"]
    refused = {name for name, got in tries.items() if got != "possible"}
    # a sandbox around the whole test run may refuse these, and an ordinary user may not change the program
    assert refused <= {"AF_NETLINK", "the diary's memory", "AF_INET6", "changing the program"}


def test_a_recorder_inherits_nothing_and_the_process_list_shows_no_words(vault: Path) -> None:
    """While it records, too."""
    held = os.open(vault / "diary.db", os.O_RDWR)
    os.set_inheritable(held, True)
    pipes = spawn("tests.unit.recorder.null", surroundings(dict(os.environ)))
    os.close(held)
    assert pipes is not None
    client = RecorderClient(pipes)
    try:
        capture = client.record(None)
        assert capture.read(20.0)
        links = [str(path.readlink()) for path in Path(f"/proc/{pipes.process}/fd").iterdir()]
        assert not [link for link in links if str(vault) in link]
        assert sum(link.startswith("pipe:") for link in links) == 2
        # the process list, as anybody reads it: how it was started, and no words
        shown = Path(f"/proc/{pipes.process}/cmdline").read_bytes().split(b"\0")
        assert shown[1:-1] == [b"-I", b"-m", b"tests.unit.recorder.null"]
        assert set(dict(_environment(pipes.process))) <= set(surroundings(dict(os.environ))) | {"LC_CTYPE"}
    except PermissionError:
        pytest.skip("only root may look into a process that is not dumpable")
    finally:
        client.close()


def _environment(process: int) -> Iterator[tuple[str, str]]:
    for variable in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
        if variable:
            name, _, value = variable.decode().partition("=")
            yield name, value


def test_an_idle_recorder_is_small_and_ends_with_its_pipe() -> None:
    pipes = spawn("diary.recorder", surroundings(dict(os.environ)))
    assert pipes is not None
    status = _when_idle(pipes.process)
    kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    assert kilobytes < 24_000  # 13 MB on x86-64 with Python 3.11
    assert "\nThreads:\t1\n" in status
    os.close(pipes.outgoing)
    assert os.waitpid(pipes.process, 0)[1] == 0
    os.close(pipes.incoming)


def _when_idle(process: int) -> str:
    """Its status once it has sealed itself and used no processor for a while."""
    used, quiet, ends = -1, 0, time.monotonic() + 20
    while quiet < 4 and time.monotonic() < ends:
        time.sleep(0.02)
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        before, used = used, int(fields[11]) + int(fields[12])
        status = Path(f"/proc/{process}/status").read_text()
        quiet = quiet + 1 if used == before and "\nSeccomp:\t2\n" in status else 0
    return status
