"""What the journal and the reader do with a spoken entry: write its sound down again, confirm a rough draft.

Rules: one at a time, in a worker's thread, with progress and a way to stop; the words before stay in the
history. Without a speech model a rough draft is offered, never made unasked.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from diary.errors import ModelMissing, Stopped, WordsChanged
from diary.model.entry import Entry, EntryId, Kind, Transcript
from diary.model.progress import Progress
from diary.tui.context import ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.ports import Notebook
from diary.tui.screens.entries import EntryScreen
from diary.tui.tasks import EngineWanted, Failed, Failure, WritingDown, attempt, failure_of


class VoicedScreen(EntryScreen):
    """A screen whose current entry may have been spoken."""

    @dataclass
    class WrittenDown(Message):
        """The work ended: with a new version, a failure, or neither after a stop."""

        entry: EntryId
        changed: Entry | None = None
        failure: Failure | None = None
        no_model: bool = False
        by_hand: bool = False

    @dataclass
    class Confirmed(Message):
        """A rough draft counts from now on."""

        entry: Entry

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__(notebook, context)
        self._stop_writing: threading.Event | None = None

    @property
    def spoken(self) -> Entry | None:
        """The current entry when it was spoken."""
        entry = self.current
        return entry if entry is not None and entry.kind is Kind.VOICE else None

    @property
    def speaks(self) -> bool:
        """While a recording is written down again."""
        return self._stop_writing is not None

    # Writing down again

    def action_write_down(self) -> None:
        """Write the recording of the current entry down again, or stop that."""
        if self._stop_writing is not None:
            self.stop_writing()
        elif self.spoken is not None:
            self._begin(self.spoken.id)

    def _begin(self, entry: EntryId, *, rough: bool = False, force: bool = False) -> None:
        self._stop_writing = threading.Event()
        self.post_message(EngineWanted())
        self.post_message(WritingDown(Progress("transcribing", 0, None)))
        self._write_down(entry, rough, force, self._stop_writing)

    @work(thread=True, exit_on_error=False, group="write-down")
    def _write_down(self, entry: EntryId, rough: bool, force: bool, stop: threading.Event) -> None:
        def report(progress: Progress) -> None:
            self.post_message(WritingDown(progress))

        voice = self.notebook.voice
        try:
            changed = voice.transcribe_again(
                entry, rough=rough, force=force, report=report, cancelled=stop.is_set
            )
            done = self.WrittenDown(entry, changed)
        except Stopped:
            done = self.WrittenDown(entry)
        except WordsChanged:
            done = self.WrittenDown(entry, by_hand=True)
        except ModelMissing as error:
            done = self.WrittenDown(entry, failure=failure_of(error), no_model=not rough)
        except Exception as error:
            done = self.WrittenDown(entry, failure=failure_of(error))
        self.app.post_message(WritingDown(None))
        self.post_message(done)

    def stop_writing(self) -> None:
        """Stop what is being written down, if anything; the words before stay."""
        if self._stop_writing is not None:
            self._stop_writing.set()

    def on_unmount(self) -> None:
        """Stop with the screen."""
        self.stop_writing()

    @on(WrittenDown)
    def _show_written_down(self, event: WrittenDown) -> None:
        event.stop()
        self._stop_writing = None
        if event.changed is not None:
            self._edited(event.changed)
            self.notify("It is written down; the words before are in its history.", timeout=4)
        elif event.by_hand:
            self._offer_replacing(event.entry)
        elif event.no_model:
            self._offer_rough(event.entry, event.failure)
        elif event.failure is not None:
            self.post_message(Failed(event.failure))
        else:
            self.notify("Stopped. The words are as they were.", timeout=4)

    def _offer_rough(self, entry: EntryId, failure: Failure | None) -> None:
        if not self.is_current:
            return
        hint = f"{failure.hint}\n\n" if failure and failure.hint else ""
        dialog = ChoiceDialog(
            "There is no speech model. Make a rough draft?",
            details=f"{hint}PocketSphinx hears about one word in three wrong, and makes up sentences that "
            "sound right. A draft is marked as one, and nothing is counted from it until you confirm it.",
            choices=[
                Choice(key="n", label="No", value="no"),
                Choice(key="y", label="Yes, a rough draft", value="rough"),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "rough" and self._stop_writing is None:
                self._begin(entry, rough=True)

        self.app.push_screen(dialog, answered)

    def _offer_replacing(self, entry: EntryId) -> None:
        if not self.is_current:
            return
        dialog = ChoiceDialog(
            "You changed these words since they were heard. Replace them?",
            details="Yours stay in the history of the entry.",
            choices=[
                Choice(key="n", label="No, keep mine", value="no"),
                Choice(key="y", label="Yes, write it down anew", value="replace"),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "replace" and self._stop_writing is None:
                self._begin(entry, force=True)

        self.app.push_screen(dialog, answered)

    # Confirming

    def action_confirm(self) -> None:
        """Vouch for the rough draft in view."""
        entry = self.spoken
        if entry is not None and entry.transcript is Transcript.ROUGH:
            self._confirm(entry.id)

    @work(thread=True, exclusive=True, exit_on_error=False, group="confirm")
    def _confirm(self, entry: EntryId) -> None:
        attempt(self, lambda: self.Confirmed(self.notebook.voice.confirm(entry)))

    @on(Confirmed)
    def _show_confirmed(self, event: Confirmed) -> None:
        event.stop()
        self._edited(event.entry)
        self.notify("Confirmed: it counts from now on.", timeout=4)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of spoken entries do nothing on others."""
        if not super().check_action(action, parameters):
            return False
        if action in ("write_down", "play", "sentence"):
            return self.spoken is not None
        if action == "confirm":
            return self.spoken is not None and self.spoken.transcript is Transcript.ROUGH
        return True
