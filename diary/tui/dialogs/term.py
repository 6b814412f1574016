"""Asks for a word of the glossary: how it is written, what else it is called, what is heard instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from diary.model.glossary import TermDraft, TermKind
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.leaving import Dialog
from diary.tui.plain import one_line
from diary.tui.widgets.fields import Field
from diary.tui.widgets.lists import PlainList

KINDS = (
    Choice(key="m", label="Medicine", value=TermKind.MEDICINE),
    Choice(key="p", label="Person", value=TermKind.PERSON),
    Choice(key="l", label="Place", value=TermKind.PLACE),
    Choice(key="o", label="Other", value=TermKind.OTHER),
)
PROMISE = {
    TermKind.MEDICINE: "A word that sounds like it is asked about, never changed by itself.",
    TermKind.PERSON: "It helps to hear the name, and to find its other forms.",
    TermKind.PLACE: "It helps to hear the name, and to find its other forms.",
    TermKind.OTHER: "It helps to hear the word, and to find its other forms.",
}


class KindDialog(ChoiceDialog):
    """Returns the kind of a new word, or None for Escape."""

    def __init__(self) -> None:
        super().__init__("A word of yours: what is it?", choices=KINDS)


class TermDialog(Dialog[TermDraft]):
    """Returns the word, or None for Escape."""

    CSS_PATH = "term.tcss"
    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, kind: TermKind) -> None:
        super().__init__()
        self._kind = kind

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content(f"A {self._words} of yours"), id="question", markup=False)
            yield Field(placeholder="As it is to be written: Topiramate", id="text", compact=True)
            yield Field(placeholder="Also called, with commas: Topamax", id="also", compact=True)
            yield Field(placeholder="Written instead of, with commas: top a max", id="instead", compact=True)
            yield Static(Content(PROMISE[self._kind]), id="means", markup=False)
            keys = "Tab goes to the next line · Enter keeps it · Esc goes back"
            yield Static(Content(keys), id="keys", markup=False)

    @property
    def _words(self) -> str:
        return "word" if self._kind is TermKind.OTHER else self._kind.value

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        text = " ".join(self.query_one("#text", Input).value.split())
        if not text:
            self.query_one("#text").focus()
            self.query_one("#means", Static).update(Content("How is it to be written?"))
            return
        self.dismiss(
            TermDraft(text=text, kind=self._kind, also=self._list("#also"), instead_of=self._list("#instead"))
        )

    def _list(self, name: str) -> tuple[str, ...]:
        parts = (" ".join(part.split()) for part in re.split("[,;]", self.query_one(name, Input).value))
        return tuple(dict.fromkeys(part for part in parts if part))


class ProposedDialog(Dialog[TermDraft]):
    """Returns one of the words that the entries name, or None for Escape."""

    CSS_PATH = "term.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, terms: Sequence[TermDraft]) -> None:
        super().__init__()
        self._terms = terms

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content("Your entries name these"), id="question", markup=False)
            lines = [f"{one_line(term.text, 40):<30} {term.kind.value}" for term in self._terms]
            options = [Option(Content(line)) for line in lines]
            yield PlainList(*options, id="proposed", markup=False, compact=True)
            yield Static(Content("Enter keeps one · Esc goes back"), id="keys", markup=False)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._terms[event.option_index])
