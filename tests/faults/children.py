"""What runs in a process that is to be killed: one operation, acknowledged step by step over a pipe.

Imported once by the server that forks these processes.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
import traceback
from multiprocessing.connection import Connection

import pytest  # noqa: F401  stand-ins refuse to run where it was not imported

from diary.vault.holding import Holding
from tests.faults import operations
from tests.faults.operations import World

READY, STEP, END, FAILED = "ready", "step", "end", "failed"
os.environ.pop("LD_PRELOAD", None)


def migrate(world: World, last: int, tell: Connection, hear: Connection) -> None:
    """Open an older vault, and be killed before the n-th statement of that; tell how many there were."""
    enter, seen = Holding.__enter__, itertools.count(1)

    def counted(self: Holding) -> None:
        if next(seen) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        enter(self)

    Holding.__enter__ = counted  # type: ignore[method-assign]
    hear.recv()
    world.opened().close()
    tell.send(next(seen) - 1)
    hear.recv()


def perform(name: str, world: World, most: int | None, tell: Connection, hear: Connection) -> None:
    """Get ready, wait for a word, then take one step after another, or so many, and tell each once it is
    done; wait to be killed.
    """
    try:
        steps = operations.OPERATIONS[name].act(world)
        next(steps)
        tell.send((READY, None))
        hear.recv()
        began = time.monotonic()
        for detail in itertools.islice(steps, most):
            tell.send((STEP, detail))
        tell.send((END, time.monotonic() - began))
    except BaseException:
        tell.send((FAILED, traceback.format_exc()))
    hear.recv()
