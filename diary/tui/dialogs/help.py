"""All keys of the place the person came from, out of the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.tui.commands import Place, commands_for
from diary.tui.leaving import Dialog
from diary.tui.plain import MARK_NO_SPEECH, MARK_ROUGH, MARK_STAR, MARK_VOICE, MARK_WAITING, one_line
from diary.tui.tasks import attempt

_MOVING = {
    Place.JOURNAL: "↑ ↓ PgUp PgDn move through the list",
    Place.READER: "↑ ↓ PgUp PgDn Space scroll · Tab goes to the versions and back",
    Place.EDITOR: "Tab goes between title, tags, time and words · ^z undoes, ^y redoes",
    Place.RECORD: "[word?] was heard with doubt · what you say is kept, encrypted, as you say it",
    Place.TRANSCRIPT: "Tab goes to the sentences, Enter plays one · [word?], underlined: heard with doubt",
    Place.ATTACHMENTS: "↑ ↓ move · files come and go through one folder, the exchange folder",
    Place.GLOSSARY: "↑ ↓ move · they help to hear, to find and to ask about medicines",
    Place.ASK: "Enter asks, and on a quote opens its entry · filters: tag:health is:starred kind:voice",
    Place.FIND: "“a phrase” -word tag:health #health kind:voice is:starred from:2025-05 to:yesterday",
    Place.REVIEW: "Enter opens the entry of the quote in view",
    Place.PLAN: "Enter opens the note of the item in view · Tab goes to the goal and back",
}
_MARKS = "   ".join(
    [
        f"{MARK_STAR} starred",
        f"{MARK_VOICE} voice",
        f"{MARK_WAITING} waiting for its words",
        f"{MARK_ROUGH} rough draft",
        f"{MARK_NO_SPEECH} no speech",
    ]
)


class HelpDialog(Dialog[None]):
    """Shows the keys; any of the keys that open it closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss(None)", "Back")
    ]

    @dataclass
    class ModelsRead(Message):
        """The installed models, a line for each kind."""

        lines: Sequence[str]

    def __init__(
        self,
        place: Place,
        models: Callable[[], Sequence[str]] = tuple,
        notes: Sequence[str] = (),
        told: Sequence[str] = (),
    ) -> None:
        """:param notes: on the seal. :param told: what was told when the diary was opened."""
        super().__init__()
        self._notes = notes
        self._told = told
        self._place = place
        self._models = models

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
            yield Static(id="models", markup=False)
            for name, sentences in (("Seal", self._notes), ("Told", self._told)):
                for one in sentences:
                    words = Content.assemble((f"{name}  ", "bold $accent"), (one, "$muted"))
                    yield Static(words, classes="note")

    def on_mount(self) -> None:
        """Look which models are installed."""
        self._read_models()

    @work(thread=True, exclusive=True, exit_on_error=False, group="models")
    def _read_models(self) -> None:
        attempt(self, lambda: self.ModelsRead(self._models()))

    @on(ModelsRead)
    def _show_models(self, event: ModelsRead) -> None:
        event.stop()
        if event.lines:
            lines = " · ".join(one_line(line, 90) for line in event.lines)
            words = Content.assemble(("Models  ", "bold $accent"), (lines, "$muted"))
            self.query_one("#models", Static).update(Content("\n") + words)
