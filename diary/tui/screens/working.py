"""A screen that works for one wish at a time: a question, a search, a plan, a review.

Rules: each piece of work is a turn with a number, done in a worker's thread; a new turn replaces the one
before, and what comes of a replaced or stopped one is dropped, however late its thread ends. A job calls the
notebook and touches no widget. What it raises becomes a sentence. What is done with its result is not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from diary.model.answer import Quote
from diary.model.progress import Cancelled, Progress, Report
from diary.tui.context import ScreenContext
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.tasks import Failure, failure_of

Job = Callable[[int, Report, Cancelled], Message]
"""In a worker's thread: does the work of the turn of this number, and returns what is posted at its end."""


class WorkingScreen(DiaryScreen[None]):
    """Does one piece of work at a time, and says in one line how it goes.

    :cvar SAYS: the `Static` of that line.
    :cvar INDEXING: said while new entries are made searchable before the work itself.
    """

    SAYS: ClassVar[str] = "#progress"
    INDEXING: ClassVar[str] = "Reading new entries first"

    @dataclass
    class Indexing(Message):
        """New entries are made searchable before the work of this turn."""

        turn: int
        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, WorkingScreen.Indexing)

    @dataclass
    class NotDone(Message):
        """What this turn was to do failed."""

        turn: int
        failure: Failure

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__()
        self._notebook = notebook
        self._world = context
        self._turn = 0
        self._busy = False

    def _new_turn(self, words: str) -> None:
        """From here on nothing of the turn before is shown; `words` say what is done now."""
        self._turn += 1
        self._busy = True
        self._say(words, "-running")

    @work(thread=True, exclusive=True, exit_on_error=False, group="turn")
    def _work(self, turn: int, job: Job) -> None:
        worker = get_current_worker()

        def report(progress: Progress) -> None:
            self.post_message(self.Indexing(turn, progress))

        try:
            ended = job(turn, report, lambda: worker.is_cancelled)
        except Exception as error:
            ended = self.NotDone(turn, failure_of(error))
        self.post_message(ended)

    def _stop(self, words: str) -> None:
        """Stop the turn under way; nothing of it is shown any more."""
        self._turn += 1
        self._busy = False
        self.workers.cancel_group(self, "turn")
        self._say(words)

    @on(Indexing)
    def _show_indexing(self, event: Indexing) -> None:
        event.stop()
        if event.turn == self._turn and self._busy:
            total = f" of {event.progress.total:,}" if event.progress.total else ""
            self._say(f"{self.INDEXING}: {event.progress.done:,}{total}", "-running")

    @on(NotDone)
    def _tell(self, event: NotDone) -> None:
        event.stop()
        if event.turn == self._turn:
            self._busy = False
            self._give_up()
            self._say(event.failure.sentences, "-failed")

    def _give_up(self) -> None:
        """The turn failed: what the screen forgets with it."""

    def _say(self, words: str, manner: str = "") -> None:
        line = self.query_one(self.SAYS, Static)
        line.set_classes(manner)
        line.update(Content(words))

    def _read(self, quote: Quote) -> None:
        """Open the entry of this quote, the quote marked."""
        span = (quote.start, quote.end)
        self.app.push_screen(ReaderScreen(self._notebook, self._world, quote.entry, span=span))
