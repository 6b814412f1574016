"""Runs the screen as the whole program: from the terminal's alternate screen until the process ends.

Order when the person leaves: unsaved words are kept, the terminal is restored, the notebook is closed (which
ends the engines, and with them any thread that waits for one), and only then the program returns or, to lock,
replaces itself. To stop, it leaves the signal for the fresh image, which holds nothing and stops at once.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from diary.model.progress import Report
from diary.tui.app import DiaryApp
from diary.tui.context import Outcome, ScreenContext
from diary.tui.ports import Notebook

THREADS: Final = 32


def run_screen(
    unlock: Callable[[str, Report], Notebook], lock: Callable[[], None], context: ScreenContext
) -> int:
    """Show the screen until the person leaves; the program's exit code.

    :param unlock: opens the diary; called in a thread; raises `diary.errors.DiaryError`.
    :param lock: replaces the process by a fresh one that holds no key; not expected to return.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTSTP])  # stops here when the last image was to
    app = DiaryApp(unlock, lock, context)
    return asyncio.run(_run(app, context))


async def _run(app: DiaryApp, context: ScreenContext) -> int:
    loop = asyncio.get_running_loop()
    # A task that fails unseen would be logged with its message, which may hold words of the diary.
    loop.set_exception_handler(lambda _loop, _context: None)
    # Enough threads that answers still waiting for a model never keep a draft waiting.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="screen"))
    with suppress(ValueError, NotImplementedError):  # only the main thread can take signals
        loop.add_signal_handler(signal.SIGTERM, app.leave, Outcome.QUIT)
        loop.add_signal_handler(signal.SIGHUP, app.hung_up)
    try:
        outcome = await app.run_async()
    finally:
        if app.notebook is not None:
            told = tuple(app.notebook.warnings)
            app.notebook.close()
            context.closed([sentence for sentence in app.notebook.warnings if sentence not in told])
    if outcome is Outcome.STOP:
        _stop_afterwards()
    if outcome in (Outcome.LOCK, Outcome.STOP):
        app.lock()
    return app.return_code or 0


def _stop_afterwards() -> None:
    """Let the stop wait: what is blocked and pending for this thread survives `execv`, and no byte of this
    memory does. A signal to the process would find another thread that does not block it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
