"""Offers what was deleted: to be brought back, or erased for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.model.deleted import DeletedEntry
from diary.number_words import short_day
from diary.tui.plain import counted, headline, one_line
from diary.tui.widgets.lists import PlainList


@dataclass(frozen=True, slots=True)
class DeletedChoice:
    """What to do with which deleted entries."""

    act: Literal["restore", "erase"]
    chosen: Sequence[DeletedEntry]


class DeletedDialog(ModalScreen[DeletedChoice]):
    """Returns what to do, or None to leave all as it is.

    :param days_count: whether they go for good on their days: under a legal hold they do not.
    """

    CSS_PATH = "deleted.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("d,delete", "erase", "Erase"),
        Binding("a", "erase_all", "Erase all"),
    ]

    def __init__(self, deleted: Sequence[DeletedEntry], *, days_count: bool = True) -> None:
        super().__init__()
        self._days_count = days_count
        self._deleted = deleted

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            question = (
                f"{counted(len(self._deleted), 'deleted entry', 'deleted entries')}, last deleted first"
            )
            yield Static(Content(question), id="question", markup=False)
            yield PlainList(*map(self._option, self._deleted), id="deleted", markup=False, compact=True)
            yield Static(id="until", markup=False)
            keys = "Enter brings back · d erases · a erases all · Esc goes back"
            yield Static(Content(keys), id="keys", markup=False)

    def on_mount(self) -> None:
        """Stand on the one deleted last."""
        self.query_one(OptionList).highlighted = 0

    def _option(self, deleted: DeletedEntry) -> Option:
        day = short_day(deleted.entry.happened.date())
        return Option(Content(f"{day:>11}  {one_line(headline(deleted.entry), 120)}"))

    @on(OptionList.OptionHighlighted)
    def _tell(self, event: OptionList.OptionHighlighted) -> None:
        one = self._deleted[event.option_index]
        goes = f"goes for good on {short_day(one.until.date())}" if self._days_count else "kept: a legal hold"
        words = f"Deleted {short_day(one.removed.date())}; {goes}."
        self.query_one("#until", Static).update(Content(words))

    @on(OptionList.OptionSelected)
    def _restore(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(DeletedChoice("restore", [self._deleted[event.option_index]]))

    def action_erase(self) -> None:
        """Erase the highlighted one; the screen asks once more."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.dismiss(DeletedChoice("erase", [self._deleted[index]]))

    def action_erase_all(self) -> None:
        """Erase all that are listed; the screen asks once more."""
        self.dismiss(DeletedChoice("erase", self._deleted))
