"""Making a backup while the person does something else.

Rules: into the folder of the settings, and only when asked for; one at a time, and asking again stops it;
what came of it is told in a sentence. That one is due is a few words in the status line, never a dialog.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message
from textual.worker import get_current_worker

from diary.errors import Stopped
from diary.model.backup import BackupMade
from diary.model.progress import Progress
from diary.tui.bringing_back import BringingBackApp
from diary.tui.context import ScreenContext
from diary.tui.ports import Notebook
from diary.tui.tasks import Failed, failure_of


class BackupApp(BringingBackApp):
    """An app that makes backups."""

    @dataclass
    class BackingUp(Message):
        """How far the backup is."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, BackupApp.BackingUp)

    @dataclass
    class BackedUp(Message):
        """The backup is made; None: it was stopped, or failed."""

        made: BackupMade | None

    def __init__(self, world: ScreenContext) -> None:
        super().__init__(world)
        self._stop_backup: threading.Event | None = None

    def action_backup(self) -> None:
        """Make a backup now, or stop the one that is being made."""
        if self.notebook is None:
            return
        if self._stop_backup is not None:
            self._stop_backup.set()
            return
        self._stop_backup = threading.Event()
        self._make_backup(self.notebook, self._stop_backup)

    @work(thread=True, exclusive=True, exit_on_error=False, group="backup")
    def _make_backup(self, notebook: Notebook, stop: threading.Event) -> None:
        worker = get_current_worker()
        done = self.BackedUp(None)

        def report(progress: Progress) -> None:
            self.post_message(self.BackingUp(progress))

        try:
            done.made = notebook.backups.make(
                report=report, cancelled=lambda: stop.is_set() or worker.is_cancelled
            )
        except Stopped:
            pass
        except Exception as error:
            self.post_message(Failed(failure_of(error)))
        self.post_message(done)

    @on(BackingUp)
    def _show_backup(self, event: BackingUp) -> None:
        if self.board is not None and self._stop_backup is not None:
            self.board = replace(self.board, backup=event.progress)

    @on(BackedUp)
    def _finish_backup(self, event: BackedUp) -> None:
        stopped = self._stop_backup is not None and self._stop_backup.is_set()
        self._stop_backup = None
        if self.board is not None:
            self.board = replace(self.board, backup=None)
        if event.made is not None:
            self._tell_backup(event.made)
            self.count_again()
        elif stopped:
            self.notify("The backup was stopped. The ones before are as they were.", markup=False)

    def _tell_backup(self, made: BackupMade) -> None:
        sentences = [f"A backup was made and proved to restore: {made.file.name}."]
        sentences += [f"But: {finding}." for finding in made.findings]
        self.notify(
            "\n".join([*sentences, *made.notes]),
            severity="warning" if made.findings else "information",
            timeout=12,
            markup=False,
        )
