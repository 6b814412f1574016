"""The items of a plan as a list that is ticked off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from diary.tui.plain import DASH, one_line
from diary.tui.plan_sheet import Row, Sheet
from diary.tui.widgets.lists import PlainList
from retrieval.planning.checklist import ChecklistItem

_DAY_WIDTH = 17


def when_words(item: ChecklistItem) -> str:
    """`Tue 25 Nov 16:10`, `24 - 30 Nov`; empty for any day."""
    if item.due is None:
        return ""
    if item.since is not None:
        month = "" if item.since.month == item.due.month else f" {item.since:%b}"
        return f"{item.since.day}{month} {DASH} {item.due.day} {item.due:%b}"
    return f"{item.due:%a} {item.due.day} {item.due:%b}" + (f" {item.at:%H:%M}" if item.at else "")


class Checklist(PlainList):
    """Shows a sheet. Changes nothing itself."""

    @dataclass
    class Moved(Message):
        """The person moved to this item; None when there is none."""

        row: Row | None

    @dataclass
    class Opened(Message):
        """The person wants to read the note this item was taken from."""

        row: Row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._rows: list[Row] = []

    @property
    def place(self) -> int | None:
        """The place of the highlighted item from the top."""
        option = self.highlighted_option
        return int(option.id) if option is not None and option.id is not None else None

    @property
    def current(self) -> Row | None:
        """The highlighted item."""
        place = self.place
        return self._rows[place] if place is not None and place < len(self._rows) else None

    def show(self, sheet: Sheet, today: date, *, place: int | None = None) -> None:
        """Show these items, with the highlight on `place`, or near it."""
        self._rows = sheet.rows
        options: list[Option] = []
        at = 0
        for number, section in enumerate(sheet.sections):
            remarks = [line for line in section.lines if line.strip()]
            if number and section.rows and remarks:
                heading = one_line(remarks[-1].lstrip("# "), 70)
                options.append(Option(Content.styled(heading, "bold $accent"), disabled=True))
            for row in section.rows:
                options.append(Option(self._told(row.item, today), id=str(at)))
                at += 1
        self.set_options(options)
        if self._rows:
            wanted = min(max(place or 0, 0), len(self._rows) - 1)
            self.highlighted = self.get_option_index(str(wanted))
        self.post_message(self.Moved(self.current))

    @staticmethod
    def _told(item: ChecklistItem, today: date) -> Content:
        box = "[x]" if item.done else "[ ]"
        late = "! " if item.due and item.due < today and not item.done else "  "
        words = f"{box}{late}{when_words(item):<{_DAY_WIDTH}}{one_line(item.text, 200)}"
        return Content.styled(words, "strike" if item.done else "")

    @on(OptionList.OptionHighlighted)
    def _move(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved(self.current))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.current is not None:
            self.post_message(self.Opened(self.current))
