"""Counting and indexing while the person reads and writes.

Rules: one indexing at a time; when words change meanwhile, it runs once more afterwards; it never blocks
typing, and stops at the next safe point when the app ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message
from textual.reactive import reactive
from textual.worker import get_current_worker

from diary.model.backup import BackupDue
from diary.model.progress import Progress
from diary.tui.context import Outcome, ScreenContext
from diary.tui.ports import Notebook, StatusFacts
from diary.tui.private_app import PrivateApp
from diary.tui.tasks import Failed, WordsChanged, attempt, failure_of
from diary.tui.widgets.status_line import Board


class BackgroundApp(PrivateApp[Outcome]):
    """An app with a notebook, once it is open, and a board that says how it stands."""

    board: reactive[Board | None] = reactive(None)

    @dataclass
    class Counted(Message):
        """The status line's facts, counted anew."""

        facts: StatusFacts
        due: BackupDue | None

    @dataclass
    class Indexing(Message):
        """How far the index is."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, BackgroundApp.Indexing)

    class Indexed(Message):
        """The index is done, stopped or failed."""

    def __init__(self, world: ScreenContext) -> None:
        super().__init__()
        self.notebook: Notebook | None = None
        self._indexing = False
        self._index_again = False
        self.board = Board(
            seal=world.seal, sealed=world.sealed, caveats=tuple(world.caveats), vault=world.vault
        )

    def tell_in_line(self, notice: str) -> None:
        """Say this in the status line of every screen; nothing when it is empty."""
        if self.board is not None and self.board.notice != notice:
            self.board = replace(self.board, notice=notice)

    @on(WordsChanged)
    def words_changed(self) -> None:
        """Count and index anew."""
        if self.notebook is None:
            return
        self._count(self.notebook)
        if self._indexing:
            self._index_again = True
        else:
            self._indexing = True
            self._index(self.notebook)

    def count_again(self) -> None:
        """Count only."""
        if self.notebook is not None:
            self._count(self.notebook)

    @work(thread=True, exclusive=True, exit_on_error=False, group="count")
    def _count(self, notebook: Notebook) -> None:
        attempt(self, lambda: self.Counted(notebook.status(), notebook.backups.due()))

    @work(thread=True, exclusive=True, exit_on_error=False, group="index")
    def _index(self, notebook: Notebook) -> None:
        worker = get_current_worker()

        def report(progress: Progress) -> None:
            self.post_message(self.Indexing(progress))

        try:
            notebook.read_new(cancelled=lambda: worker.is_cancelled)
            notebook.index(report=report, cancelled=lambda: worker.is_cancelled)
        except Exception as error:
            self.post_message(Failed(failure_of(error)))
        self.post_message(self.Indexed())

    @on(Counted)
    def _show_count(self, event: Counted) -> None:
        if self.board is not None:
            self.board = replace(self.board, facts=event.facts, due=event.due)

    @on(Indexing)
    def _show_progress(self, event: Indexing) -> None:
        if self.board is not None and self._indexing:
            self.board = replace(self.board, indexing=event.progress)

    @on(Indexed)
    def _finish_indexing(self) -> None:
        self._indexing = False
        if self.board is not None:
            self.board = replace(self.board, indexing=None)
        if self._index_again:
            self._index_again = False
            self.words_changed()
        elif self.notebook is not None:
            self._count(self.notebook)
