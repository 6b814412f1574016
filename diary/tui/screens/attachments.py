"""The files of one entry: listed, shown, taken in from the exchange folder, given out into it, removed.

Taking in and giving out may be long: one at a time, in a worker's thread, with progress and a stop; what it
came to is said when it has ended, for a stop may come too late.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import set_cell_size
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.attached import Offered, Viewed
from diary.attached.signatures import kind_words
from diary.file_words import attachment_words, shown_name, size_words
from diary.model.attachment import Attachment, AttachmentId
from diary.model.entry import Entry
from diary.model.progress import Cancelled, Report
from diary.printable import safe
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.files import OfferedDialog, ViewerDialog
from diary.tui.plain import counted, headline, one_line
from diary.tui.ports import Notebook
from diary.tui.screens.working import WorkingScreen
from diary.tui.tasks import attempt, refused
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.lists import PlainList
from diary.tui.widgets.status_line import StatusLine

MOST_SHOWN = 200_000
"""Bytes of a text: some hundred screens, and laid out in no time."""

EMPTY = "No files are kept with this entry.\n\n{how}"
FROM_FOLDER = "Press a to keep one from your exchange folder, {folder}."
NO_FOLDER = (
    "Files come and go through one exchange folder, and none is set. Name one in {config}, under [screen]: "
    'exchange = "~/exchange"; then open the diary anew. On the command line: diary attach {entry} FILE'
)


class AttachmentsScreen(WorkingScreen):
    """Keeps the files of one entry."""

    PLACE = Place.ATTACHMENTS
    CSS_PATH = "attachments.tcss"
    AUTO_FOCUS = "#files"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.ATTACHMENTS)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    INDEXING = "Copying (MB)"

    @dataclass
    class FilesRead(Message):
        """What there is; `keep` is to be highlighted."""

        files: Sequence[Attachment]
        keep: AttachmentId | None = None

    @dataclass
    class Opened(Message):
        """What can be shown of one."""

        viewed: Viewed

    @dataclass
    class FilesOffered(Message):
        """What the exchange folder holds."""

        files: Sequence[Offered]

    @dataclass
    class Moved(Message):
        """The work of this turn was done: what to say, and the files as they are now."""

        turn: int
        said: str
        files: Sequence[Attachment]
        keep: AttachmentId | None = None

    def __init__(self, notebook: Notebook, context: ScreenContext, entry: Entry) -> None:
        super().__init__(notebook, context)
        self._entry = entry
        self._files: list[Attachment] = []
        self._stop_copying = threading.Event()

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="what", markup=False)
        yield PlainList(id="files", markup=False, compact=True)
        yield Static(id="empty", markup=False)
        yield Static(id="progress", markup=False)
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Read them."""
        self.query_one("#empty").display = False
        self._read_files()

    @work(thread=True, exclusive=True, exit_on_error=False, group="files")
    def _read_files(self, keep: AttachmentId | None = None) -> None:
        attempt(self, lambda: self.FilesRead(self._notebook.attachments.of(self._entry.id), keep))

    @on(FilesRead)
    def _show_files(self, event: FilesRead) -> None:
        event.stop()
        self._files = list(event.files)
        listed = self.query_one("#files", PlainList)
        before = listed.highlighted or 0
        listed.set_options([Option(_line(one)) for one in self._files])
        listed.display = bool(self._files)
        empty = self.query_one("#empty", Static)
        empty.display = not self._files
        empty.update(Content(EMPTY.format(how=self._how_they_come)))
        words = counted(len(self._files), "file")
        self.query_one("#what", Static).update(Content(f"{words} · {one_line(headline(self._entry), 60)}"))
        if self._files:
            places = [place for place, one in enumerate(self._files) if one.id == event.keep]
            listed.highlighted = places[0] if places else min(before, len(self._files) - 1)
            listed.focus()

    @property
    def _how_they_come(self) -> str:
        if self._world.exchange is None:
            return NO_FOLDER.format(config=self._world.config, entry=self._entry.id)
        return FROM_FOLDER.format(folder=safe(str(self._world.exchange)))

    @property
    def current(self) -> Attachment | None:
        """The highlighted file."""
        place = self.query_one("#files", PlainList).highlighted
        return self._files[place] if place is not None and self._files else None

    # Showing

    @on(OptionList.OptionSelected, "#files")
    def action_view(self) -> None:
        """Show what can be shown of the highlighted file."""
        if self.current is not None:
            self._view(self.current.id)

    @work(thread=True, exclusive=True, exit_on_error=False, group="view")
    def _view(self, attachment: AttachmentId) -> None:
        attempt(self, lambda: self.Opened(self._notebook.attachments.view(attachment, most=MOST_SHOWN)))

    @on(Opened)
    def _show_viewed(self, event: Opened) -> None:
        event.stop()
        if self.is_current:
            self.app.push_screen(ViewerDialog(event.viewed))

    # Taking in and giving out

    def action_attach(self) -> None:
        """Offer the files of the exchange folder."""
        folder = self._exchange()
        if folder is not None and not self._busy:
            self._read_offered(folder)

    @work(thread=True, exclusive=True, exit_on_error=False, group="offered")
    def _read_offered(self, folder: Path) -> None:
        attempt(self, lambda: self.FilesOffered(self._notebook.attachments.offered(folder)))

    @on(FilesOffered)
    def _offer(self, event: FilesOffered) -> None:
        event.stop()
        if not self.is_current:
            return
        if event.files:
            self.app.push_screen(OfferedDialog(event.files, self._world.exchange), self._take_in)
        else:
            folder = safe(str(self._world.exchange))
            self.notify(f"There are no files in {folder}.", timeout=6, markup=False)

    def _take_in(self, offered: Offered | None) -> None:
        if offered is None or self._busy:
            return
        name = shown_name(offered.path.name)

        def job(turn: int, report: Report, cancelled: Cancelled) -> Message:
            files = self._notebook.attachments
            (kept,) = files.add(self._entry.id, [offered.path], report=report, cancelled=cancelled)
            said = f"Attached: {name}. The file is still in the exchange folder, unencrypted."
            return self.Moved(turn, said, files.of(self._entry.id), kept.id)

        self._copy(f"Attaching {name}… Esc stops.", job)

    def action_export(self) -> None:
        """Ask, then write the highlighted file into the exchange folder."""
        one, folder = self.current, self._exchange()
        if one is None or folder is None or self._busy:
            return
        if refused(self, self._notebook.attachments.require_export):
            return
        dialog = ChoiceDialog(
            f"Write “{shown_name(one.name, 40)}” into the exchange folder?",
            details=f"{safe(str(folder))}\n\nIt is not encrypted there: every program of yours can read it.",
            choices=[
                Choice(key="n", label="No", value="no"),
                Choice(key="y", label="Yes, write it", value="write"),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "write" and not self._busy:
                self._export(one, folder)

        self.app.push_screen(dialog, answered)

    def _export(self, one: Attachment, folder: Path) -> None:
        def job(turn: int, report: Report, cancelled: Cancelled) -> Message:
            files = self._notebook.attachments
            written = files.export(one.id, folder, report=report, cancelled=cancelled)
            said = f"Written, unencrypted: {safe(written.name)}"
            return self.Moved(turn, said, files.of(self._entry.id), one.id)

        self._copy(f"Writing {shown_name(one.name)}… Esc stops.", job)

    def _exchange(self) -> Path | None:
        """The folder, or None after saying how to set one."""
        if self._world.exchange is None:
            self.notify(self._how_they_come, timeout=15, markup=False)
        return self._world.exchange

    def _copy(self, words: str, job: Callable[[int, Report, Cancelled], Message]) -> None:
        self._stop_copying = stop = threading.Event()
        self._new_turn(words)
        self._work(self._turn, lambda turn, report, left: job(turn, report, lambda: stop.is_set() or left()))

    @on(Moved)
    def _say_moved(self, event: Moved) -> None:
        event.stop()
        self._busy = False
        self._say(event.said)
        self.post_message(self.FilesRead(event.files, event.keep))

    # Removing

    def action_delete(self) -> None:
        """Ask, then remove the highlighted file from the diary."""
        one = self.current
        if one is None or self._busy or refused(self, self._notebook.attachments.require_erasable):
            return
        dialog = ChoiceDialog(
            f"Remove “{shown_name(one.name, 40)}” from the diary for good?",
            details=f"{attachment_words(one)}\n\nIt cannot be brought back. The entry stays.",
            choices=[
                Choice(key="n", label="No, keep it", value="keep"),
                Choice(key="y", label="Yes, remove", value="remove", dangerous=True),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "remove":
                self._remove(one.id)

        self.app.push_screen(dialog, answered)

    @work(thread=True, exit_on_error=False, group="remove-file")
    def _remove(self, attachment: AttachmentId) -> None:
        def job() -> Message:
            files = self._notebook.attachments
            files.remove(attachment)
            return self.FilesRead(files.of(self._entry.id))

        attempt(self, job)

    def action_leave(self) -> None:
        """Stop what is being copied, or go back to the entry."""
        if self._busy:
            self._stop_copying.set()
            self._say("Stopping…", "-running")
        else:
            self.dismiss(None)


def _line(one: Attachment) -> Content:
    name, kind = set_cell_size(shown_name(one.name, 44), 44), kind_words(one.media_type)
    return Content.assemble((name, "bold"), f"  {kind:<20} {size_words(one.size):>9}")
