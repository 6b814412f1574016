"""Offers what was typed or spoken but never saved, after a kill as well as after "keep for later"."""

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
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.model.entry import Draft
from diary.model.placeholder import clock
from diary.model.recording import Unfinished
from diary.tui.drafting import decode
from diary.tui.leaving import Dialog
from diary.tui.plain import DASH, MARK_VOICE, one_line, short_moment
from diary.tui.widgets.lists import PlainList
from ingest.heard import as_text


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """What to do with which draft or recording."""

    act: Literal["continue", "throw away"]
    unsaved: Draft | Unfinished


class DraftsDialog(Dialog[DraftChoice]):
    """Returns what to do with a draft or a recording, or None to leave them all for later."""

    CSS_PATH = "drafts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later"),
        Binding("d,delete", "throw_away", "Throw away"),
    ]

    def __init__(
        self, drafts: Sequence[Draft], recordings: Sequence[Unfinished] = (), *, now: datetime
    ) -> None:
        super().__init__()
        self._unsaved: list[Draft | Unfinished] = [*recordings, *drafts]
        self._drafts = drafts
        self._recordings = recordings
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        opens = "opens" if self._recordings else "continues"
        with Vertical(id="dialog"):
            yield Static(Content(self._question()), id="question", markup=False)
            yield PlainList(*map(self._option, self._unsaved), id="drafts", markup=False, compact=True)
            keys = f"Enter {opens} · d throws away · Esc keeps them for later"
            yield Static(Content(keys), id="keys", markup=False)

    def _question(self) -> str:
        if not self._recordings:
            return f"Unsaved words from {short_moment(self._drafts[0].saved, self._now)} {DASH} continue?"
        one = short_moment(self._recordings[-1].started, self._now)
        count = len(self._recordings)
        what = f"A recording from {one} is" if count == 1 else f"{count} recordings are"
        more = ", and unsaved words are there too" if self._drafts else ""
        return f"{what} not saved as an entry yet{more}."

    def _option(self, unsaved: Draft | Unfinished) -> Option:
        if isinstance(unsaved, Unfinished):
            when = short_moment(unsaved.started, self._now)
            words = one_line(as_text(unsaved.segments), 100) or "not written down yet"
            return Option(Content(f"{when:>6}  {MARK_VOICE} {clock(unsaved.seconds)}  {words}"))
        page = decode(unsaved.text)
        words = one_line(page.title or page.text, 120) or "(no words)"
        about = "" if unsaved.entry is None else "edit: "
        when = short_moment(unsaved.saved, self._now)
        return Option(Content(f"{when:>6}  {about}{words}"))

    @on(OptionList.OptionSelected)
    def _continue(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(DraftChoice("continue", self._unsaved[event.option_index]))

    def action_throw_away(self) -> None:
        """Give up the highlighted one; the journal asks once more."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.dismiss(DraftChoice("throw away", self._unsaved[index]))
