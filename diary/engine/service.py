"""What runs inside an engine process: one service with one model. The host drives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from diary.engine.messages import Done, FailureCode, Result, Work


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
