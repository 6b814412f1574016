"""Work done beside one's own, in a thread that never keeps the program from ending.

The threads of `concurrent.futures` are joined when the interpreter ends, and Ctrl-C while one starts leaves
it waiting for work for ever, and the program with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def beside(work: Callable[[], Result]) -> Future[Result]:
    """Begin `work` in a thread of its own; what comes of it, or is raised by it, is the future's."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return future
