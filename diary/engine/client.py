"""The outside of an engine process: started at first use, one job at a time, stopped in steps, started
anew.

Steps of a stop: a `Cancel` frame, which the engine's abort callback sees within milliseconds; after 2 s
SIGTERM; then SIGKILL. Whatever goes wrong (a crash, a time-out, a frame that is none, an engine that does
not read) ends the process, is told in a sentence, and the next job starts a new one. A killed engine costs
a reload, never a word: it holds none.

A generator can only be closed while it is not running, so a caller who must be able to stop at any moment
asks for a `beat`: a `Busy` whenever nothing came for so long, while the engine starts or another job runs
too. Beats are made here and do not put off the time-out.

Sound that is still being made is sent while its job runs (`feeding`); the steps of a stop begin when nothing
more is sent.

Not here: what the answers mean (the proxies), the process itself (`process`), the wall inside (`__main__`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from diary.engine import allowed
from diary.engine.failures import broken, failure, occupied
from diary.engine.feeding import Feed, Feeding
from diary.engine.frames import BULK_PART, BadFrame, FrameTimeout, PipeClosed
from diary.engine.messages import (
    Bulk,
    Busy,
    Cancel,
    Done,
    Failed,
    Listen,
    Ready,
    RequestFrame,
    ResponseFrame,
    Result,
    Work,
)
from diary.engine.process import ROOMS, EngineProcess
from diary.errors import DiaryError

_CANCEL_SECONDS = 2.0
_START_SECONDS = 120.0  # a model of several gigabytes on a slow disk
IDLE_SECONDS = 300.0
"""How long an engine waits for the next job before it gives its memory back."""


class EngineClient:
    """One engine. Threads may share it: jobs wait for each other.

    :param service: `module:function` that makes the service inside.
    :param paths: the files and folders of its model; all it may read.
    :param name: what to call it in sentences: "the language model".
    :param rooms: packages that the service may come from; tests bring services of their own.
    :param idle: seconds without a job after which the process is ended.
    :param lean: memory before speed.
    """

    def __init__(
        self,
        service: str,
        paths: Sequence[Path],
        *,
        name: str,
        rooms: Sequence[str] = ROOMS,
        idle: float = IDLE_SECONDS,
        lean: bool = False,
    ) -> None:
        self._service = service
        self._paths = tuple(paths)
        self._name = name
        self._rooms = tuple(rooms)
        self._busy = threading.Lock()
        self._process: EngineProcess | None = None
        self._files = allowed.Hashed()
        self._job = 0
        self._idle = idle
        self._lean = lean
        self._rest: threading.Timer | None = None
        self.last = Done()
        """Token counts of the newest finished job."""

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        process = self._process
        return process is not None and process.running

    @property
    def pid(self) -> int | None:
        """Process number while it runs."""
        process = self._process
        return process.pid if process is not None and process.running else None

    def stream(
        self,
        work: Work | Listen,
        *,
        bulk: bytes = b"",
        feed: Feed | None = None,
        timeout: float,
        beat: float | None = None,
    ) -> Generator[Result, None, None]:
        """Run a job; results as they come. Closing the generator stops the job.

        :param feed: what is sent while the job runs; asked for in a thread of its own.
        :param timeout: seconds to wait for each result, and for another job to end.
        :param beat: seconds of silence after which a `Busy` is yielded; None: never.
        :raises diary.errors.DiaryError: one of `diary.engine.failures`.
        :raises Exception: what `feed` raised.
        """
        yield from self._turn(timeout, beat)
        if self._rest is not None:
            self._rest.cancel()
        try:
            process = yield from self._started(beat)
            self._job += 1
            self._send(process, work, bulk)
            feeding = Feeding(process, self._job, feed) if feed is not None else None
            yield from self._results(process, timeout, beat, feeding)
        except (BadFrame, PipeClosed, FrameTimeout):
            self._end()
            raise broken(self._name) from None
        finally:
            self._busy.release()
            self._wait_for_the_next(self._job)

    def close(self) -> None:
        """End the process, now: a running job fails. It may be started again by a later job."""
        process = self._process
        if self._rest is not None:
            self._rest.cancel()
        if process is not None:
            process.stop()
        self.end_when_idle()

    def end_when_idle(self) -> None:
        """End the process unless a job is running."""
        if self._busy.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._busy.release()

    def _wait_for_the_next(self, job: int) -> None:
        """End the process later, unless another job comes before."""

        def end() -> None:
            if self._job == job:
                self.end_when_idle()

        self._rest = threading.Timer(self._idle, end)
        self._rest.daemon = True
        self._rest.start()

    def _turn(self, timeout: float, beat: float | None) -> Generator[Busy, None, None]:
        """Wait until no other job runs, and hold the others off."""
        deadline = time.monotonic() + timeout
        while not self._busy.acquire(timeout=timeout if beat is None else beat):
            if time.monotonic() >= deadline:
                raise occupied(self._name)
            yield Busy()

    def _started(self, beat: float | None) -> Generator[Busy, None, EngineProcess]:
        """The process, started and ready."""
        if self._process is not None and self._process.running:
            self._require_unchanged()
            return self._process
        self._end()
        self._files = allowed.require(self._service, self._paths)
        ready = False
        try:
            process = self._process = EngineProcess(self._service, self._paths, self._rooms, lean=self._lean)
            frame = yield from self._next(process, _START_SECONDS, beat)
            match frame.body:
                case Ready():
                    self._require_unchanged()
                    ready = True
                    return process
                case Failed() as failed:
                    raise failure(failed, self._name)
                case _:
                    raise BadFrame("an answer before the engine was ready")
        except OSError:
            raise broken(self._name) from None
        finally:
            if not ready:
                self._end()

    def _require_unchanged(self) -> None:
        """End the engine of a model that may be another than was hashed."""
        try:
            self._files.require_unchanged()
        except DiaryError:
            self._end()
            raise

    def _send(self, process: EngineProcess, work: Work | Listen, bulk: bytes) -> None:
        view = memoryview(bulk)
        try:
            for start in range(0, len(bulk), BULK_PART):
                process.send(RequestFrame(self._job, Bulk(bytes(view[start : start + BULK_PART]))))
            process.send(RequestFrame(self._job, work))
        except BaseException:  # Ctrl-C too: half a frame is in the pipe, and nothing after it is understood
            self._end()
            raise

    def _next(
        self, process: EngineProcess, timeout: float, beat: float | None
    ) -> Generator[Busy, None, ResponseFrame]:
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            try:
                return process.read(left if beat is None else min(left, beat))
            except FrameTimeout:
                if time.monotonic() >= deadline:
                    raise
            yield Busy()

    def _results(
        self, process: EngineProcess, timeout: float, beat: float | None, feeding: Feeding | None
    ) -> Generator[Result, None, None]:
        finished = False
        try:
            while True:
                frame = yield from self._next(process, timeout, beat)
                if feeding is not None:
                    feeding.check()
                if frame.job != self._job:
                    raise BadFrame("an answer to another job")
                match frame.body:
                    case Done() as done:
                        finished = True
                        self.last = done
                        return
                    case Failed() as failed:
                        finished = True
                        raise failure(failed, self._name)
                    case Ready():
                        raise BadFrame("ready twice")
                    case result:
                        yield result
        except (BadFrame, PipeClosed, FrameTimeout):
            finished = True  # the process is ended by the caller; there is nobody to ask to stop
            raise
        finally:
            if feeding is not None:
                feeding.stop()
            if not finished:
                self._cancel(process)

    def _cancel(self, process: EngineProcess) -> None:
        """Stop the running job and read what it still says, or end the process. All within 2 s."""
        deadline = time.monotonic() + _CANCEL_SECONDS
        try:
            process.send(RequestFrame(self._job, Cancel()), _CANCEL_SECONDS)
            while (left := deadline - time.monotonic()) > 0:  # an engine may flood for ever
                frame = process.read(left)
                if frame.job == self._job and isinstance(frame.body, Done | Failed):
                    return
        except (BadFrame, PipeClosed, FrameTimeout):
            pass
        self._end()

    def _end(self) -> None:
        """End the process; only while `_busy` is held."""
        process, self._process = self._process, None
        if process is not None:
            process.end()
