"""The operating system's side of an engine: one child process, two pipes, and how it is ended.

`stop` may be called by any thread and closes nothing, so that a descriptor in use is never closed, and
perhaps given to another file, under the thread that reads it. `end` closes and belongs to whoever runs the
jobs; nothing is read or written after it. The pipes are plain numbers and not file objects, which the
garbage collector would close in its own order. Either way the process is waited for: no zombie stays.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from diary.engine.frames import FrameReader, PipeClosed, write_frame
from diary.engine.messages import RequestFrame, ResponseFrame
from policies.enforcement import ACCEPT, accepted

ROOMS = ("retrieval.engines", "ingest.engines")
"""The packages that services come from."""

_TERMINATE_SECONDS = 0.5
_SEND_SECONDS = 60.0  # for one frame of 1 MiB at most, to an engine that has nothing to do but read


_LEAN = {
    "MALLOC_ARENA_MAX": "1",  # each thread's own store keeps what it once took
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(8 << 20),
}
"""For the C library: what was freed goes back to the system at once: 80 MB less with Whisper base."""


def environment(*, lean: bool = False) -> dict[str, str]:
    """What an engine may know of its surroundings: no home, no words, threads that yield to others.

    :param lean: memory before speed.
    """
    return {
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads make a busy machine 20 times slower
        "GOMP_SPINCOUNT": "0",
        **(_LEAN if lean else {}),
    }


def told() -> list[str]:
    """What a process of ours has to be told: that a person accepted what the kernel lacks, where it does."""
    return [ACCEPT] if accepted() else []


class EngineProcess:
    """A started engine.

    :param service: `module:function` that makes the service inside. :param paths: all it may read.
    :param rooms: packages that the service may come from. :param lean: memory before speed.
    :raises OSError: when it cannot be started.
    """

    def __init__(
        self, service: str, paths: Sequence[Path], rooms: Sequence[str] = ROOMS, *, lean: bool = False
    ) -> None:
        incoming, self._input = os.pipe()
        self._output, outgoing = os.pipe()
        try:
            self._child = self._start(service, paths, rooms, (incoming, outgoing), environment(lean=lean))
        except OSError:
            os.close(self._input)
            os.close(self._output)
            raise
        finally:
            os.close(incoming)
            os.close(outgoing)
        os.set_blocking(self._input, False)  # an engine that does not read must not hold the diary
        self._reader = FrameReader(self._output, ResponseFrame)
        self._ended = False

    @staticmethod
    def _start(
        service: str,
        paths: Sequence[Path],
        rooms: Sequence[str],
        pipes: tuple[int, int],
        known: dict[str, str],
    ) -> subprocess.Popen[bytes]:
        words = [*told(), ",".join(rooms), service, *map(str, paths)]
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "diary.engine", *words],
            stdin=pipes[0],
            stdout=pipes[1],
            stderr=subprocess.DEVNULL,
            env=known,
            start_new_session=True,  # Ctrl-C reaches the diary, which decides what to stop
        )

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._child.poll() is None

    def send(self, frame: RequestFrame, timeout: float = _SEND_SECONDS) -> None:
        """Write a frame; raises as `frames.write_frame`, PipeClosed after `end`."""
        if self._ended:
            raise PipeClosed
        write_frame(self._input, frame, timeout)

    def read(self, timeout: float) -> ResponseFrame:
        """The next frame; raises as `frames.FrameReader.read`, PipeClosed after `end`."""
        if self._ended:
            raise PipeClosed
        return self._reader.read(timeout)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it does not go; returns when it is gone."""
        self._child.terminate()
        try:
            self._child.wait(_TERMINATE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def end(self) -> None:
        """Stop, and close the pipes."""
        self.stop()
        if not self._ended:
            self._ended = True
            os.close(self._input)
            os.close(self._output)
