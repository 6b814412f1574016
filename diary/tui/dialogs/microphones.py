"""Offers the microphones; what is chosen is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.model.speech import Microphone
from diary.tui.leaving import Dialog
from diary.tui.plain import one_line
from diary.tui.widgets.lists import PlainList

SYSTEM = "The one your system chooses"


class MicrophoneDialog(Dialog[str]):
    """Returns the id of the microphone, empty for the system's choice; None for Escape.

    :param used: the id of the remembered one; None: the system's choice.
    """

    CSS_PATH = "microphones.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, microphones: Sequence[Microphone], used: str | None) -> None:
        super().__init__()
        self._offered: list[tuple[str, str]] = [("", SYSTEM)]
        for one in microphones:
            default = " (the system's choice now)" if one.default else ""
            self._offered.append((one.id, f"{one_line(one.name, 50)}{default}"))
        self._used = used or ""

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content("Which microphone?"), id="question", markup=False)
            options = [Option(self._line(id, name)) for id, name in self._offered]
            yield PlainList(*options, id="microphones", markup=False, compact=True)
            yield Static(Content("Enter remembers it · Esc goes back"), id="keys", markup=False)

    def on_mount(self) -> None:
        """Stand on the one in use."""
        ids = [id for id, _ in self._offered]
        self.query_one(OptionList).highlighted = ids.index(self._used) if self._used in ids else 0

    def _line(self, id: str, name: str) -> Content:
        return Content(f"{'●' if id == self._used else ' '} {name}")

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offered[event.option_index][0])
