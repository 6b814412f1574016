"""The outside of an engine process: started at first use, one job at a time, stopped in steps, started
anew.

Steps of a stop: a `Cancel` frame, which the engine's abort callback sees within milliseconds; after 2 s
SIGTERM; then SIGKILL. Whatever goes wrong (a crash, a time-out, a frame that is none) ends the process, is
told in a sentence, and the next job starts a new one. A killed engine costs a reload, never a word: it
holds none.

Not here: what the answers mean (the proxies), and the wall inside (`__main__`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

from diary.engine.failures import broken, failure
from diary.engine.frames import (
    BULK_PART,
    BadFrame,
    FrameReader,
    FrameTimeout,
    PipeClosed,
    write_frame,
)
from diary.engine.messages import (
    Bulk,
    Cancel,
    Done,
    Failed,
    Ready,
    RequestFrame,
    Response,
    ResponseFrame,
    Result,
    Work,
)

_CANCEL_SECONDS = 2.0
_TERMINATE_SECONDS = 0.5
_START_SECONDS = 120.0  # a model of several gigabytes on a slow disk


def _environment() -> dict[str, str]:
    """What an engine may know of its surroundings: no home, no words, threads that yield to others."""
    return {
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads make a busy machine 20 times slower
        "GOMP_SPINCOUNT": "0",
    }


class EngineClient:
    """One engine.

    :param service: `module:function` that makes the service inside.
    :param paths: the files and folders of its model; all it may read.
    :param name: what to call it in sentences: "the language model".
    """

    def __init__(self, service: str, paths: Sequence[Path], *, name: str) -> None:
        self._service = service
        self._paths = tuple(paths)
        self._name = name
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: FrameReader | None = None
        self._job = 0
        self.last = Done()
        """Token counts of the newest finished job."""

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process number while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    def stream(self, work: Work, *, bulk: bytes = b"", timeout: float) -> Generator[Result, None, None]:
        """Run a job; results as they come. Closing the generator stops the job.

        :param timeout: seconds to wait for each result.
        :raises diary.errors.DiaryError: one of `diary.engine.failures`.
        """
        with self._busy:
            try:
                self._ensure_running()
                self._job += 1
                self._send(work, bulk)
                yield from self._results(timeout)
            except (BadFrame, PipeClosed, FrameTimeout):
                self._end()
                raise broken(self._name) from None

    def close(self) -> None:
        """End the process; it may be started again by a later job. Waits for no job."""
        self._end()

    def end_when_idle(self) -> None:
        """End the process unless a job is running."""
        if self._busy.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._busy.release()

    def _ensure_running(self) -> None:
        if self.running:
            return
        self._end()
        arguments = [sys.executable, "-I", "-m", "diary.engine", self._service]
        try:
            self._process = subprocess.Popen(
                [*arguments, *map(str, self._paths)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=_environment(),
                start_new_session=True,  # Ctrl-C reaches the diary, which decides what to stop
            )
        except OSError:
            raise broken(self._name) from None
        assert self._process.stdout is not None  # noqa: S101  a pipe was asked for
        self._reader = FrameReader(self._process.stdout.fileno(), ResponseFrame)
        match self._next(_START_SECONDS).body:
            case Ready():
                return
            case Failed(code=code):
                self._end()
                raise failure(code, self._name)
            case _:
                raise BadFrame("an answer before the engine was ready")

    def _send(self, work: Work, bulk: bytes) -> None:
        descriptor = self._input()
        view = memoryview(bulk)
        for start in range(0, len(bulk), BULK_PART):
            part = Bulk(bytes(view[start : start + BULK_PART]))
            write_frame(descriptor, RequestFrame(self._job, part))
        write_frame(descriptor, RequestFrame(self._job, work))

    def _input(self) -> int:
        if self._process is None or self._process.stdin is None:
            raise PipeClosed
        return self._process.stdin.fileno()

    def _next(self, timeout: float) -> ResponseFrame:
        if self._reader is None:
            raise PipeClosed
        frame = self._reader.read(timeout)
        if not isinstance(frame, ResponseFrame):
            raise BadFrame("a frame of another shape")
        return frame

    def _results(self, timeout: float) -> Generator[Result, None, None]:
        finished = False
        try:
            while True:
                frame = self._next(timeout)
                if frame.job != self._job:
                    raise BadFrame("an answer to another job")
                match frame.body:
                    case Done() as done:
                        finished = True
                        self.last = done
                        return
                    case Failed(code=code):
                        finished = True
                        raise failure(code, self._name)
                    case Ready():
                        raise BadFrame("ready twice")
                    case result:
                        yield result
        except (BadFrame, PipeClosed, FrameTimeout):
            finished = True  # the process is ended by the caller; there is nobody to ask to stop
            raise
        finally:
            if not finished:
                self._cancel()

    def _cancel(self) -> None:
        """Stop the running job and read what it still says, or end the process."""
        try:
            write_frame(self._input(), RequestFrame(self._job, Cancel()))
            while not _is_end(self._next(_CANCEL_SECONDS).body):
                pass
        except (BadFrame, PipeClosed, FrameTimeout):
            self._end()

    def _end(self) -> None:
        process, self._process, self._reader = self._process, None, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_TERMINATE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _is_end(body: Response) -> bool:
    return isinstance(body, Done | Failed)
