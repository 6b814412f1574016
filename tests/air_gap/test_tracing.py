"""The tracer must see what it is there to see: an attempt, a refused attempt, and not the probes'."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.air_gap.sealed import CORE, ROOT
from tests.air_gap.tracing import Traced, attempts, reads_names, strace, trace

needs_strace = pytest.mark.skipif(strace() is None, reason="strace is not installed (.ci/run installs it)")
needs_names = pytest.mark.skipif(not reads_names(), reason="only root's strace tells a probe by its name")

CONNECTS = """
import socket
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as error:
    print(type(error).__name__)
"""


def traced(code: str, *arguments: str) -> Traced:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return trace([sys.executable, "-c", code, *arguments], environment=environment)


@needs_strace
def test_an_attempt_is_seen() -> None:
    seen = traced(CONNECTS)
    assert "ConnectionRefusedError" in seen.out
    assert [attempt.call.partition("(")[0] for attempt in seen.attempts] == ["socket", "connect"]


@needs_strace
def test_an_attempt_of_a_child_and_of_a_thread_is_seen() -> None:
    seen = traced(
        "import subprocess, sys, threading, socket\n"
        f"subprocess.run([sys.executable, '-c', {CONNECTS!r}])\n"
        "thread = threading.Thread(target=lambda: socket.socket(socket.AF_INET6).close())\n"
        "thread.start(); thread.join()\n"
    )
    assert len({attempt.process for attempt in seen.attempts}) == 2
    assert any("AF_INET6" in attempt.call for attempt in seen.attempts)


@needs_strace
def test_an_attempt_that_the_wall_refuses_is_seen(tmp_path: Path) -> None:
    seen = traced(CORE + CONNECTS, str(tmp_path))
    assert "PermissionError" in seen.out
    assert [attempt.call.partition("(")[0] for attempt in seen.attempts] == ["socket"]
    assert "EACCES" in seen.attempts[0].call


@needs_names
def test_laying_the_wall_and_checking_it_is_no_attempt(tmp_path: Path) -> None:
    """The probes' attempts are left out, and laying the wall makes none."""
    check = CORE + "from policies import report\nfound = report.check(enforced)\nprint(len(found.routes))\n"
    seen = traced(check, str(tmp_path))
    assert seen.out.strip() == "31", seen.err
    assert seen.left_out > 10
    assert seen.attempts == ()


@needs_names
def test_an_attempt_beside_the_probes_is_still_seen(tmp_path: Path) -> None:
    check = CORE + "from policies import report\nfound = report.check(enforced)\n" + CONNECTS
    seen = traced(check, str(tmp_path))
    assert [attempt.call.partition("(")[0] for attempt in seen.attempts] == ["socket"]


def test_the_subtree_of_the_probes_is_cut_out_by_birth_and_execve() -> None:
    log = """
10 execve("/usr/bin/python3", ["python", "-m", "diary"], 0x1 /* 3 vars */) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = -1 EACCES (Permission denied)
11 execve("/usr/bin/python3", ["python", "-P", "-m", "policies.probes", "7"], 0x1 <unfinished ...>
10 socket(AF_UNIX, SOCK_STREAM, 0) = 3
11 <... execve resumed>) = 0
11 vfork( <unfinished ...>
12 connect(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EACCES
11 <... vfork resumed>) = 12
11 socket(AF_INET6, SOCK_STREAM, IPPROTO_IP) = -1 EACCES (Permission denied)
12 clone(child_stack=NULL, flags=SIGCHLD) = 13
13 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP <unfinished ...>
10 clone(child_stack=NULL, flags=CLONE_VM|CLONE_THREAD) = 14
14 socket(AF_INET, SOCK_STREAM, IPPROTO_IP <unfinished ...>
13 <... socket resumed>) = -1 EACCES (Permission denied)
14 <... socket resumed>) = 5
10 sendto(5, "words", 5, 0, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 5
""".strip().splitlines()
    assert [(attempt.process, attempt.call.partition("(")[0]) for attempt in attempts(log)] == [
        (11, "socket"),
        (14, "socket"),
        (10, "sendto"),
    ]


def test_a_failed_execve_of_the_probes_hides_nothing() -> None:
    log = [
        '10 execve("/nowhere/python", ["python", "-m", "policies.probes"], 0x1) = -1 ENOENT (No such file)',
        "10 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3",
    ]
    assert [attempt.process for attempt in attempts(log)] == [10]
