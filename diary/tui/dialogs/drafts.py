"""Offers words that were typed but never saved, after a kill as well as after "keep for later"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.model.entry import Draft
from diary.tui.drafting import decode
from diary.tui.plain import DASH, one_line, short_moment
from diary.tui.widgets.lists import PlainList


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """What to do with which draft."""

    act: Literal["continue", "throw away"]
    draft: Draft


class DraftsDialog(ModalScreen[DraftChoice]):
    """Returns what to do with a draft, or None to leave them all for later."""

    CSS_PATH = "drafts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later"),
        Binding("d,delete", "throw_away", "Throw away"),
    ]

    def __init__(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        super().__init__()
        self._drafts = drafts
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        latest = short_moment(self._drafts[0].saved, self._now)
        with Vertical(id="dialog"):
            question = f"Unsaved words from {latest} {DASH} continue?"
            yield Static(Content(question), id="question", markup=False)
            yield PlainList(*map(self._option, self._drafts), id="drafts", markup=False, compact=True)
            keys = "Enter continues · d throws away · Esc keeps them for later"
            yield Static(Content(keys), id="keys", markup=False)

    def _option(self, draft: Draft) -> Option:
        page = decode(draft.text)
        words = one_line(page.title or page.text, 120) or "(no words)"
        about = "" if draft.entry is None else "edit: "
        when = short_moment(draft.saved, self._now)
        return Option(Content(f"{when:>6}  {about}{words}"))

    @on(OptionList.OptionSelected)
    def _continue(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(DraftChoice("continue", self._drafts[event.option_index]))

    def action_throw_away(self) -> None:
        """Give up the highlighted draft; the journal asks once more."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.dismiss(DraftChoice("throw away", self._drafts[index]))
