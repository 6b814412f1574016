"""A page that is written on: title, tags, time and words; nothing typed here is lost.

It is filled with an entry and its draft before anything can be typed, and what was typed before that comes
after it. From then on the words are kept as an encrypted draft at each pause, without the focus, before
quitting or locking, and at most `LONGEST` seconds late. What becomes of them is the editor's (`editor`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static, TextArea

from diary.errors import EntryNotFound
from diary.model.entry import Draft, Entry
from diary.printable import safe
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.drafting import DraftKeeper, Page, decode, new_slot
from diary.tui.plain import moment_words, short_moment, typed_moment
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import Failed, Failure, attempt, failure_of
from diary.tui.widgets.fields import Field, Words
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.reading_line import ReadingLine
from diary.tui.widgets.status_line import StatusLine

PAUSE: Final = 0.6
"""Seconds without typing after which the words are kept."""

LONGEST: Final = 3.0
"""Seconds after which they are kept although the typing goes on."""


class DraftedScreen(DiaryScreen[Entry]):
    """Shows a page, and keeps it as a draft while it changes."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = "editor.tcss"
    AUTO_FOCUS = "#words"
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Loaded(Message):
        """The entry being edited (None for a new one) and the draft of it, if there is one."""

        entry: Entry | None
        draft: Draft | None

    class Kept(Message):
        """The words are on the disk, encrypted."""

    class NotKept(Failed):
        """They are not; the person must know."""

    def __init__(
        self,
        notebook: Notebook,
        context: ScreenContext,
        *,
        entry: Entry | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self.notebook = notebook
        self.context = context
        self._entry = entry
        self._draft = draft
        self.original = Page()
        self._drafted: Page | None = None
        self._pause: Timer | None = None
        self._longest: Timer | None = None
        self.ready = False
        self.leaving = False
        self._ahead = ""
        about = draft.entry if draft else entry.id if entry else None
        self._about = about
        slot = draft.slot if draft else new_slot(context.now(), about)
        self.keeper = DraftKeeper(notebook, slot, about)

    # Layout

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Container(id="desk"), Vertical(id="sheet"):
            with Horizontal(id="head"):
                yield Static(id="what", markup=False)
                yield Static(id="kept", markup=False)
            with Horizontal(id="fields"):
                yield Field(placeholder="Title (optional)", id="title", compact=True)
                yield Field(placeholder="tags", id="tags", compact=True)
                yield Field(placeholder="when: now", id="at", compact=True)
            yield from self.compose_words()
            yield ReadingLine(self.notebook.observations_in, id="reads")
        yield StatusLine()
        yield KeysFooter()

    def compose_words(self) -> ComposeResult:
        """The words, and what stands beside or under them."""
        yield Words(id="words", compact=True, highlight_cursor_line=False, placeholder="Begin anywhere.")

    def on_mount(self) -> None:
        """Get what is to be written on."""
        self.begin()

    def begin(self) -> None:
        """Read the entry and its draft before anything can be typed."""
        if self._about is None and self._draft is None:
            self.fill_with(None, None)  # nothing to read, so nothing typed ahead is lost
        else:
            self.query_one("#sheet").disabled = True
            self._load()

    @work(thread=True, exclusive=True, exit_on_error=False, group="load")
    def _load(self) -> None:
        def job() -> Message:
            draft = self._draft
            entry = self._entry
            if entry is None and self._about is not None:
                with suppress(EntryNotFound):  # deleted meanwhile: the words become a new entry
                    entry = self.notebook.entry(self._about)
            if draft is None and entry is not None:
                drafts = self.notebook.drafts()
                draft = next((kept for kept in drafts if kept.slot == self.keeper.slot), None)
            return self.Loaded(entry, draft)

        attempt(self, job)

    @on(Loaded)
    def _fill(self, event: Loaded) -> None:
        event.stop()
        self.fill_with(event.entry, event.draft)

    def fill_with(self, entry: Entry | None, draft: Draft | None) -> None:
        """Show what is to be written on; from here on it is kept while it changes."""
        self._entry = entry
        if entry is None:
            self.keeper.entry = None
        if entry is not None:
            tags = " ".join(map(safe, entry.tags))
            self.original = Page(
                safe(entry.text), safe(entry.title or ""), tags, typed_moment(entry.happened)
            )
        page = decode(draft.text) if draft else self.original
        self.query_one("#title", Input).value = safe(page.title)
        self.query_one("#tags", Input).value = safe(page.tags)
        self.query_one("#at", Input).value = safe(page.at or self.original.at)
        words = self.query_one(Words)
        words.text = safe(page.text)
        words.move_cursor(words.document.end)
        self.query_one("#what", Static).update(Content(self.heading(entry)))
        if draft:
            self.say(f"unsaved words from {short_moment(draft.saved, self.context.now())}")
        self.query_one("#sheet").disabled = False
        words.focus()
        self._drafted = self.page
        self.query_one(ReadingLine).look(words.text)
        self.ready = True
        self.filled()
        self._take_ahead()

    def heading(self, entry: Entry | None) -> str:
        """What is written here, and of when it is."""
        begun = entry.happened if entry else self.context.now()
        return f"{'Edit' if entry else 'New entry'} · {moment_words(begun)}"

    def filled(self) -> None:
        """The words are there."""

    def on_key(self, event: events.Key) -> None:
        """Take letters that no field took: they were typed while the editor was opening."""
        if event.is_printable and event.character:
            event.stop()
            self._ahead += event.character
            self._take_ahead()

    def _take_ahead(self) -> None:
        if self.ready and self._ahead:
            self.query_one(Words).insert(self._ahead)
            self._ahead = ""

    @property
    def page(self) -> Page:
        """The fields as they are now."""
        return Page(
            text=self.query_one(Words).text,
            title=self.query_one("#title", Input).value,
            tags=self.query_one("#tags", Input).value,
            at=self.query_one("#at", Input).value,
        )

    @property
    def changed(self) -> bool:
        """Whether leaving would leave something undecided."""
        if not self.ready:
            return False
        page = self.page
        return page != self.original and not (self._entry is None and page.is_blank)

    # Keeping the words while they are typed

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _typed(self) -> None:
        if not self.ready or self.page == self._drafted:
            return
        self.query_one(ReadingLine).look(self.query_one(Words).text)
        self.say("typing…")
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.keep_now)
        if self._longest is None:
            self._longest = self.set_timer(LONGEST, self.keep_now)

    @on(events.DescendantBlur)
    def _left_field(self) -> None:
        if self.ready and self.page != self._drafted:
            self.keep_now()

    def keep_now(self) -> None:
        """Keep the words as they are, in a worker's thread."""
        self._stop_timers()
        self._drafted = page = self.page
        self._keep(self.keeper.next_version(), page)

    @work(thread=True, exclusive=True, exit_on_error=False, group="draft")
    def _keep(self, version: int, page: Page) -> None:
        try:
            written = self.keeper.keep(version, page)
        except Exception as error:
            self.post_message(self.NotKept(failure_of(error)))
            return
        if written:
            self.post_message(self.Kept())

    @on(Kept)
    def _show_kept(self, event: Kept) -> None:
        event.stop()
        if self.leaving:
            self.dismiss(None)
        elif self.page == self._drafted:
            self.say(f"draft kept {self.context.now():%H:%M}")

    @on(NotKept)
    def _show_not_kept(self, event: NotKept) -> None:
        self._drafted = None
        self.leaving = False
        self.say("! draft not kept", "-failed")

    def flush(self) -> Failure | None:
        """Keep the words before the program ends; blocks on the disk. The failure, when there is one."""
        self._stop_timers()
        if not self.changed:
            return None
        try:
            self.keeper.keep(self.keeper.next_version(), self.page)
        except Exception as error:
            return failure_of(error)
        return None

    def _stop_timers(self) -> None:
        for timer in (self._pause, self._longest):
            if timer is not None:
                timer.stop()
        self._pause = self._longest = None

    def say(self, words: str, manner: str = "") -> None:
        """Say in the corner how the words are kept."""
        kept = self.query_one("#kept", Static)
        kept.set_classes(manner)
        kept.update(Content(words))
