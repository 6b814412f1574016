"""Offers unsaved words and recordings again: when the diary opens, and when asked for.

A recording's own draft is not offered beside it: it comes with it. Drafts of recordings that are entries by
now are offered as the words they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from diary.model.entry import Draft, Entry
from diary.model.recording import Unfinished
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.drafts import DraftChoice, DraftsDialog
from diary.tui.drafting import DraftKeeper, recording_slot
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.transcript import TranscriptScreen
from diary.tui.screens.voiced import VoicedScreen
from diary.tui.tasks import Failed, attempt, failure_of


class UnsavedScreen(VoicedScreen):
    """A screen that offers what is unsaved; the subclass says what to do with the entry that comes of it."""

    @dataclass
    class UnsavedRead(Message):
        """Unsaved words, latest first, and recordings, oldest first; `asked_for`: the key was pressed."""

        drafts: Sequence[Draft]
        recordings: Sequence[Unfinished]
        asked_for: bool

    def written(self, entry: Entry | None) -> None:
        """An editor was left; with the entry that it saved."""
        raise NotImplementedError

    def action_unsaved(self) -> None:
        """Offer the unsaved words and recordings again."""
        self.read_unsaved(asked_for=True)

    @work(thread=True, exclusive=True, exit_on_error=False, group="drafts")
    def read_unsaved(self, *, asked_for: bool) -> None:
        """Look what there is."""

        def job() -> Message:
            recordings: list[Unfinished] = []
            try:
                recordings = self.notebook.voice.unfinished()
            except Exception as error:  # the words are offered all the same
                self.post_message(Failed(failure_of(error)))
            theirs = {recording_slot(one.id) for one in recordings}
            drafts = [draft for draft in self.notebook.drafts() if draft.slot not in theirs]
            return self.UnsavedRead(drafts, recordings, asked_for)

        attempt(self, job)

    @on(UnsavedRead)
    def _offer(self, event: UnsavedRead) -> None:
        event.stop()
        if (event.drafts or event.recordings) and self.is_current:
            dialog = DraftsDialog(event.drafts, event.recordings, now=self.context.now())
            self.app.push_screen(dialog, self._chosen)
        elif event.asked_for:
            self.notify("There are no unsaved words and no recordings.", timeout=4)

    def _chosen(self, chosen: DraftChoice | None) -> None:
        if chosen is None:
            return
        unsaved = chosen.unsaved
        if chosen.act == "continue":
            self.app.push_screen(
                self.read_through(unsaved)
                if isinstance(unsaved, Unfinished)
                else EditorScreen(self.notebook, self.context, draft=unsaved),
                self.written,
            )
            return
        what = "this recording" if isinstance(unsaved, Unfinished) else "these unsaved words"
        dialog = ChoiceDialog(
            f"Throw {what} away?",
            choices=[
                Choice(key="n", label="No, keep it" if what == "this recording" else "No, keep them",
                       value="keep"),
                Choice(key="y", label="Yes, throw away", value="throw away", dangerous=True),
            ],
        )  # fmt: skip

        def answered(choice: str | None) -> None:
            if choice == "throw away":
                self._throw_away(unsaved)

        self.app.push_screen(dialog, answered)

    def read_through(self, recording: Unfinished) -> TranscriptScreen:
        """The editor of a recording."""
        return TranscriptScreen(self.notebook, self.context, recording)

    @work(thread=True, exit_on_error=False, group="throw-away")
    def _throw_away(self, unsaved: Draft | Unfinished) -> None:
        def job() -> None:
            if isinstance(unsaved, Unfinished):
                self.notebook.voice.discard_recording(unsaved.id)
                DraftKeeper(self.notebook, recording_slot(unsaved.id)).close()
            else:
                DraftKeeper.continuing(self.notebook, unsaved).close()

        attempt(self, job)
