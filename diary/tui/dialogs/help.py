"""All keys of the place the person came from, out of the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from diary.tui.commands import Place, commands_for
from diary.tui.plain import MARK_ROUGH, MARK_STAR, MARK_VOICE, MARK_WAITING

_MOVING = {
    Place.JOURNAL: "↑ ↓ PgUp PgDn move through the list",
    Place.READER: "↑ ↓ PgUp PgDn Space scroll · Tab goes to the versions and back",
    Place.EDITOR: "Tab goes between title, tags, time and words · ^z undoes, ^y redoes",
    Place.ASK: "Enter asks, and on a quote opens its entry",
}
_MARKS = "   ".join(
    [
        f"{MARK_STAR} starred",
        f"{MARK_VOICE} voice",
        f"{MARK_WAITING} waiting for its words",
        f"{MARK_ROUGH} rough transcript",
    ]
)


class HelpDialog(ModalScreen[None]):
    """Shows the keys; any of the keys that open it closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss(None)", "Back")
    ]

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        seen: set[str] = set()
        lines = [Content.styled(f"Keys while you are in: {self._place.value}", "bold"), Content("")]
        for command in commands_for(self._place):
            if command.action not in seen:
                seen.add(command.action)
                lines.append(Content.assemble((f"{command.shown:>5}  ", "bold $accent"), command.meaning))
        lines.append(Content.assemble(("   ^p  ", "bold $accent"), "Find any of these by typing its words"))
        if moving := _MOVING.get(self._place):
            lines += [Content(""), Content.styled(moving, "$muted")]
        if self._place is Place.JOURNAL:
            lines.append(Content.styled(_MARKS, "$muted"))
        with VerticalScroll(id="dialog"):
            yield Static(Content("\n").join(lines), markup=False)
