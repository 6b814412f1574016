"""The words of a recording as they are written down while one speaks; the newest are always in view."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from diary.model.speech import Segment
from diary.tui.hearing import marked
from ingest.heard import PARAGRAPH_PAUSE_SECONDS


class HeardWords(VerticalScroll, can_focus=False):
    """Grows by segments; a pause of two seconds begins a paragraph, as in the entry that comes of it."""

    DEFAULT_CSS = """
    HeardWords { height: 1fr; scrollbar-size-vertical: 1; }
    HeardWords Static { height: auto; max-width: 92; margin-bottom: 1; }
    HeardWords #nothing-yet { color: $muted; }
    """

    def __init__(self, nothing_yet: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._nothing_yet = nothing_yet
        self._paragraph: Static | None = None
        self._words = Content("")
        self._end = 0.0

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(Content(self._nothing_yet), id="nothing-yet", markup=False)

    def promise(self, words: str) -> None:
        """Say something else while there are no words."""
        if self._paragraph is None and words != self._nothing_yet:
            self._nothing_yet = words
            self.query_one("#nothing-yet", Static).update(Content(words))

    async def add(self, segment: Segment) -> None:
        """Show these words after the others."""
        if self._paragraph is None or segment.start - self._end >= PARAGRAPH_PAUSE_SECONDS:
            self.query_one("#nothing-yet").display = False
            self._words = marked(segment)
            self._paragraph = Static(self._words, markup=False)
            await self.mount(self._paragraph)
        else:
            self._words += Content(" ") + marked(segment)
            self._paragraph.update(self._words)
        self._end = segment.end
        self.call_after_refresh(self.scroll_end, animate=False)
