"""What the owner is told once the diary is open.

Rules: what is amiss with the vault lies over the screen until it is clicked away. That somebody tried to open
it, which mostly was the owner with a slip, stands in the status line, over nothing, until the person goes
elsewhere; the help has both for as long as the diary is open. Emergency access is a dialog over whatever is
in view; read and remembered in threads, it is told at every opening until it was answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import on, work
from textual.message import Message

from diary.tui.dialogs.emergency import EmergencyDialog
from diary.tui.ports import Notebook
from diary.tui.retaining import RetainingApp
from diary.tui.tasks import attempt

_LASTING: Final = 24 * 60 * 60.0
"""Seconds that a warning about the vault stands, unless it is clicked away."""


class EmergencyApp(RetainingApp):
    """An app that tells of what was amiss, and of emergency access."""

    @dataclass
    class NoticesRead(Message):
        """What the owner was not told yet."""

        notices: Sequence[str]

    def tell_warnings(self, notebook: Notebook) -> None:
        """Tell what is amiss, and who tried to open it."""
        tried = notebook.tried
        for sentence in notebook.warnings:
            if tried is None or sentence != tried.sentence:
                self.notify(sentence, severity="warning", timeout=_LASTING, markup=False)
        if tried is not None:
            self.tell_in_line(tried.in_a_line)

    @work(thread=True, exit_on_error=False, group="emergencies")
    def tell_of_emergencies(self, notebook: Notebook) -> None:
        """Show what was not told yet; nothing when there is nothing."""
        attempt(
            self, lambda: self.NoticesRead(notices) if (notices := notebook.emergency_notices()) else None
        )

    @on(NoticesRead)
    def _show_notices(self, event: NoticesRead) -> None:
        self.push_screen(EmergencyDialog(event.notices), self._notices_seen)

    def _notices_seen(self, seen: bool | None) -> None:
        if seen and self.notebook is not None:
            self._remember_told(self.notebook)

    @work(thread=True, exit_on_error=False, group="emergencies")
    def _remember_told(self, notebook: Notebook) -> None:
        def remember() -> None:
            notebook.emergencies_told()

        attempt(self, remember)
