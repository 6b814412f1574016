"""A service that runs whatever Python it is sent: an engine whose model file was made by an attacker."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from diary.engine.messages import Done, Generate, Piece, Result, Work


class TakenOver:
    """Runs the order as Python, with `attempt` to try things; says what was printed."""

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        assert isinstance(work, Generate)
        said = io.StringIO()
        with redirect_stdout(said):
            exec(work.turns[0].content, {"attempt": attempt, "send": send})
        for line in said.getvalue().splitlines():
            yield Piece(line)


def serve(paths: list[Path]) -> TakenOver:
    return TakenOver()


def attempt(name: str, action: Callable[[], object]) -> None:
    """Print the name of the error, or `possible`."""
    try:
        action()
        print(name, "possible", sep="\t")
    except OSError as error:
        print(name, errno.errorcode.get(error.errno or 0, type(error).__name__), sep="\t")


def send(raw: bytes) -> None:
    """Write bytes into the pipe of the frames, past the host."""
    for descriptor in range(3, 20):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, raw)
        except OSError:
            continue  # the pipe of what comes in, or none
