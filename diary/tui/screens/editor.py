"""Writing: an entry is made of what was typed, or the draft of it is kept or thrown away.

Ctrl+S makes an entry and only then forgets the draft (`drafted`); Escape asks only where need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.binding import BindingType
from textual.message import Message

from diary.model.entry import Entry, EntryChanges
from diary.tui.commands import Place, bindings_for
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.drafting import Page, changes_between
from diary.tui.plain import tag_list
from diary.tui.screens.drafted import DraftedScreen
from diary.tui.tasks import Failed, attempt, failure_of
from diary.tui.widgets.fields import Words

LEAVE_CHOICES: Final = (
    Choice(key="k", label="Keep for later", value="keep"),
    Choice(key="s", label="Save now", value="save"),
    Choice(key="t", label="Throw away", value="throw away", dangerous=True),
)


class EditorScreen(DraftedScreen):
    """Writes a new entry, edits one, or goes on with a draft; returns the entry when it was saved."""

    PLACE = Place.EDITOR
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.EDITOR)

    @dataclass
    class Saved(Message):
        """The words are an entry now."""

        entry: Entry

    class ThrownAway(Message):
        """The draft is gone, as the person wished."""

    class NotSaved(Failed):
        """The entry was not saved, or the draft not thrown away; the words are still in the editor."""

    def action_save(self) -> None:
        """Make an entry of the words."""
        self.save_now()

    def save_now(self) -> None:
        """Save without asking anything."""
        if not self.ready or self.query_one("#sheet").disabled:
            return
        self._stop_timers()
        self.query_one("#sheet").disabled = True
        self.say("saving…")
        self._save(self.page, self._entry)

    @work(thread=True, exclusive=True, exit_on_error=False, group="save")
    def _save(self, page: Page, entry: Entry | None) -> None:
        try:
            saved = self.write_entry(page, entry)
        except Exception as error:
            self.post_message(self.NotSaved(failure_of(error)))
            return
        attempt(self, self.keeper.close)
        self.post_message(self.Saved(saved))

    def write_entry(self, page: Page, entry: Entry | None) -> Entry:
        """In a worker's thread: make the entry, or its new version."""
        if entry is None:
            title, tags = page.title.strip() or None, tag_list(page.tags)
            return self.notebook.write(page.text, at=page.at.strip() or None, title=title, tags=tags)
        changes = changes_between(self.original, page, self.notebook.moment)
        return entry if changes == EntryChanges() else self.notebook.edit(entry.id, changes)

    @on(NotSaved)
    def _stay(self, event: NotSaved) -> None:
        self.query_one("#sheet").disabled = False
        self.query_one(Words).focus()
        self.say("! not saved", "-failed")
        self._drafted = None
        self._typed()

    @on(Saved)
    def _leave_saved(self, event: Saved) -> None:
        event.stop()
        self.notify("Saved.", timeout=2)
        self.dismiss(event.entry)

    def action_leave(self) -> None:
        """Go back; ask only when there are unsaved words."""
        if not self.ready:
            self.dismiss(None)
        elif self.query_one("#sheet").disabled:
            pass  # it is being saved or thrown away, and leaves by itself
        elif not self.changed:
            self._throw_away()
        else:
            self.keep_now()
            self.app.push_screen(self.leave_dialog(), self._leave_as_chosen)

    def leave_dialog(self) -> ChoiceDialog:
        """Asks what becomes of the words."""
        return ChoiceDialog(
            "These words are not saved as an entry yet.",
            details="Kept for later, they are offered again when the diary opens.",
            choices=LEAVE_CHOICES,
        )

    def _leave_as_chosen(self, choice: str | None) -> None:
        if choice == "save" and self.in_place:
            self.save_now()
        elif choice == "keep":
            self.leaving = True  # once the words are on the disk, not before
            self.keep_now()
        elif choice == "throw away":
            self._throw_away()

    def _throw_away(self) -> None:
        self._stop_timers()
        self.query_one("#sheet").disabled = True  # what is typed from here on is for the screen under it
        self._give_up()

    @work(thread=True, exclusive=True, exit_on_error=False, group="save")
    def _give_up(self) -> None:
        try:
            self.give_up()
        except Exception as error:
            self.post_message(self.NotSaved(failure_of(error)))
        else:
            self.post_message(self.ThrownAway())

    def give_up(self) -> None:
        """In a worker's thread: forget what was typed."""
        self.keeper.close()

    @on(ThrownAway)
    def _leave_thrown_away(self, event: ThrownAway) -> None:
        event.stop()
        self.dismiss(None)
