"""The inside of an engine process.

Order: pipes are moved away from descriptors 0 to 2, which C libraries write to and which now lead nowhere;
the wall is laid; only then is the service's module imported and its model loaded. Then one job at a time. A
second thread reads frames, so that a `Cancel` arrives while a library computes; the end of the pipe ends
the process, so that no engine outlives the diary.

Called by `__main__`, which imports nothing else first.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from diary.engine.frames import BadFrame, FrameReader, PipeClosed, write_frame
from diary.engine.messages import (
    Bulk,
    Cancel,
    Done,
    Failed,
    FailureCode,
    Listen,
    Ready,
    RequestFrame,
    Response,
    ResponseFrame,
    Result,
    Sound,
    SoundEnd,
    Work,
)
from diary.engine.service import IncomingSound, JobFailed, ListeningService, Service

LARGEST_BULK = 640 * 1024 * 1024
"""Bytes of one file at most: above what the command line takes (512 MiB)."""

MOST_SOUND = 4 * 1024 * 1024
"""Bytes of sound that may wait for a job: two minutes, of which the core keeps to one."""

Job = tuple[int, Work, bytes] | tuple[int, Listen, IncomingSound]
"""Number, what is asked, and what belongs to it."""


class Host:
    """Reads jobs, runs them with the service, writes what comes of them.

    :param incoming: descriptor of frames from the core. :param outgoing: of frames to it.
    """

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._reader = FrameReader(incoming, RequestFrame)
        self._outgoing = outgoing
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._cancelled_up_to = 0

    def send(self, job: int, body: Response) -> None:
        """Send one frame; ends the process when nobody reads any more."""
        try:
            write_frame(self._outgoing, ResponseFrame(job, body))
        except PipeClosed:
            os._exit(0)

    def serve(self, service: Service) -> None:
        """Run jobs for ever."""
        threading.Thread(target=self._listen, daemon=True).start()
        self.send(0, Ready())
        while True:
            self._run(service, self._jobs.get())

    def _run(self, service: Service, asked: Job) -> None:
        job = asked[0]

        def cancelled() -> bool:
            return self._cancelled_up_to >= job

        try:
            if cancelled():
                raise JobFailed(FailureCode.CANCELLED)
            last: Response = Done()
            for body in _results(service, asked, cancelled):
                if isinstance(body, Done):
                    last = body
                    break
                self.send(job, body)
            self.send(job, last)
        except JobFailed as failure:
            self.send(job, _told(failure))
        except MemoryError:
            self.send(job, Failed(FailureCode.OUT_OF_MEMORY))
        except Exception:  # a library's fault ends one job; its text could quote the person's words
            self.send(job, Failed(FailureCode.CANCELLED if cancelled() else FailureCode.INTERNAL))

    def _listen(self) -> None:
        bulk = bytearray()
        sound = IncomingSound()
        try:
            while True:
                frame = self._reader.read()
                if not isinstance(frame, RequestFrame):
                    raise BadFrame("a frame of another shape")
                match frame.body:
                    case Cancel():
                        self._cancelled_up_to = max(self._cancelled_up_to, frame.job)
                        sound = IncomingSound()  # whatever is still on its way is for nobody
                    case Bulk(data=data):
                        if len(bulk) + len(data) > LARGEST_BULK:
                            raise BadFrame("more bulk than is taken")
                        bulk += data
                    case Sound(data=data):
                        if sound.waiting + len(data) > MOST_SOUND:
                            raise BadFrame("more sound than is taken")
                        sound.put(data)
                    case SoundEnd():
                        sound.end()
                    case Listen() as work:
                        sound = IncomingSound()
                        self._jobs.put((frame.job, work, sound))
                    case work:
                        self._jobs.put((frame.job, work, bytes(bulk)))
                        bulk = bytearray()
        except (PipeClosed, BadFrame):
            pass
        finally:  # whatever ended the reading: without it nobody could stop this process, or miss the diary
            os._exit(0)


def _results(service: Service, asked: Job, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
    _, work, given = asked
    if not isinstance(work, Listen):
        assert isinstance(given, bytes)  # noqa: S101 - only a Listen comes with sound
        return service.run(work, given, cancelled)
    if not isinstance(service, ListeningService):
        raise JobFailed(FailureCode.NOT_UNDERSTOOD)
    assert isinstance(given, IncomingSound)  # noqa: S101 - likewise
    return service.listen(work, given, cancelled)


def private_pipes() -> tuple[int, int]:
    """Move the pipes to new descriptors and lead 0, 1 and 2 nowhere; (incoming, outgoing)."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return incoming, outgoing


def load_service(name: str, paths: list[Path], rooms: list[str]) -> Service:
    """Import `module:function` and let it load its model; only after the wall stands.

    :raises JobFailed: when the module lies in none of the rooms.
    """
    module, _, function = name.partition(":")
    if module.rpartition(".")[0] not in rooms:
        raise JobFailed(FailureCode.NOT_UNDERSTOOD)
    service: Service = getattr(import_module(module), function)(paths)
    return service


def run(host: Host, service_name: str, paths: list[Path], rooms: list[str]) -> None:
    """Load the service and serve it; the wall already stands around this process. Never returns."""
    try:
        service = load_service(service_name, paths, rooms)
    except JobFailed as failure:
        told = _told(failure)
    except MemoryError:
        told = Failed(FailureCode.OUT_OF_MEMORY)
    except Exception:  # whatever a library says of a file it cannot load, the file is what is wrong
        told = Failed(FailureCode.MODEL_DAMAGED)
    else:
        host.serve(service)
    host.send(0, told)
    sys.exit(1)


def _told(failure: JobFailed) -> Failed:
    return Failed(failure.code, failure.needed, failure.available)
