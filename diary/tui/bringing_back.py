"""Bringing back what was deleted: at once, by one key, and later from the list of all that was deleted.

Rules: the key brings back what was deleted last since the diary was opened, from whichever screen; erasing
for good asks once. The screens in view are read again afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, EntryId
from diary.number_words import short_day
from diary.tui.background_voice import VoiceApp
from diary.tui.context import ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.deleted import DeletedChoice, DeletedDialog
from diary.tui.plain import counted, headline, one_line
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import TakenOut, WordsChanged, attempt, refused

_TOLD_FOR = 10
"""Seconds: long enough to read it and reach for the key."""


class BringingBackApp(VoiceApp):
    """An app that remembers what was deleted last, and lists what was deleted."""

    @dataclass
    class DeletedRead(Message):
        """All that can be brought back."""

        deleted: Sequence[DeletedEntry]

    @dataclass
    class Restored(Message):
        """An entry is back."""

        entry: Entry

    @dataclass
    class Erased(Message):
        """So many are gone for good."""

        count: int

    def __init__(self, world: ScreenContext) -> None:
        super().__init__(world)
        self._last_deleted: EntryId | None = None

    @on(TakenOut)
    def _tell_deleted(self, event: TakenOut) -> None:
        if event.deleted is None:
            self._last_deleted = None
            self.notify("The entry is erased for good.", timeout=4)
            return
        self._last_deleted = event.deleted.entry.id
        until = f" until {short_day(event.deleted.until.date())}" if self._days_count else ""
        self.notify(f"The entry is deleted. ^z brings it back; x does{until}.", timeout=_TOLD_FOR)

    @property
    def _days_count(self) -> bool:
        """Whether a deleted entry goes on its day: none does while a legal hold stands."""
        return self.notebook is not None and self.notebook.deleted_kept_for is not None

    def action_undelete(self) -> None:
        """Bring back what was deleted last."""
        if self.notebook is None:
            return
        if self._last_deleted is None:
            self.notify("Nothing was deleted since the diary was opened; x lists what was.", timeout=4)
            return
        entry, self._last_deleted = self._last_deleted, None
        self._restore(self.notebook, entry)

    def action_deleted(self) -> None:
        """List what was deleted."""
        if self.notebook is not None:
            self._read_deleted(self.notebook)

    @work(thread=True, exclusive=True, exit_on_error=False, group="deleted")
    def _read_deleted(self, notebook: Notebook) -> None:
        attempt(self, lambda: self.DeletedRead(notebook.deleted()))

    @on(DeletedRead)
    def _offer(self, event: DeletedRead) -> None:
        if event.deleted:
            self.push_screen(DeletedDialog(event.deleted, days_count=self._days_count), self._chosen)
        else:
            self.notify("Nothing that was deleted can be brought back.", timeout=4)

    def _chosen(self, choice: DeletedChoice | None) -> None:
        if choice is None or self.notebook is None:
            return
        notebook = self.notebook
        if choice.act == "restore":
            self._restore(notebook, choice.chosen[0].entry.id)
            return
        if refused(self, notebook.require_erasable):
            return
        count = len(choice.chosen)
        this = "this entry" if count == 1 else f"all {count} entries"
        dialog = ChoiceDialog(
            f"Erase {this} for good?",
            details=headline(choice.chosen[0].entry) if count == 1 else "",
            choices=[
                Choice(key="n", label="No, keep", value="keep"),
                Choice(key="y", label="Yes, erase", value="erase", dangerous=True),
            ],
        )

        def answered(answer: str | None) -> None:
            if answer == "erase":
                self._erase(notebook, [one.entry.id for one in choice.chosen])

        self.push_screen(dialog, answered)

    @work(thread=True, exit_on_error=False, group="restore")
    def _restore(self, notebook: Notebook, entry: EntryId) -> None:
        attempt(self, lambda: self.Restored(notebook.restore_deleted(entry)))

    @work(thread=True, exit_on_error=False, group="erase")
    def _erase(self, notebook: Notebook, entries: Sequence[EntryId]) -> None:
        attempt(self, lambda: self.Erased(notebook.erase_deleted(entries)))

    @on(Restored)
    def _tell_restored(self, event: Restored) -> None:
        if self._last_deleted == event.entry.id:
            self._last_deleted = None
        self.notify(f"It is back: {one_line(headline(event.entry), 60)}", timeout=4, markup=False)
        self.post_message(WordsChanged())
        self.renew_screens()

    @on(Erased)
    def _tell_erased(self, event: Erased) -> None:
        self._last_deleted = None
        self.notify(f"{counted(event.count, 'entry is', 'entries are')} gone for good.", timeout=4)

    def renew_screens(self) -> None:
        """Have every screen of the diary show entries as they are now."""
        for screen in self.screen_stack:
            if isinstance(screen, DiaryScreen) and screen.in_place:
                screen.renew()
