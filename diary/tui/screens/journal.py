"""The journal: entries by day on the left, the words of the current one on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.model.entry import Entry, EntryId, Kind
from diary.model.recording import Unfinished
from diary.tui.background import BackgroundApp
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.ports import Notebook
from diary.tui.screens.ask import AskScreen
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.find import FindScreen
from diary.tui.screens.glossary import GlossaryScreen
from diary.tui.screens.plan import PlanScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.recording import RecordingScreen
from diary.tui.screens.review import ReviewScreen
from diary.tui.screens.unsaved import UnsavedScreen
from diary.tui.tasks import Failed, WordsChanged, attempt
from diary.tui.widgets.entry_list import EntryList
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.preview import Preview
from diary.tui.widgets.status_line import StatusLine

PAGE = 200
"""Entries read at a time."""

EMPTY = (
    "Nothing is written yet.\n\nPress n to write or v to speak: all of it is kept, encrypted, as it comes."
)


class JournalScreen(UnsavedScreen):
    """Where the diary opens, and where every other screen returns to."""

    PLACE = Place.JOURNAL
    CSS_PATH = "journal.tcss"
    AUTO_FOCUS = "#entries"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.JOURNAL)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class PageRead(Message):
        """Entries from `offset` on, for the reading numbered `turn`."""

        turn: int
        offset: int
        entries: Sequence[Entry]
        asked: int
        keep: EntryId | None

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__(notebook, context)
        self._turn = 0
        self._reading = False
        self._exhausted = False

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Horizontal(id="journal"):
            yield EntryList(today=lambda: self.context.now().date(), id="entries")
            yield Preview(id="preview")
        yield Static(Content(EMPTY), id="empty", markup=False)
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Read the first page, and look for unsaved words."""
        self.query_one("#empty").display = False
        self.reload()
        self.read_unsaved(asked_for=False)

    @on(events.ScreenSuspend)
    def _has_been_seen(self) -> None:
        """The person goes elsewhere: what the status line told is told no more; the help still has it."""
        if isinstance(self.app.screen, DiaryScreen) and isinstance(self.app, BackgroundApp):
            self.app.tell_in_line("")

    @property
    def current(self) -> Entry | None:
        """The highlighted entry."""
        return self.query_one(EntryList).current

    # Reading pages

    def reload(self, keep: EntryId | None = None) -> None:
        """Read again what is shown, and put the highlight on `keep`."""
        self._turn += 1
        self._exhausted = False
        self._read_page(self._turn, 0, max(PAGE, self.query_one(EntryList).shown + 1), keep)

    def renew(self) -> None:
        """Read the list again; the highlight stays."""
        self.reload(self.current.id if self.current else None)

    @on(EntryList.NearEnd)
    def _read_on(self, event: EntryList.NearEnd) -> None:
        if not self._reading and not self._exhausted:
            self._read_page(self._turn, event.shown, PAGE, None)

    def _read_page(self, turn: int, offset: int, limit: int, keep: EntryId | None) -> None:
        self._reading = True
        self._read(turn, offset, limit, keep)

    @work(thread=True, exclusive=True, exit_on_error=False, group="page")
    def _read(self, turn: int, offset: int, limit: int, keep: EntryId | None) -> None:
        def job() -> Message:
            entries = self.notebook.entries(limit=limit, offset=offset)
            return self.PageRead(turn, offset, entries, limit, keep)

        attempt(self, job)

    @on(PageRead)
    def _show_page(self, event: PageRead) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._reading = False
        self._exhausted = len(event.entries) < event.asked
        entries = self.query_one(EntryList)
        if event.offset:
            entries.extend(event.entries)
        else:
            entries.replace(event.entries, keep=event.keep)
            empty = not event.entries
            self.query_one("#empty").display = empty
            self.query_one("#journal").display = not empty
            if not empty and self.focused is None:
                entries.focus()

    @on(Failed)
    def _allow_another_try(self) -> None:
        self._reading = False

    @on(EntryList.Highlighted)
    def _preview(self, event: EntryList.Highlighted) -> None:
        self.query_one(Preview).show(event.entry)

    # What came of actions

    def show_changed(self, entry: Entry) -> None:
        """Show the new version in the list; its place may have changed too."""
        self.reload(entry.id)

    def show_deleted(self, entry: EntryId) -> None:
        """Read the list again; the highlight stays where it was."""
        self.reload()

    @on(EntryList.Opened)
    def _open(self, event: EntryList.Opened) -> None:
        self._push_reader(event.entry)

    def action_read(self) -> None:
        """Read the highlighted entry on a screen of its own."""
        if self.current is not None:
            self._push_reader(self.current)

    def action_history(self) -> None:
        """Read it with its versions shown."""
        if self.current is not None:
            self._push_reader(self.current, history=True)

    def _push_reader(self, entry: Entry, *, history: bool = False) -> None:
        reader = ReaderScreen(self.notebook, self.context, entry.id, history=history)
        self.app.push_screen(reader, lambda _: self.reload(entry.id))

    def action_ask(self) -> None:
        """Ask the notes a question."""
        here = self.current.id if self.current else None
        self.app.push_screen(AskScreen(self.notebook, self.context), lambda _: self.reload(here))

    def action_review(self) -> None:
        """Look back on a week, a month or any days."""
        here = self.current.id if self.current else None
        self.app.push_screen(ReviewScreen(self.notebook, self.context), lambda _: self.reload(here))

    def action_plan(self) -> None:
        """Plan from the notes; on a plan that was kept, go on with it."""
        entry = self.current
        kept = entry if entry is not None and entry.kind is Kind.PLAN else None
        here = entry.id if entry else None
        self.app.push_screen(PlanScreen(self.notebook, self.context, kept=kept), lambda _: self.reload(here))

    def action_find(self) -> None:
        """Find entries by words and filters."""
        here = self.current.id if self.current else None
        self.app.push_screen(FindScreen(self.notebook, self.context), lambda _: self.reload(here))

    def action_new(self) -> None:
        """Write a new entry."""
        self.app.push_screen(EditorScreen(self.notebook, self.context), self.written)

    def action_speak(self) -> None:
        """Record a spoken entry, then read through it."""

        def spoken(recording: Unfinished | None) -> None:
            if recording is not None:
                self.app.push_screen(self.read_through(recording), self.written)

        self.stop_writing()  # who speaks goes first
        self.app.push_screen(RecordingScreen(self.notebook.voice, self.context), spoken)

    def action_glossary(self) -> None:
        """Keep the person's own words."""
        self.app.push_screen(GlossaryScreen(self.notebook.voice))

    def written(self, entry: Entry | None) -> None:
        """Show the entry that an editor saved."""
        if entry is not None:
            self.reload(entry.id)
            self.post_message(WordsChanged())
