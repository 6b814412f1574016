"""Text fields that take nothing which could steer the terminal.

The handlers of `Paste` change what is pasted and call nothing: Textual calls the handler of each base class
itself, after ours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
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


DOUBTED: Final = Style(underline=True)
ASKED: Final = Style(bold=True, underline=True)
PLAYED: Final = Style(reverse=True)
"""None is a colour, so that all are seen without."""
GONE: Final = Style(color="red", strike=True)
CAME: Final = Style(color="green", bold=True)
"""Beside marks in the words themselves."""

Span = tuple[int, int]


class Marked(TextArea):
    """Many lines in which spans can be underlined, one of them in bold, and one shown in reverse."""

    _spans: Mapping[int, Sequence[tuple[int, int, Style]]] = {}
    _drawn: tuple[str, tuple[Span, ...], Span | None, Span | None] = ("", (), None, None)

    def mark(self, doubted: Sequence[Span], played: Span | None = None, asked: Span | None = None) -> None:
        """Underline these characters of the text as it is now, show those in reverse and those in bold."""
        drawn = (self.text, tuple(doubted), played, asked)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        styled = [(span, DOUBTED) for span in doubted]
        styled += [(span, style) for span, style in ((asked, ASKED), (played, PLAYED)) if span]
        self._draw(styled)

    def mark_changes(self, gone: Sequence[Span], came: Sequence[Span]) -> None:
        """Colour what went and what came, in the text as it is now."""
        self._drawn = ("", (), None, None)
        self._draw([*((span, GONE) for span in gone), *((span, CAME) for span in came)])

    def _draw(self, styled: Sequence[tuple[Span, Style]]) -> None:
        self._spans = _by_line(self.text, styled)
        self.notify_style_update()  # forgets the lines as they were drawn
        self.refresh()

    def get_line(self, line_index: int) -> Text:
        """The line with its marks; Textual's own place for such styles."""
        line = super().get_line(line_index)
        for start, end, style in self._spans.get(line_index, ()):
            line.stylize(style, start, end)
        return line

    def show_span(self, span: Span) -> None:
        """Scroll so that these characters are in view, when they are not."""
        row = self.wrapped_document.location_to_offset(place_of(self.text, span[0])).y
        top, height = self.scroll_offset.y, max(self.content_size.height, 1)
        if not top <= row < top + height:
            self.scroll_to(y=max(0, row - height // 3), animate=False, force=True)


def _by_line(
    text: str, styled: Sequence[tuple[Span, Style]]
) -> Mapping[int, Sequence[tuple[int, int, Style]]]:
    """For each line its columns with a style, out of characters of the whole text."""
    starts = [0, *(place + 1 for place, sign in enumerate(text) if sign == "\n"), len(text) + 1]
    spans: dict[int, list[tuple[int, int, Style]]] = defaultdict(list)
    for (start, end), style in styled:
        row = bisect_right(starts, start) - 1
        while row < len(starts) - 1 and starts[row] < end:
            until = min(end, starts[row + 1] - 1)
            spans[row].append((max(start, starts[row]) - starts[row], until - starts[row], style))
            row += 1
    return spans


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character."""
    before = text[:offset]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)


def offset_of(text: str, place: tuple[int, int]) -> int:
    """The character at this line and column."""
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: place[0]]) + place[1]


class Words(Marked):
    """Many lines, as typed, with a cursor that stands still."""

    def on_mount(self) -> None:
        """Stop the blinking."""
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = safe(event.text.replace("\r\n", "\n").replace("\r", "\n"))


class ReadOnlyWords(Marked):
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
        start, end = (place_of(self.text, offset) for offset in span)
        self.selection = Selection(start, end)
        self.call_after_refresh(self._centre, start)

    def _centre(self, start: tuple[int, int]) -> None:
        row = self.wrapped_document.location_to_offset(start).y
        self.scroll_to(y=max(0, row - self.size.height // 3), animate=False, force=True)
