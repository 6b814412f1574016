"""What runs inside an engine process: one service with one model. The host drives it."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from diary.engine.messages import Done, FailureCode, Listen, Result, Work


class JobFailed(Exception):
    """A job ends without its result; raised by services, sent as `Failed`.

    :param code: why. :param needed, available: bytes of memory, with OUT_OF_MEMORY, where they are known.
        Nothing else of the failure leaves the process.
    """

    def __init__(self, code: FailureCode, *, needed: int = 0, available: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.needed = needed
        self.available = available


class Service(Protocol):
    """One model, loaded. Made by a function `serve(paths: list[Path]) -> Service` in an allowed module."""

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Do one job; polls `cancelled` often, and from abort callbacks, and ends early with
        JobFailed(CANCELLED).

        :param bulk: the file that came before the request, or empty.
        :raises JobFailed: when it cannot be done.
        """
        ...


class IncomingSound:
    """Sound that arrives while a job runs; one thread puts, another takes."""

    def __init__(self) -> None:
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._put = self._taken = 0  # bytes
        self._ended = False

    @property
    def waiting(self) -> int:
        """Bytes that nobody has taken yet."""
        return self._put - self._taken

    def put(self, data: bytes) -> None:
        """Add samples."""
        self._put += len(data)
        self._parts.put(data)

    def end(self) -> None:
        """No more comes."""
        self._parts.put(None)

    def take(self, timeout: float) -> bytes | None:
        """All that waits; empty when nothing came for so many seconds, None after the end."""
        if self._ended:
            return None
        taken = bytearray()
        try:
            part = self._parts.get(timeout=timeout)
            while part is not None:
                taken += part
                part = self._parts.get_nowait()
            self._ended = True
        except queue.Empty:
            pass
        self._taken += len(taken)
        return None if self._ended and not taken else bytes(taken)


@runtime_checkable
class ListeningService(Service, Protocol):
    """A service that also hears sound while it is made."""

    def listen(
        self, work: Listen, sound: IncomingSound, cancelled: Callable[[], bool]
    ) -> Iterator[Result | Done]:
        """Do one job on sound that is still coming; else as `run`."""
        ...
