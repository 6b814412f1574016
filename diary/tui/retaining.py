"""Keeping the rules of retention while the diary is open: when it opens, and again from time to time.

Rules: in the background; nothing goes silently: what will go is told a week before, what went is told after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import on, work
from textual.message import Message
from textual.worker import get_current_worker

from diary.model.retention import RetentionDone
from diary.retention_words import sentences
from diary.tui.background_backup import BackupApp
from diary.tui.ports import Notebook
from diary.tui.tasks import WordsChanged, attempt

EVERY: Final = 3600.0
"""Seconds between looks: what is announced is announced once a day, however often it is looked at."""
_TOLD_FOR = 15


class RetainingApp(BackupApp):
    """An app that keeps the rules."""

    @dataclass
    class Retained(Message):
        """What a run of the rules did."""

        done: RetentionDone

    def begin_retention(self) -> None:
        """The diary is open."""
        self._keep_rules()
        self.set_interval(EVERY, self._keep_rules)

    def _keep_rules(self) -> None:
        if self.notebook is not None:
            self._run_rules(self.notebook)

    @work(thread=True, exclusive=True, exit_on_error=False, group="retention")
    def _run_rules(self, notebook: Notebook) -> None:
        worker = get_current_worker()
        attempt(self, lambda: self.Retained(notebook.keep_rules(cancelled=lambda: worker.is_cancelled)))

    @on(Retained)
    def _tell_retained(self, event: Retained) -> None:
        for sentence in sentences(event.done):
            self.notify(sentence, timeout=_TOLD_FOR, markup=False)
        if event.done.went:
            self.post_message(WordsChanged())
            self.renew_screens()
