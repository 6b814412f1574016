"""Asks for a range of days in words, and shows at once how they are understood."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from diary.errors import DiaryError
from diary.model.time_range import TimeRange
from diary.tui.conversation import typed_range
from diary.tui.leaving import Dialog
from diary.tui.plain import editable_range, range_words
from diary.tui.widgets.fields import Field

EXAMPLES = "last March · since 4 August 2025 · 2025-05 · 3 May 2025 to 1 June 2025"


class RangeDialog(Dialog[TimeRange]):
    """Returns the range, open on both sides for any time; None for Escape."""

    CSS_PATH = "when.tcss"
    AUTO_FOCUS = "#when"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, question: str, used: TimeRange | None, *, today: date, any_time: bool = True) -> None:
        super().__init__()
        self._question = question
        self._used = used
        self._today = today
        self._any_time = any_time

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        examples = f"{EXAMPLES} · any time" if self._any_time else EXAMPLES
        with Vertical(id="dialog"):
            yield Static(Content(self._question), id="question", markup=False)
            yield Field(editable_range(self._used), id="when", compact=True, select_on_focus=True)
            yield Static(id="means", markup=False)
            yield Static(Content(examples), id="examples", markup=False)
            yield Static(Content("Enter takes it · Esc goes back"), id="keys", markup=False)

    @on(Input.Changed)
    def _show_meaning(self, event: Input.Changed) -> None:
        event.stop()
        means = self.query_one("#means", Static)
        try:
            found = self._read(event.value)
        except DiaryError:
            means.update(Content("No time that can be understood yet."))
            means.set_classes("-none")
        else:
            means.update(Content(f"That is: {range_words(found)}"))
            means.set_classes("")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            found = self._read(event.value)
        except DiaryError as error:
            means = self.query_one("#means", Static)
            means.update(Content(f"{error.message} {error.hint}"))
            means.set_classes("-none")
            return
        self.dismiss(found)

    def _read(self, words: str) -> TimeRange:
        found = typed_range(words, self._today)
        if not self._any_time and found.start is None and found.end is None:
            return typed_range("any time is not offered", self._today)
        return found
