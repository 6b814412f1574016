"""One entry in full, and its versions. Opened from a quote, it shows the quoted words as selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from diary.model.entry import Entry, EntryId, Revision
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.plain import counted, one_line, short_moment
from diary.tui.ports import Notebook
from diary.tui.screens.entries import EntryScreen
from diary.tui.tasks import attempt
from diary.tui.widgets.fields import ReadOnlyWords
from diary.tui.widgets.lists import PlainList
from diary.tui.widgets.preview import meta_line
from diary.tui.widgets.status_line import StatusLine


class ReaderScreen(EntryScreen):
    """Reads one entry.

    :param span: offsets of the quoted words in the entry's text.
    :param history: show the versions at once.
    """

    PLACE = Place.READER
    CSS_PATH = "reader.tcss"
    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.READER)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Read(Message):
        """The entry as it is now."""

        entry: Entry

    @dataclass
    class VersionsRead(Message):
        """All versions, oldest first."""

        versions: Sequence[Revision]

    def __init__(
        self,
        notebook: Notebook,
        context: ScreenContext,
        entry: EntryId,
        *,
        span: tuple[int, int] | None = None,
        history: bool = False,
    ) -> None:
        super().__init__(notebook, context)
        self._entry_id = entry
        self._span = span
        self._history = history
        self._entry: Entry | None = None
        self._versions: list[Revision] = []

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="head"):
            yield Static(id="title", markup=False)
            yield Static(id="meta", markup=False)
        with Horizontal(id="body"):
            yield ReadOnlyWords(id="text")
            with Vertical(id="history"):
                yield Static(Content("Versions, newest first"), id="history-title", markup=False)
                yield PlainList(id="versions", markup=False, compact=True)
        yield StatusLine()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Read the entry."""
        self.query_one("#history").display = False
        self.query_one("#text").focus()
        self._read()

    @property
    def current(self) -> Entry | None:
        """The entry that is read."""
        return self._entry

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def _read(self) -> None:
        attempt(self, lambda: self.Read(self.notebook.entry(self._entry_id)))

    @on(Read)
    def _show(self, event: Read) -> None:
        event.stop()
        self.show_changed(event.entry)
        if self._history:
            self._read_versions()

    def show_changed(self, entry: Entry) -> None:
        """Show the entry; the quoted span only while its words are still there."""
        before, self._entry = self._entry, entry
        title = self.query_one("#title", Static)
        title.display = bool(entry.title)
        title.update(Content(one_line(entry.title or "")))
        self.query_one("#meta", Static).update(meta_line(entry))
        if before is None or before.text != entry.text:
            span = self._span if before is None else None
            self.query_one(ReadOnlyWords).show(entry.text, span)
        if before is not None and self.query_one("#history").display:
            self._read_versions()

    def show_deleted(self, entry: EntryId) -> None:
        """There is nothing left to read here."""
        self.dismiss()

    def _edited(self, entry: Entry | None) -> None:
        super()._edited(entry)
        if entry is None:
            self._read()

    def action_leave(self) -> None:
        """Go back to where the entry was opened."""
        self.dismiss()

    # Versions

    def action_history(self) -> None:
        """Show the versions, or hide them and return to the newest."""
        panel = self.query_one("#history")
        if panel.display:
            panel.display = False
            self.query_one("#text").focus()
            if self._entry is not None:
                self.show_version(self._entry.text)
                self.query_one("#meta", Static).update(meta_line(self._entry))
        else:
            self._read_versions()

    @work(thread=True, exclusive=True, exit_on_error=False, group="versions")
    def _read_versions(self) -> None:
        attempt(self, lambda: self.VersionsRead(self.notebook.history(self._entry_id)))

    @on(VersionsRead)
    def _list_versions(self, event: VersionsRead) -> None:
        event.stop()
        self._versions = list(reversed(event.versions))
        listed = self.query_one("#versions", OptionList)
        listed.set_options([Option(self._version_line(version)) for version in self._versions])
        self.query_one("#history").display = True
        listed.highlighted = 0
        listed.focus()

    def _version_line(self, version: Revision) -> Content:
        made = short_moment(version.made, self.context.now())
        size = counted(len(version.text.split()), "word")
        return Content.assemble((f"{version.number:>2}  ", "bold"), f"{made}  {size}")

    @on(OptionList.OptionHighlighted, "#versions")
    def _show_version(self, event: OptionList.OptionHighlighted) -> None:
        version = self._versions[event.option_index]
        self.show_version(version.text)
        newest = event.option_index == 0
        words = "the newest version" if newest else f"version {version.number}, replaced since"
        title = one_line(version.title) if version.title else "no title"
        self.query_one("#meta", Static).update(Content(f"{words} · {title}"))

    def show_version(self, untrusted_text: str) -> None:
        """Show the words of a version."""
        self.query_one(ReadOnlyWords).show(untrusted_text)
