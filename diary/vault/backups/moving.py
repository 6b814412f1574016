"""Bytes on their way, counted for progress and stopped on request."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from diary.errors import Stopped
from diary.model.progress import Cancelled, Progress, Report, never, silent

_MB = 1_000_000


class Mover:
    """Counts bytes, of several threads.

    :param task: what the reader is told that is going on.
    :param total: bytes that are to come; what is told is in MB.
    """

    def __init__(
        self, task: str, total: int, *, report: Report = silent, cancelled: Cancelled = never
    ) -> None:
        self._task = task
        self._total = max(-(-total // _MB), 1)
        self._report = report
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._bytes = 0
        self._told = -1

    def moved(self, count: int) -> None:
        """So many more.

        :raises diary.errors.Stopped: when that was asked for.
        """
        if self._cancelled():
            raise Stopped("Stopped. Nothing was changed.")
        with self._lock:
            self._bytes += count
            done = min(self._bytes // _MB, self._total - 1)
            if done != self._told:
                self._told = done
                self._report(Progress(self._task, done, self._total))

    def counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, counted as they pass."""
        for piece in pieces:
            self.moved(len(piece))
            yield piece

    def end(self) -> None:
        """All of it is done."""
        self._report(Progress(self._task, self._total, self._total))
