"""Telling the owner of emergency access: a dialog over whatever is in view, once the diary is open.

Rules: read and remembered in threads; until it was answered it is told at every opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from diary.tui.dialogs.emergency import EmergencyDialog
from diary.tui.ports import Notebook
from diary.tui.retaining import RetainingApp
from diary.tui.tasks import attempt


class EmergencyApp(RetainingApp):
    """An app that tells of emergency access."""

    @dataclass
    class NoticesRead(Message):
        """What the owner was not told yet."""

        notices: Sequence[str]

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
