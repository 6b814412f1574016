"""Writing: title, tags, time and words; nothing typed here is lost.

Rules, in order: words are kept as an encrypted draft at every pause, when the field loses the focus, before
the program quits or locks, and at the latest `LONGEST` seconds after they were typed; Ctrl+S makes an entry
of them and only then forgets the draft; Escape asks only when there is something to decide.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Footer, Input, Static, TextArea

from diary.errors import EntryNotFound
from diary.model.entry import Draft, Entry, EntryChanges
from diary.printable import safe
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.drafting import DraftKeeper, Page, decode, new_slot
from diary.tui.plain import moment_words, short_moment, tag_list, typed_moment
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import Failed, Failure, attempt, failure_of
from diary.tui.widgets.fields import Field, Words
from diary.tui.widgets.reading_line import ReadingLine
from diary.tui.widgets.status_line import StatusLine

PAUSE: Final = 0.6
"""Seconds without typing after which the words are kept."""

LONGEST: Final = 3.0
"""Seconds after which they are kept although the typing goes on."""

LEAVE_CHOICES: Final = (
    Choice(key="k", label="Keep for later", value="keep"),
    Choice(key="s", label="Save now", value="save"),
    Choice(key="t", label="Throw away", value="throw away", dangerous=True),
)


class EditorScreen(DiaryScreen[Entry]):
    """Writes a new entry, edits one, or goes on with a draft; returns the entry when it was saved."""

    PLACE = Place.EDITOR
    CSS_PATH = "editor.tcss"
    AUTO_FOCUS = "#words"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.EDITOR)
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

    @dataclass
    class Saved(Message):
        """The words are an entry now."""

        entry: Entry

    class ThrownAway(Message):
        """The draft is gone, as the person wished."""

    class NotSaved(Failed):
        """The entry was not saved; the words are still in the editor."""

    def __init__(
        self,
        notebook: Notebook,
        context: ScreenContext,
        *,
        entry: Entry | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self._notebook = notebook
        self._world = context
        self._entry = entry
        self._draft = draft
        self._original = Page()
        self._drafted: Page | None = None
        self._pause: Timer | None = None
        self._longest: Timer | None = None
        self._ready = False
        self._leaving = False
        self._ahead = ""
        about = draft.entry if draft else entry.id if entry else None
        self._about = about
        slot = draft.slot if draft else new_slot(context.now(), about)
        self._keeper = DraftKeeper(notebook, slot, about)

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
            yield Words(id="words", compact=True, highlight_cursor_line=False, placeholder="Begin anywhere.")
            yield ReadingLine(self._notebook.observations_in, id="reads")
        yield StatusLine()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Read the entry and its draft before anything can be typed."""
        if self._about is None and self._draft is None:
            self._fill_with(None, None)  # nothing to read, so nothing typed ahead is lost
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
                    entry = self._notebook.entry(self._about)
            if draft is None and entry is not None:
                drafts = self._notebook.drafts()
                draft = next((kept for kept in drafts if kept.slot == self._keeper.slot), None)
            return self.Loaded(entry, draft)

        attempt(self, job)

    @on(Loaded)
    def _fill(self, event: Loaded) -> None:
        event.stop()
        self._fill_with(event.entry, event.draft)

    def _fill_with(self, entry: Entry | None, draft: Draft | None) -> None:
        self._entry = entry
        if entry is None:
            self._keeper.entry = None
        if entry is not None:
            tags = " ".join(map(safe, entry.tags))
            self._original = Page(
                safe(entry.text), safe(entry.title or ""), tags, typed_moment(entry.happened)
            )
        page = decode(draft.text) if draft else self._original
        self.query_one("#title", Input).value = safe(page.title)
        self.query_one("#tags", Input).value = safe(page.tags)
        self.query_one("#at", Input).value = safe(page.at or self._original.at)
        words = self.query_one(Words)
        words.text = safe(page.text)
        words.move_cursor(words.document.end)
        moment = entry.happened if entry else self._world.now()
        what = ("Edit · " if entry else "New entry · ") + moment_words(moment)
        self.query_one("#what", Static).update(Content(what))
        if draft:
            kept = short_moment(draft.saved, self._world.now())
            self._say(f"unsaved words from {kept}")
        self.query_one("#sheet").disabled = False
        words.focus()
        self._drafted = self.page
        self.query_one(ReadingLine).look(words.text)
        self._ready = True
        self._take_ahead()

    def on_key(self, event: events.Key) -> None:
        """Take letters that no field took: they were typed while the editor was opening."""
        if event.is_printable and event.character:
            event.stop()
            self._ahead += event.character
            self._take_ahead()

    def _take_ahead(self) -> None:
        if self._ready and self._ahead:
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
        if not self._ready:
            return False
        page = self.page
        return page != self._original and not (self._entry is None and page.is_blank)

    # Keeping the words while they are typed

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _typed(self) -> None:
        if not self._ready or self.page == self._drafted:
            return
        self.query_one(ReadingLine).look(self.query_one(Words).text)
        self._say("typing…")
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.keep_now)
        if self._longest is None:
            self._longest = self.set_timer(LONGEST, self.keep_now)

    @on(events.DescendantBlur)
    def _left_field(self) -> None:
        if self._ready and self.page != self._drafted:
            self.keep_now()

    def keep_now(self) -> None:
        """Keep the words as they are, in a worker's thread."""
        self._stop_timers()
        self._drafted = page = self.page
        self._keep(self._keeper.next_version(), page)

    @work(thread=True, exclusive=True, exit_on_error=False, group="draft")
    def _keep(self, version: int, page: Page) -> None:
        try:
            written = self._keeper.keep(version, page)
        except Exception as error:
            self.post_message(self.NotKept(failure_of(error)))
            return
        if written:
            self.post_message(self.Kept())

    @on(Kept)
    def _show_kept(self, event: Kept) -> None:
        event.stop()
        if self._leaving:
            self.dismiss(None)
        elif self.page == self._drafted:
            self._say(f"draft kept {self._world.now():%H:%M}")

    @on(NotKept)
    def _show_not_kept(self, event: NotKept) -> None:
        self._drafted = None
        self._leaving = False
        self._say("! draft not kept", "-failed")

    def flush(self) -> Failure | None:
        """Keep the words before the program ends; blocks on the disk. The failure, when there is one."""
        self._stop_timers()
        if not self.changed:
            return None
        try:
            self._keeper.keep(self._keeper.next_version(), self.page)
        except Exception as error:
            return failure_of(error)
        return None

    def _stop_timers(self) -> None:
        for timer in (self._pause, self._longest):
            if timer is not None:
                timer.stop()
        self._pause = self._longest = None

    def _say(self, words: str, manner: str = "") -> None:
        kept = self.query_one("#kept", Static)
        kept.set_classes(manner)
        kept.update(Content(words))

    # Saving and leaving

    def action_save(self) -> None:
        """Make an entry of the words."""
        sheet = self.query_one("#sheet")
        if not self._ready or sheet.disabled:
            return
        self._stop_timers()
        sheet.disabled = True
        self._say("saving…")
        self._save(self.page, self._entry)

    @work(thread=True, exclusive=True, exit_on_error=False, group="save")
    def _save(self, page: Page, entry: Entry | None) -> None:
        try:
            saved = self._write(page, entry)
        except Exception as error:
            self.post_message(self.NotSaved(failure_of(error)))
            return
        attempt(self, self._keeper.close)
        self.post_message(self.Saved(saved))

    def _write(self, page: Page, entry: Entry | None) -> Entry:
        tags = tag_list(page.tags)
        if entry is None:
            title = page.title.strip() or None
            return self._notebook.write(page.text, at=page.at.strip() or None, title=title, tags=tags)
        changes = EntryChanges(
            text=page.text if page.text != self._original.text else None,
            title=page.title.strip() if page.title != self._original.title else None,
            tags=tags if page.tags != self._original.tags else None,
            happened=self._notebook.moment(page.at)
            if page.at.strip() and page.at != self._original.at
            else None,
        )
        return entry if changes == EntryChanges() else self._notebook.edit(entry.id, changes)

    @on(NotSaved)
    def _stay(self, event: NotSaved) -> None:
        self.query_one("#sheet").disabled = False
        self.query_one(Words).focus()
        self._say("! not saved", "-failed")
        self._drafted = None
        self._typed()

    @on(Saved)
    def _leave_saved(self, event: Saved) -> None:
        event.stop()
        self.notify("Saved.", timeout=2)
        self.dismiss(event.entry)

    def action_leave(self) -> None:
        """Go back; ask only when there are unsaved words."""
        if not self._ready:
            self.dismiss(None)
        elif not self.changed:
            self._throw_away()
        else:
            self.keep_now()
            dialog = ChoiceDialog(
                "These words are not saved as an entry yet.",
                details="Kept for later, they are offered again when the diary opens.",
                choices=LEAVE_CHOICES,
            )
            self.app.push_screen(dialog, self._leave_as_chosen)

    def _leave_as_chosen(self, choice: str | None) -> None:
        if choice == "save":
            self.action_save()
        elif choice == "keep":
            self._leaving = True  # once the words are on the disk, not before
            self.keep_now()
        elif choice == "throw away":
            self._throw_away()

    @work(thread=True, exclusive=True, exit_on_error=False, group="save")
    def _throw_away(self) -> None:
        def job() -> Message:
            self._keeper.close()
            return self.ThrownAway()

        attempt(self, job)

    @on(ThrownAway)
    def _leave_thrown_away(self, event: ThrownAway) -> None:
        event.stop()
        self.dismiss(None)
