"""Services for the tests of the engine: each misbehaves in one way, and says what it was let do.

They run in a real engine process behind the real wall; `Generate`'s first content is the order.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from diary.engine.messages import (
    Busy,
    Done,
    Embed,
    FailureCode,
    Generate,
    Listen,
    Piece,
    Result,
    Vectors,
    Work,
)
from diary.engine.service import IncomingSound, JobFailed

Order = Callable[[str, Callable[[], bool]], Iterator[Result | Done]]


class Obedient:
    """Does as it is ordered: `name argument`."""

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        if isinstance(work, Embed):
            yield Vectors(len(work.texts), 2, bytes(8 * len(work.texts)))
            return
        assert isinstance(work, Generate)
        order, _, argument = work.turns[0].content.partition(" ")
        if order == "bulk":
            yield Piece(f"{len(bulk)} {sum(bulk) % 251}")
            return
        yield from ORDERS[order](argument, cancelled)


def serve(paths: list[Path]) -> Obedient:
    return Obedient()


def serve_nothing(paths: list[Path]) -> Obedient:
    raise JobFailed(FailureCode.NO_TEMPLATE)


def serve_too_much(paths: list[Path]) -> Obedient:
    raise JobFailed(FailureCode.OUT_OF_MEMORY, needed=7_000_000_000, available=401_000_000)


def serve_less_than_nothing(paths: list[Path]) -> Obedient:
    raise JobFailed(FailureCode.OUT_OF_MEMORY, needed=-1, available=5)


def serve_beyond_all_numbers(paths: list[Path]) -> Obedient:
    raise JobFailed(FailureCode.OUT_OF_MEMORY, needed=2**60, available=5)


def serve_a_fault(paths: list[Path]) -> Obedient:
    raise ValueError("words of an entry")


def serve_a_crash(paths: list[Path]) -> Obedient:
    os._exit(9)


def _echo(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    yield from (Piece(word) for word in argument.split())
    yield Done(evaluated=1, reused=2, generated=3)


def _crash(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    yield Piece("before")
    os.abort()


def _fault(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    yield Piece("before")
    raise ValueError(argument)


def _wait(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """Cooperates with a stop."""
    yield Piece("begun")
    while not cancelled():
        time.sleep(0.001)
    raise JobFailed(FailureCode.CANCELLED)


def _deaf(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """Hears neither a stop nor SIGTERM."""
    ctypes.CDLL(None).signal(signal.SIGTERM, ctypes.c_void_p(1))  # SIG_IGN, without Python's main-thread rule
    yield Piece("begun")
    while True:
        time.sleep(60)


def _flood(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    while True:
        yield Piece("x" * 1000)


def _noise(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """As C libraries do: to descriptors 1 and 2, past Python."""
    libc = ctypes.CDLL(None)
    for descriptor in (1, 2):
        os.write(descriptor, b"\x00\x00\x00\x05noise" * 1000)
    libc.puts(b"noise from C")
    libc.fflush(None)
    sys.stdout.write("noise from Python")
    sys.stdout.flush()
    yield Piece("clean")


def _garbage(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """Raw bytes, given in hexadecimal, in the pipe of the frames."""
    for descriptor in range(3, 20):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, bytes.fromhex(argument))
        except OSError:
            continue  # the pipe of incoming frames, or none
    yield Piece("after")


def _try(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """Try what is forbidden; says `done` or the error's number."""
    what, _, path = argument.partition(" ")
    try:
        match what:
            case "read":
                Path(path).read_bytes()
            case "write":
                Path(path).write_bytes(b"leak")
            case "socket":
                socket.socket(socket.AF_INET).close()
            case "local-socket":
                socket.socket(socket.AF_UNIX).close()
            case "program":
                subprocess.run([sys.executable, "-c", "pass"], check=True)
        yield Piece("done")
    except OSError as error:
        yield Piece(str(error.errno))


def _tell(argument: str, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    """What the engine knows of its surroundings."""
    match argument:
        case "environment":
            yield from (Piece(f"{name}={value}") for name, value in sorted(os.environ.items()))
        case "arguments":
            yield Piece(Path("/proc/self/cmdline").read_bytes().replace(b"\0", b" ").decode())
        case "session":
            yield Piece(str(os.getsid(0)))


ORDERS: dict[str, Order] = {
    "echo": _echo,
    "crash": _crash,
    "fault": _fault,
    "wait": _wait,
    "deaf": _deaf,
    "flood": _flood,
    "noise": _noise,
    "garbage": _garbage,
    "try": _try,
    "tell": _tell,
}


class Listening(Obedient):
    """Counts the bytes it hears, and misbehaves as the first hotword orders."""

    def listen(
        self, work: Listen, sound: IncomingSound, cancelled: Callable[[], bool]
    ) -> Iterator[Result | Done]:
        order = work.hearing.hotwords[0]
        heard = 0
        while (part := sound.take(0.05)) is not None:
            heard += len(part)
            if order == "crash" and heard:
                os._exit(9)
            if order == "garbage" and heard:
                yield from _garbage("ff" * 64, cancelled)
            if order == "frozen" and heard:
                os.kill(os.getpid(), signal.SIGSTOP)
            if order == "early" and heard:
                break
            if order != "mute":
                yield Busy()
            if cancelled():
                raise JobFailed(FailureCode.CANCELLED)
        yield Piece(f"{heard}")


def serve_listening(paths: list[Path]) -> Listening:
    return Listening()
