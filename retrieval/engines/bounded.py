"""What a model's own template may take while it runs: time and memory, not more.

A template is a program of whoever made the model file, in a language with loops and with products of texts.
Its sandbox keeps it from reaching anything; this keeps it from running for ever, and from taking the memory
that the rest of the machine needs. Only in a process of an engine, on its first thread; elsewhere time is
not bounded.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed

SECONDS = 10.0
"""A template takes milliseconds; a machine under load ten times as many."""

ROOM = 256 << 20
"""Bytes beyond what the process has."""


class _Endless(BaseException):
    """Time is over; no `Exception`, which a template engine would take for one of the template's own."""


@contextmanager
def bounded() -> Iterator[None]:
    """Do what is inside with little time and memory.

    :raises JobFailed: NO_TEMPLATE, when it takes more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _taken() + ROOM
    timed = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGALRM, _end) if timed else None
    try:
        if soft == resource.RLIM_INFINITY or most < soft:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        if timed:
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
        yield
    except (_Endless, MemoryError):
        raise JobFailed(FailureCode.NO_TEMPLATE) from None
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before or signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _taken() -> int:
    """Bytes of address space of this process (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Endless
