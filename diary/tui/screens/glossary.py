"""The glossary: people, places and medicines of the person, listed, added and removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.widgets.option_list import Option

from diary.model.glossary import Term, TermDraft, TermId, TermKind
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.term import KindDialog, ProposedDialog, TermDialog
from diary.tui.plain import counted, one_line
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import attempt
from diary.tui.voice_ports import Terms
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.lists import PlainList
from diary.tui.widgets.status_line import StatusLine

EMPTY = (
    "No words of yours are kept yet.\n\nPress a to add one: names are heard better then, and a word that "
    "sounds like a medicine of yours is asked about."
)


class GlossaryScreen(DiaryScreen[None]):
    """Keeps the glossary."""

    PLACE = Place.GLOSSARY
    CSS_PATH = "glossary.tcss"
    AUTO_FOCUS = "#terms"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.GLOSSARY)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class TermsRead(Message):
        """All that are kept; `keep` is to be highlighted."""

        terms: Sequence[Term]
        keep: TermId | None = None

    @dataclass
    class Proposed(Message):
        """What the entries name and is not kept yet."""

        terms: Sequence[TermDraft]

    def __init__(self, glossary: Terms) -> None:
        super().__init__()
        self._glossary = glossary
        self._terms: list[Term] = []

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="what", markup=False)
        yield PlainList(id="terms", markup=False, compact=True)
        yield Static(Content(EMPTY), id="empty", markup=False)
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Read them."""
        self.query_one("#empty").display = False
        self._read()

    @work(thread=True, exclusive=True, exit_on_error=False, group="terms")
    def _read(self) -> None:
        attempt(self, lambda: self.TermsRead(self._glossary.terms()))

    @on(TermsRead)
    def _show(self, event: TermsRead) -> None:
        event.stop()
        self._terms = sorted(event.terms, key=lambda term: (term.kind, term.text.casefold()))
        listed = self.query_one("#terms", PlainList)
        before = listed.highlighted or 0
        listed.set_options([Option(_line(term)) for term in self._terms])
        listed.display = bool(self._terms)
        self.query_one("#empty").display = not self._terms
        words = counted(len(self._terms), "word")
        self.query_one("#what", Static).update(Content(f"Your own words · {words}"))
        if self._terms:
            places = [place for place, term in enumerate(self._terms) if term.id == event.keep]
            listed.highlighted = places[0] if places else min(before, len(self._terms) - 1)
            listed.focus()

    def action_add(self) -> None:
        """Ask for a word."""

        def asked(kind: str | None) -> None:
            if kind is not None:
                self.app.push_screen(TermDialog(TermKind(kind)), self._take)

        self.app.push_screen(KindDialog(), asked)

    def action_propose(self) -> None:
        """Offer names that the entries hold."""
        self._read_proposed()

    @work(thread=True, exclusive=True, exit_on_error=False, group="propose")
    def _read_proposed(self) -> None:
        attempt(self, lambda: self.Proposed(self._glossary.proposed_terms()))

    @on(Proposed)
    def _offer(self, event: Proposed) -> None:
        event.stop()
        if not event.terms:
            self.notify("Your entries name nothing that is not here.", timeout=4)
        elif self.is_current:
            self.app.push_screen(ProposedDialog(event.terms), self._take)

    def _take(self, draft: TermDraft | None) -> None:
        if draft is not None:
            self._add(draft)

    @work(thread=True, exit_on_error=False, group="add-term")
    def _add(self, draft: TermDraft) -> None:
        def job() -> Message:
            kept = self._glossary.add_term(draft)
            return self.TermsRead(self._glossary.terms(), kept.id)

        attempt(self, job)

    def action_delete(self) -> None:
        """Ask, then remove the highlighted word."""
        place = self.query_one("#terms", PlainList).highlighted
        if place is None or not self._terms:
            return
        term = self._terms[place]
        dialog = ChoiceDialog(
            f"Remove “{one_line(term.text, 40)}” from your words?",
            details="What is written in your entries stays as it is.",
            choices=[
                Choice(key="n", label="No, keep it", value="keep"),
                Choice(key="y", label="Yes, remove", value="remove", dangerous=True),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "remove":
                self._remove(term.id)

        self.app.push_screen(dialog, answered)

    @work(thread=True, exit_on_error=False, group="remove-term")
    def _remove(self, term: TermId) -> None:
        def job() -> Message:
            self._glossary.remove_term(term)
            return self.TermsRead(self._glossary.terms())

        attempt(self, job)

    def action_leave(self) -> None:
        """Go back to the journal."""
        self.dismiss(None)


def _line(term: Term) -> Content:
    more = []
    if term.also:
        more.append("also " + ", ".join(one_line(name, 40) for name in term.also))
    if term.instead_of:
        more.append("instead of " + ", ".join(f"“{one_line(name, 40)}”" for name in term.instead_of))
    name = one_line(term.text, 60)
    return Content.assemble((f"{name:<24}", "bold"), f" {term.kind.value:<9} {' · '.join(more)}")
