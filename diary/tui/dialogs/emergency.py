"""Tells the owner that a clinic opened the diary in an emergency, or may; stands until it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from diary.tui.leaving import Dialog


class EmergencyDialog(Dialog[bool]):
    """Returns True once the owner said so; there is no other way out of it than locking or leaving."""

    CSS_PATH = "emergency.tcss"
    AUTO_FOCUS = "#seen"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
    ]

    def __init__(self, notices: Sequence[str]) -> None:
        super().__init__()
        self._notices = notices

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content("Emergency access to your diary"), id="title", markup=False)
            with VerticalScroll(id="notices", can_focus=False):
                for notice in self._notices:
                    yield Static(Content(notice), markup=False)
            yield Button(Content("I have read this"), id="seen", compact=True)
            yield Static(
                Content("Enter closes · ↑ ↓ scroll · kept in: diary keys list"), id="keys", markup=False
            )

    def action_scroll(self, lines: int) -> None:
        """Show what is above or below."""
        self.query_one("#notices", VerticalScroll).scroll_relative(y=lines, animate=False)

    @on(Button.Pressed)
    def _seen(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(True)
