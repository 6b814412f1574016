"""Files: what can be shown of one that is attached, and the choice of one to attach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.attached import Offered, Viewed
from diary.file_words import attachment_words, shown_name, size_words
from diary.printable import safe
from diary.tui.widgets.fields import ReadOnlyWords
from diary.tui.widgets.lists import PlainList

GUESSED = "It is no Unicode text: accents and signs are shown by a guess, and may be wrong."
NOT_SHOWN = "It is not shown here. To read it with another program, write it out with x."


class ViewerDialog(ModalScreen[None]):
    """Shows a text, or says what a file is."""

    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,backspace", "dismiss(None)", "Back")]

    def __init__(self, viewed: Viewed) -> None:
        super().__init__()
        self._viewed = viewed

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        viewed = self._viewed
        with Vertical(id="dialog", classes="-text" if viewed.text is not None else ""):
            words = attachment_words(viewed.attachment, pixels=viewed.pixels)
            yield Static(Content(words), id="question", markup=False)
            if viewed.encoding == "windows-1252":
                yield Static(Content(GUESSED), id="means", markup=False)
            if viewed.text is None:
                yield Static(Content(NOT_SHOWN), id="means", markup=False)
            else:
                yield ReadOnlyWords(id="text")
            yield Static(Content(self._keys), id="keys", markup=False)

    @property
    def _keys(self) -> str:
        if self._viewed.text is None:
            return "Esc goes back"
        left_out = self._viewed.left_out
        rest = f"{size_words(left_out)} more are not shown · " if left_out else ""
        return f"{rest}↑ ↓ PgUp PgDn scroll · Esc goes back"

    def on_mount(self) -> None:
        """Show the text."""
        if self._viewed.text is not None:
            text = self.query_one(ReadOnlyWords)
            text.show(self._viewed.text)
            text.focus()


class OfferedDialog(ModalScreen[Offered]):
    """Returns one of the files of the exchange folder, or None for Escape."""

    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, files: Sequence[Offered], folder: Path | None) -> None:
        super().__init__()
        self._files = files
        self._folder = folder

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="dialog"):
            yield Static(Content("Which file is to be kept with the entry?"), id="question", markup=False)
            yield Static(Content(safe(str(self._folder))), id="folder", markup=False)
            options = [
                Option(
                    Content(f"{set_cell_size(shown_name(one.path.name, 50), 50)} {size_words(one.size):>9}")
                )
                for one in self._files
            ]
            yield PlainList(*options, id="offered", markup=False, compact=True)
            keys = "Enter keeps a copy, encrypted; the file stays · Esc goes back"
            yield Static(Content(keys), id="keys", markup=False)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._files[event.option_index])


def _line(one: Offered) -> Content:
    name = set_cell_size(shown_name(one.path.name, 50), 50)
    return Content(f"{name} {size_words(one.size):>9}")
