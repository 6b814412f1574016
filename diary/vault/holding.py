"""The lock of an open database. It is taken for every statement, so it is a class and no generator."""

from __future__ import annotations

import threading
from types import TracebackType

from diary.errors import StorageFailed
from diary.vault.failures import tell_the_reader


class Holding:
    """Inside `with`, other threads are kept out; the same thread may take it again. Errors of the disk and
    the database become sentences, as `failures.told_to_the_reader` says.

    :ivar closed: whether the vault was closed; then it is not given any more.
    """

    __slots__ = ("_lock", "closed")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.closed = False

    def __enter__(self) -> None:
        """:raises diary.errors.StorageFailed: when the vault was closed, by another thread for instance."""
        self._lock.acquire()
        if self.closed:
            self._lock.release()
            raise StorageFailed(
                "The diary was closed meanwhile, so this was not done. Everything saved before is safe."
            )

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                tell_the_reader(error)
        finally:
            self._lock.release()

    @property
    def lock(self) -> threading.RLock:
        """The lock alone, which is given after the closing too."""
        return self._lock
