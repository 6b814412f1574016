"""Asks for the words and the day of an item of a plan, and shows at once how the day is understood."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from diary.errors import DiaryError
from diary.printable import safe
from diary.tui.leaving import Dialog
from diary.tui.plan_sheet import Day, day_typed_for, typed_day
from diary.tui.widgets.checklist import when_words
from diary.tui.widgets.fields import Field
from retrieval.planning.checklist import ChecklistItem


class ItemDialog(Dialog[tuple[str, Day]]):
    """Returns the words and the day; None for Escape."""

    CSS_PATH = "item.tcss"
    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, item: ChecklistItem | None, *, now: datetime) -> None:
        super().__init__()
        self._item = item
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        item = self._item
        with Vertical(id="dialog"):
            title = "An item of your own" if item is None else "Change the item"
            yield Static(Content(title), id="question", markup=False)
            yield Field(
                safe(item.text) if item else "",
                placeholder="What is to be done?",
                id="text",
                compact=True,
                select_on_focus=False,
            )
            yield Field(
                day_typed_for(item) if item else "",
                placeholder="When? tomorrow, Friday 16:10, next week; empty for any day",
                id="day",
                compact=True,
            )
            yield Static(id="means", markup=False)
            yield Static(
                Content("Tab goes to the day · Enter takes both · Esc goes back"), id="keys", markup=False
            )

    def on_mount(self) -> None:
        """Show the day as it is."""
        self._show_meaning()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_meaning()

    def _show_meaning(self, error: str = "") -> None:
        means = self.query_one("#means", Static)
        day = self._day()
        means.set_classes("-none" if day is None or error else "")
        if error or day is None:
            means.update(Content(error or "No day that can be understood yet."))
        else:
            shown = ChecklistItem(text="", since=day.since, due=day.due, at=day.at)
            year = f", {day.due.year}" if day.due else ""
            means.update(Content(f"That is: {when_words(shown)}{year}" if day.due else "On any day."))

    def _day(self) -> Day | None:
        words = self.query_one("#day", Input).value
        item = self._item
        if item is not None and words == day_typed_for(item):
            return Day(item.since, item.due, item.at)
        try:
            return typed_day(words, self._now)
        except DiaryError:
            return None

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        text = " ".join(self.query_one("#text", Input).value.split())
        day = self._day()
        if not text:
            self.query_one("#text").focus()
            self._show_meaning("An item needs words.")
        elif day is None:
            self.query_one("#day").focus()
            self._show_meaning("That day was not understood. Empty means any day.")
        else:
            self.dismiss((text, day))
