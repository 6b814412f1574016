"""What the journal and the reader have in common: actions on the entry in view."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, EntryChanges, EntryId, Kind
from diary.tui.context import ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.plain import day_words, headline, moment_words
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.listening import ListeningEditor
from diary.tui.tasks import TakenOut, WordsChanged, attempt


class EntryScreen(DiaryScreen[None]):
    """A screen with a current entry. Subclasses say which, and what to do when it changed or is gone."""

    @dataclass
    class Changed(Message):
        """The entry has a new version."""

        entry: Entry

    @dataclass
    class Deleted(Message):
        """The entry is gone; `deleted` None: for good."""

        entry: EntryId
        deleted: DeletedEntry | None

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__()
        self.notebook = notebook
        self.context = context

    @property
    def current(self) -> Entry | None:
        """The entry that actions apply to."""
        raise NotImplementedError

    def show_changed(self, entry: Entry) -> None:
        """Show the new version of an entry."""
        raise NotImplementedError

    def show_deleted(self, entry: EntryId) -> None:
        """Take an entry that is gone out of view."""
        raise NotImplementedError

    def action_edit(self) -> None:
        """Open the editor with the current entry; a spoken one beside its sound."""
        if self.current is not None:
            spoken = self.current.kind is Kind.VOICE
            editor = ListeningEditor if spoken else EditorScreen
            self.app.push_screen(editor(self.notebook, self.context, entry=self.current), self._edited)

    def _edited(self, entry: Entry | None) -> None:
        if entry is not None:
            self.post_message(self.Changed(entry))
            self.post_message(WordsChanged())

    def action_star(self) -> None:
        """Give the current entry a star, or take it away."""
        if self.current is not None:
            self._star(self.current)

    @work(thread=True, exit_on_error=False, group="star")
    def _star(self, entry: Entry) -> None:
        changes = EntryChanges(starred=not entry.starred)
        attempt(self, lambda: self.Changed(self.notebook.edit(entry.id, changes)))

    def action_files(self) -> None:
        """Look at the files of the current entry."""
        # This screen's own readers are opened by that one.
        from diary.tui.screens.attachments import AttachmentsScreen

        if self.current is not None:
            screen = AttachmentsScreen(self.notebook, self.context, self.current)
            self.app.push_screen(screen, lambda _: self.show_files())

    def show_files(self) -> None:
        """The files of the current entry may be others than before."""

    def action_delete(self) -> None:
        """Ask, then delete the current entry."""
        entry = self.current
        if entry is None:
            return
        kept = self.notebook.deleted_can_be_restored
        dialog = ChoiceDialog(
            "Delete this entry?" if kept else "Delete this entry for good?",
            details=f"{headline(entry)}\n{moment_words(entry.happened)}\n\n"
            f"Its versions, its recording and its files go too.{self._way_back() if kept else ''}",
            choices=[
                Choice(key="n", label="No, keep it", value="keep"),
                Choice(key="y", label="Yes, delete", value="delete", dangerous=True),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "delete":
                self._delete(entry.id)

        self.app.push_screen(dialog, answered)

    def _way_back(self) -> str:
        kept_for = self.notebook.deleted_kept_for
        until = f" until {day_words((self.context.now() + kept_for).date())}" if kept_for else ""
        return f" ^z brings all back at once; x in the journal does{until}."

    @work(thread=True, exit_on_error=False, group="delete")
    def _delete(self, entry: EntryId) -> None:
        def job() -> Message:
            return self.Deleted(entry, self.notebook.delete(entry))

        attempt(self, job)

    @on(Changed)
    def _take_change(self, event: Changed) -> None:
        event.stop()
        self.show_changed(event.entry)

    @on(Deleted)
    def _take_deletion(self, event: Deleted) -> None:
        event.stop()
        self.show_deleted(event.entry)
        self.app.post_message(TakenOut(event.deleted))
        self.app.post_message(WordsChanged())
