"""Asks the person to choose one of a few things; the safe one has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from diary.tui.leaving import Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer: the letter that gives it, what the button says, and what the dialog returns."""

    key: str
    label: str
    value: str
    dangerous: bool = False


class ChoiceDialog(Dialog[str]):
    """Returns the chosen value, or None for Escape. The first choice has the focus."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, *, details: str = "", choices: Sequence[Choice]) -> None:
        super().__init__()
        self._question = question
        self._details = details
        self._choices = {choice.key: choice for choice in choices}

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content(self._question), id="question", markup=False)
            if self._details:
                yield Static(Content(self._details), id="details", markup=False)
            with Horizontal(id="choices"):
                for choice in self._choices.values():
                    classes = "-dangerous" if choice.dangerous else ""
                    label = Content(f"{choice.key}  {choice.label}")
                    yield Button(label, id=f"choice-{choice.key}", classes=classes, compact=True)
            yield Static(Content("Enter chooses · ← → move · Esc goes back"), id="keys", markup=False)

    def on_key(self, event: events.Key) -> None:
        """A letter chooses at once."""
        if choice := self._choices.get(event.key):
            event.stop()
            self.dismiss(choice.value)

    @on(Button.Pressed)
    def _choose(self, event: Button.Pressed) -> None:
        self.dismiss(self._choices[str(event.button.id).removeprefix("choice-")].value)
