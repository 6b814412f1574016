"""Run a command under strace and list every attempt to reach the network, refused ones too, in all its
processes.

Rules: what counts is the attempt, so a call that the wall refuses is listed as well. The processes that the
check starts on purpose (`python -m policies.probes` and everything below it) are left out, from that execve
on. Sources: strace(1); strace stops a call before the kernel's filter sees it, so the filter cannot hide one
from it. (Its quicker way, `--seccomp-bpf`, does not: a refusal of ours comes before it.)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROBES = '"-m", "policies.probes"'

_LINE = re.compile(r"^(?P<process>\d+)\s+(?P<rest>.*)$")
_ATTEMPT = re.compile(r"^(socket|connect|bind|sendto|sendmsg|sendmmsg|socketpair)\(.*\b[AP]F_INET6?\b")
_BIRTH = re.compile(r"^(?:<\.\.\. )?(?:clone3?|v?fork)\b.*=\s+(?P<child>\d+)(?: \[.*)?$")
_EXECVE = re.compile(r"^execve\(")
_EXECVE_ENDED = re.compile(r"^(?:execve\(.*|<\.\.\. execve resumed>.*)=\s+0$")


def strace() -> str | None:
    """Where strace is, or None."""
    return shutil.which("strace")


def reads_names() -> bool:
    """Whether it can tell the names that a process behind the wall gives: its memory is closed to all but
    root.
    """
    return strace() is not None and os.geteuid() == 0


@dataclass(frozen=True)
class Attempt:
    """One call that names an internet address family.

    :ivar call: the line of strace, with its outcome where it is on the same line.
    """

    process: int
    call: str


@dataclass(frozen=True)
class Traced:
    """How the command ended, and what it tried."""

    code: int
    out: str
    err: str
    attempts: tuple[Attempt, ...]
    processes: int
    """Processes and threads that were seen, left-out ones too: at least 1, or nothing was traced."""
    left_out: int
    """How many attempts of the probes are not among `attempts`."""


def trace(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    seconds: float = 300,
) -> Traced:
    """Run the command to its end under strace.

    :raises FileNotFoundError: when strace is not installed.
    """
    program = strace()
    if program is None:
        raise FileNotFoundError("strace is not installed")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "trace"
        what = "trace=network,execve,clone,fork,vfork,clone3"
        done = subprocess.run(
            [program, "-f", "-qq", "-s", "200", "-e", what, "-e", "signal=none", "-o", str(log), *command],
            env=None if environment is None else dict(environment),
            cwd=cwd, input=stdin, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = tuple(attempts(lines))
    every = sum(bool(_ATTEMPT.match(_split(line)[1])) for line in lines)
    return Traced(
        done.returncode, done.stdout, done.stderr, found, len(_processes(lines)), every - len(found)
    )


def attempts(lines: Sequence[str]) -> list[Attempt]:
    """The attempts in the log of `strace -f -qq -o`, without those of the probes and what they started."""
    left_out = _left_out(lines)
    found = []
    for at, line in enumerate(lines):
        process, rest = _split(line)
        if _ATTEMPT.match(rest) and at < left_out.get(process, len(lines)):
            found.append(Attempt(process, rest))
    return found


def _split(line: str) -> tuple[int, str]:
    match = _LINE.match(line)
    return (int(match["process"]), match["rest"]) if match else (0, "")


def _processes(lines: Sequence[str]) -> set[int]:
    return {_split(line)[0] for line in lines} - {0}


def _left_out(lines: Sequence[str]) -> dict[int, int]:
    """Process → the line from which on it is a probe."""
    births: list[tuple[int, int, int]] = []
    since: dict[int, int] = {}
    begun: dict[int, str] = {}
    for at, line in enumerate(lines):
        process, rest = _split(line)
        if _EXECVE.match(rest):
            begun[process] = rest
        if _EXECVE_ENDED.match(rest) and PROBES in begun.get(process, ""):
            since.setdefault(process, at)
        if birth := _BIRTH.match(rest):
            births.append((process, int(birth["child"]), at))
    changed = True
    while changed:  # a child's lines may stand before the line of its birth
        changed = False
        for parent, child, at in births:
            if parent in since and since[parent] <= at and child not in since:
                since[child] = 0
                changed = True
    return since
