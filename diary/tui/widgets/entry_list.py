"""The list of entries, latest first, under a heading for each day; it grows as one nears its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from diary.model.entry import Entry, EntryId
from diary.tui.plain import day_words, headline, marks
from diary.tui.widgets.lists import PlainList

NEAR = 20
"""So many options before the end, the list asks for more."""


class EntryList(PlainList):
    """Entries by day. Shows what it is given and asks for more; it reads nothing itself."""

    @dataclass
    class Highlighted(Message):
        """The person moved to this entry; None when the list is empty."""

        entry: Entry | None

    @dataclass
    class Opened(Message):
        """The person wants to read this entry."""

        entry: Entry

    @dataclass
    class NearEnd(Message):
        """The highlight comes near the last of `shown` entries."""

        shown: int

    def __init__(self, *, today: Callable[[], date], id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._today = today
        self._entries: dict[EntryId, Entry] = {}
        self._last_day: date | None = None

    @property
    def shown(self) -> int:
        """How many entries the list has."""
        return len(self._entries)

    @property
    def current(self) -> Entry | None:
        """The highlighted entry."""
        option = self.highlighted_option
        return self._entries.get(EntryId(int(option.id))) if option and option.id else None

    def replace(self, entries: Sequence[Entry], *, keep: EntryId | None) -> None:
        """Show these entries instead, with the highlight on `keep`, or where it was, or on the first."""
        before = self.highlighted or 0
        self._entries.clear()
        self._last_day = None
        self.clear_options()
        self.extend(entries)
        if not self._entries:
            self.post_message(self.Highlighted(None))
        elif keep is not None and keep in self._entries:
            self.highlighted = self.get_option_index(str(keep))
        else:
            self._highlight_near(before)

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add older entries below; those already shown are passed over."""
        options: list[Option] = []
        for entry in entries:
            if entry.id in self._entries:
                continue
            self._entries[entry.id] = entry
            if entry.happened.date() != self._last_day:
                self._last_day = entry.happened.date()
                heading = Content.styled(day_words(self._last_day, self._today()), "bold $accent")
                options.append(Option(heading, disabled=True))
            options.append(Option(self._line(entry), id=str(entry.id)))
        self.add_options(options)

    def _line(self, entry: Entry) -> Content:
        # No colour of its own for the time: it would be lost on the highlighted line.
        when = f"{entry.happened:%H:%M} {marks(entry):<2.3} "
        return Content.assemble(when, (headline(entry), "bold" if entry.title else ""))

    def _highlight_near(self, index: int) -> None:
        usable = [place for place, option in enumerate(self.options) if not option.disabled]
        self.highlighted = min(usable, key=lambda place: abs(place - index))

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.highlighted == 1:
            self.scroll_home(animate=False)  # the first day's heading cannot be highlighted, only shown
        self.post_message(self.Highlighted(self.current))
        if event.option_index >= self.option_count - NEAR:
            self.post_message(self.NearEnd(self.shown))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.current is not None:
            self.post_message(self.Opened(self.current))
