"""Text fields that take nothing which could steer the terminal.

The handlers of `Paste` change what is pasted and call nothing: Textual calls the handler of each base class
itself, after ours.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Selection

from diary.printable import safe


class Field(Input):
    """One line; what is pasted is made safe first. The cursor stands still, for calm and for slow lines."""

    def on_mount(self) -> None:
        """Stop the blinking."""
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.text = " ".join(safe(event.text).split())


class Words(TextArea):
    """Many lines, as typed, with a cursor that stands still."""

    def on_mount(self) -> None:
        """Stop the blinking."""
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = safe(event.text.replace("\r\n", "\n").replace("\r", "\n"))


class ReadOnlyWords(TextArea):
    """Many lines to read: scrolls with the arrows, and can show a span as selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Start", show=False),
        Binding("end,G", "scroll_end", "End", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            "", id=id, read_only=True, show_cursor=False, highlight_cursor_line=False, compact=True
        )

    def show(self, untrusted_text: str, span: tuple[int, int] | None = None) -> None:
        """Show a text; with `span` (offsets in code points) select those characters and scroll there."""
        self.text = safe(untrusted_text)
        if span is None:
            self.selection = Selection.cursor((0, 0))
            self.scroll_home(animate=False)
            return
        start, end = (self._location(self.text, offset) for offset in span)
        self.selection = Selection(start, end)
        self.call_after_refresh(self._centre, start)

    @staticmethod
    def _location(text: str, offset: int) -> tuple[int, int]:
        before = text[:offset]
        return before.count("\n"), len(before) - (before.rfind("\n") + 1)

    def _centre(self, start: tuple[int, int]) -> None:
        row = self.wrapped_document.location_to_offset(start).y
        self.scroll_to(y=max(0, row - self.size.height // 3), animate=False, force=True)
