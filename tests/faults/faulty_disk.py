"""A disk that kills, refuses or is full at the n-th change, for processes that are forked behind it.

`faulty_disk.c` is loaded before everything else into a server of its own that forks the processes; a page of
memory, shared with them, says what is to happen and what did. What counts as a change: a write, a file made,
renamed, linked or removed, one cut off, one forced to the disk, beneath one folder.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).with_name("faulty_disk.c")
PRELOADED = [
    "tests.faults.children",
    "tests.faults.hour",
    "diary.bootstrap",
    "diary.cli.main",
    "tests.faults.settled",
]
WHERE = "DIARY_FAULTY_DISK"
NO_LIMIT = 2**62


class Action(IntEnum):
    """What happens at the n-th change."""

    COUNT = 0
    KILL_BEFORE = 1
    KILL_HALFWAY = 2
    """In the middle of a write; after anything else."""
    KILL_AFTER = 3
    FAIL_ONCE = 4
    FAIL_FROM = 5
    FILL = 6
    """There is no room left from then on, but what is removed gives room back."""


class _Page(ctypes.Structure):
    _fields_ = (
        ("armed", ctypes.c_int64),
        ("seen", ctypes.c_int64),
        ("at", ctypes.c_int64),
        ("action", ctypes.c_int64),
        ("error", ctypes.c_int64),
        ("room", ctypes.c_int64),
        ("refused", ctypes.c_int64),
        ("folder", ctypes.c_char * 1024),
        ("last", ctypes.c_char * 256),
    )


class FaultyDisk:
    """What processes behind it see of the files beneath one folder; one process at a time."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def arm(self, folder: Path, action: Action = Action.COUNT, *, at: int = 0, error: int = 0) -> None:
        """Count from now on, and do this at the change of this number, from 1."""
        page = self._page
        page.armed = 0
        page.folder = os.fsencode(folder)
        page.seen = page.refused = 0
        page.action, page.at, page.error, page.room = action, at, error, NO_LIMIT
        page.last = b""
        page.armed = 1

    def give_room(self) -> None:
        """Refuse nothing any more."""
        self._page.action = Action.COUNT

    def rest(self) -> None:
        """Count nothing."""
        self._page.armed = 0

    @property
    def seen(self) -> int:
        """Changes so far."""
        return int(self._page.seen)

    @property
    def refused(self) -> int:
        """How many were refused, or cut off for want of room."""
        return int(self._page.refused)

    @property
    def torn(self) -> bool:
        """Whether a process was killed in the middle of a write."""
        page = self._page
        return page.action == Action.KILL_HALFWAY and page.seen == page.at and self.last.startswith("write")

    @property
    def last(self) -> str:
        """The last one: what, and the file, beneath the folder."""
        return os.fsdecode(self._page.last)

    def start(self, target: Callable[..., None], *given: Any) -> tuple[BaseProcess, Connection, Connection]:
        """A forked process that is given these, and a pipe to tell and one to hear; what it tells is read
        from the first, what it hears is written to the second.
        """
        context = get_context("forkserver")
        hear, tell = context.Pipe(duplex=False)
        heard, say = context.Pipe(duplex=False)
        process = context.Process(target=target, args=(*given, tell, heard), daemon=True)
        process.start()
        tell.close()
        heard.close()
        return process, hear, say


@contextmanager
def faulty_disk() -> Iterator[FaultyDisk]:
    """Inside, processes are forked behind the disk; skips where there is no compiler."""
    folder = Path(tempfile.mkdtemp(prefix="diary-disk-"))
    server = forkserver._forkserver  # type: ignore[attr-defined]
    server._stop()
    try:
        library = _built(folder)
        (folder / "page").write_bytes(bytes(mmap.PAGESIZE))
        with (folder / "page").open("r+b") as file:
            shared = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        os.environ |= {"LD_PRELOAD": str(library), WHERE: str(folder / "page")}
        server.set_forkserver_preload(PRELOADED)
        server.ensure_running()
        for name in ("LD_PRELOAD", WHERE):
            del os.environ[name]
        yield FaultyDisk(_Page.from_buffer(shared))
    finally:
        server._stop()
        shutil.rmtree(folder)


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """An empty folder on a disk in memory, where there is one; forcing to it takes no time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield otherwise
        return
    folder = Path(tempfile.mkdtemp(prefix="diary-test-", dir=memory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _built(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here, to build the faulty disk with")
    library = folder / "faulty_disk.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return library
