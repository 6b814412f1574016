"""Runs cases of one or more targets and tells what came of them, as JSON: `python -m tests.fuzz.child`.

    child ROOT SEED FIRST CASES TARGET...

Rules: 2 seconds of processor time for a case, then the kernel ends the process (SIGPROF), also inside C and
regular expressions; an address space of LIMIT; every way of Python to write, outside ROOT/staging, is an
error of the case (an audit hook); the number of the case stands in ROOT/case, so that whoever started this
knows which one ended it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tests.fuzz.mutating import mutated
from tests.fuzz.target import Target

LIMIT = 2 * 2**30
MOST_TOLD = 20
SHORT = 100
"""Cases: up to so many, and it is told which functions whole input enters."""
_ROOT = Path(__file__).parents[2]
_ROOMS = tuple(str(_ROOT / room) + os.sep for room in ("diary", "ingest", "retrieval", "policies"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = {
    *("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("os.chown", "os.utime", "os.setxattr", "shutil.rmtree", "shutil.copyfile", "shutil.move"),
}
_NEVER = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "socket.connect",
    "socket.bind",
}


class Escaped(BaseException):
    """A reader wrote, or started something, where it must not. No Exception: nobody is to catch it."""


class Guard:
    """The audit hook. :ivar on: whether a case runs."""

    def __init__(self, root: Path) -> None:
        self._staging = os.path.realpath(root / "staging")
        self.on = False
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event in _NEVER:
            raise Escaped(event)
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & _WRITING
            if writes and isinstance(path, str | bytes | os.PathLike) and not self._inside(os.fspath(path)):
                raise Escaped(f"{event} {path!r} {mode}")
        elif event in _CHANGING:
            for one in arguments[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
                if isinstance(one, str | bytes | os.PathLike) and not self._inside(os.fspath(one)):
                    raise Escaped(f"{event} {one!r}")

    def _inside(self, path: str | bytes) -> bool:
        return os.path.realpath(os.fsdecode(path)).startswith(self._staging + os.sep) or path == os.devnull


def run(target: Target, guard: Guard, root: Path, seed: int, first: int, cases: int) -> dict[str, object]:
    """Run these cases; how many were taken and refused, and each that was neither."""
    samples, staging = target.samples(), root / "staging"
    wrong: list[dict[str, object]] = []
    taken = refused = faults = 0
    started, slowest = time.process_time(), 0.0
    with (root / "case").open("r+b", buffering=0) as told:
        for number in range(first, first + cases):
            data = mutated(samples, (seed << 40) + number)
            os.pwrite(told.fileno(), f"{target.name} {number:<20}".encode().ljust(200), 0)
            before = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, target.seconds)
            guard.on = True
            try:
                target.read(data, staging)
                taken += 1
            except target.refuses:
                refused += 1
            except BaseException as fault:
                faults += 1
                if len(wrong) < MOST_TOLD:
                    guard.on = False
                    wrong.append(_told(fault, number, data))
            finally:
                guard.on = False
                signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, time.process_time() - before)
    seconds = time.process_time() - started
    return {
        "target": target.name,
        "cases": cases,
        "taken": taken,
        "refused": refused,
        "faults": faults,
        "seconds": seconds,
        "slowest": slowest,
        "wrong": wrong,
    }


def entered(target: Target, guard: Guard, staging: Path) -> list[str]:
    """The functions of ours that reading the whole samples enters, as `module.py::name`."""
    found: set[tuple[str, str]] = set()

    def enters(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            found.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    for sample in target.samples():
        guard.on = True
        sys.setprofile(enters)
        with suppress(*target.refuses):
            target.read(sample, staging)
        sys.setprofile(None)
        guard.on = False
    ours = ((Path(file), name) for file, name in found if file.startswith(_ROOMS))
    return sorted(f"{file.relative_to(_ROOT)}::{name}" for file, name in ours)


def _told(fault: BaseException, number: int, data: bytes) -> dict[str, object]:
    place = traceback.extract_tb(fault.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return {
        "case": number,
        "fault": f"{type(fault).__name__} at {where}: {fault}"[:300],
        "input": data[:400].hex(),
    }


def main() -> None:
    """As the module says."""
    root, seed, first, cases, *names = sys.argv[1:]
    place = Path(root)
    if names[0].startswith("planted"):
        from tests.fuzz.planted import PLANTED as TARGETS
    else:
        from tests.fuzz.targets import TARGETS

    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tempfile.tempdir = str(place / "staging")
    guard = Guard(place)
    for name in names:
        told = run(TARGETS[name], guard, place, int(seed), int(first), int(cases))
        if int(cases) <= SHORT and not name.startswith("planted"):
            told["entered"] = entered(TARGETS[name], guard, place / "staging")
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
