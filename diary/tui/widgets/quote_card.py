"""A verbatim quote with its date; Enter opens its entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.model.answer import Quote
from diary.printable import safe
from diary.tui.plain import day_words


class QuoteCard(Static, can_focus=True):
    """One quote, numbered as the summary cites it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "Open", key_display="⏎")]

    @dataclass
    class Opened(Message):
        """The person wants to read the entry around this quote."""

        quote: Quote

    def __init__(self, quote: Quote, number: int, *, today: date) -> None:
        heading = Content.styled(f"{number}  {day_words(quote.day, today)}", "bold $accent")
        words = "\n".join(line for line in safe(quote.text).splitlines() if line.strip())
        super().__init__(Content("\n").join([heading, Content(words)]), markup=False)
        self.quote = quote

    def action_open(self) -> None:
        """Read the entry around this quote."""
        self.post_message(self.Opened(self.quote))

    def on_click(self, event: events.Click) -> None:
        """A click opens it too."""
        event.stop()
        self.action_open()
