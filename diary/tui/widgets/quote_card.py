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
from diary.model.entry import Entry
from diary.number_words import short_day
from diary.printable import safe
from diary.tui.plain import day_words, one_line

_LONGEST_LINE = 240


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands around a short quote: the rest of its line, and the title of its entry."""

    before: str
    after: str
    title: str


def setting_of(entry: Entry, quote: Quote) -> Setting:
    """The line of the entry that the quote stands in."""
    first = entry.text.rfind("\n", 0, quote.start) + 1
    last = entry.text.find("\n", quote.end)
    return Setting(
        entry.text[first : quote.start].lstrip(),
        entry.text[quote.end : last if last >= 0 else len(entry.text)].rstrip(),
        entry.title or "",
    )


class QuoteCard(Static, can_focus=True):
    """One quote, numbered as the summary cites it; number 0 has none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "Open", key_display="⏎")]

    @dataclass
    class Opened(Message):
        """The person wants to read the entry around this quote."""

        quote: Quote

    def __init__(self, quote: Quote, number: int, *, today: date, setting: Setting | None = None) -> None:
        place = f"{number}  " if number else ""
        if setting is not None:
            words = _in_its_line(quote, place, setting)
        else:
            heading = Content.styled(f"{place}{day_words(quote.day, today)}", "bold $accent")
            if quote.rough:
                heading += Content(" · rough draft")
            text = "\n".join(line for line in safe(quote.text).splitlines() if line.strip())
            words = Content("\n").join([heading, Content(text)])
        super().__init__(words, markup=False, classes="-short" if setting is not None else "")
        self.quote = quote

    def action_open(self) -> None:
        """Read the entry around this quote."""
        self.post_message(self.Opened(self.quote))

    def on_click(self, event: events.Click) -> None:
        """A click opens it too."""
        event.stop()
        self.action_open()


def _in_its_line(quote: Quote, place: str, setting: Setting) -> Content:
    """`3 Jul 2025  Slept well. sleep:: 7h10m · A new notebook`: the quote bold within its line."""
    title = f"  · {one_line(setting.title, 40)}" if setting.title else ""
    before = safe(setting.before)[-_LONGEST_LINE:]
    return Content.assemble(
        (f"{place}{short_day(quote.day):<12}", "bold $accent"),
        before,
        (one_line(quote.text, _LONGEST_LINE), "bold"),
        safe(setting.after)[:_LONGEST_LINE],
        (title, "$muted"),
    )
