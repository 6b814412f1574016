"""Reading through a recording before it is saved: its words are edited, its sentences played.

Rules, in order: what was written down while it ran is there at once; the rest is written down meanwhile and
added at the end as long as the end is as it was heard, else offered; nothing overwrites what was typed. The
draft lies in a slot named after the spool and says how far the words in it were heard, so that after a crash
neither the typing nor the sound is lost and no sentence comes twice. Saving makes entry, sound and transcript
in one step; leaving asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from diary.model.entry import Draft, Entry, EntryId
from diary.model.placeholder import clock
from diary.model.recording import SpoolId, Unfinished
from diary.model.speech import Segment
from diary.printable import safe
from diary.tui.context import ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.drafting import DraftKeeper, Page, decode, recording_slot
from diary.tui.plain import counted, moment_words, tag_list
from diary.tui.ports import Notebook
from diary.tui.screens.listening import ListeningEditor
from diary.tui.tasks import attempt
from diary.tui.widgets.fields import Words
from diary.tui.widgets.hearing_bar import HearingBar
from diary.tui.widgets.questions import QuestionLine
from diary.tui.widgets.sentences import SentenceList
from ingest.heard import PARAGRAPH_PAUSE_SECONDS, as_text

NEARLY: Final = 1.0
"""Seconds at the end that may be without words: nobody speaks while pressing the key."""

LEAVE_CHOICES: Final = (
    Choice(key="k", label="Keep for later", value="keep"),
    Choice(key="s", label="Save now", value="save"),
    Choice(key="d", label="Discard", value="throw away", dangerous=True),
)


class TranscriptScreen(ListeningEditor):
    """Makes an entry of an unsaved recording; returns it when it was saved."""

    @dataclass
    class RecordingLoaded(Message):
        """The recording as it is now, and the draft of its words, if there is one."""

        recording: Unfinished
        draft: Draft | None

    def __init__(self, notebook: Notebook, context: ScreenContext, recording: Unfinished) -> None:
        super().__init__(notebook, context)
        self._recording = recording
        self._taken = 0.0
        self._tail = ""
        self._saving = False
        self.keeper = DraftKeeper(notebook, recording_slot(recording.id))

    def compose_words(self) -> ComposeResult:
        """The words and sentences, and how far the writing-down is."""
        yield from super().compose_words()
        yield HearingBar(self.voice, id="hearing")

    @property
    def speaks(self) -> bool:
        """Until the recording is written down."""
        return not (self.ready and self.query_one(HearingBar).complete)

    # Opening

    def begin(self) -> None:
        """Read what was heard and typed so far."""
        self.query_one("#at", Input).placeholder = "when: as spoken"
        self.query_one("#sheet").disabled = True
        self._load_recording()

    @work(thread=True, exclusive=True, exit_on_error=False, group="load")
    def _load_recording(self) -> None:
        def job() -> Message:
            known = {one.id: one for one in self.voice.unfinished()}
            slot = self.keeper.slot
            draft = next((draft for draft in self.notebook.drafts() if draft.slot == slot), None)
            return self.RecordingLoaded(known.get(self._recording.id, self._recording), draft)

        attempt(self, job)

    @on(RecordingLoaded)
    def _fill_from_recording(self, event: RecordingLoaded) -> None:
        event.stop()
        self._recording = event.recording
        segments = event.recording.segments
        typed = decode(event.draft.text).heard if event.draft else ""
        self._taken = _seconds(typed) if typed else (segments[-1].end if segments else 0.0)
        there = [segment for segment in segments if segment.end <= self._taken + 0.01]
        self._tail = _words(there[-1]) if there else ""
        self.original = Page(text=as_text(there), heard=f"{self._taken:.2f}")
        self.fill_with(None, event.draft)

    def heading(self, entry: Entry | None) -> str:
        """What is read through."""
        return f"Recording of {clock(self.length)} · {moment_words(self._recording.started)}"

    def filled(self) -> None:
        """Show the sentences, and have the rest written down."""
        super().filled()
        recording = self._recording
        self.query_one(Words).move_cursor((0, 0))  # one listens from the beginning
        self.show_segments(recording.segments)
        for segment in recording.segments:
            if segment.end > self._taken + 0.01:
                self._bring(segment)
        bar = self.query_one(HearingBar)
        if recording.reached < recording.seconds - NEARLY:
            bar.hear(recording)
        else:
            bar.complete = True

    @property
    def sound(self) -> SpoolId | EntryId | None:
        """The spool plays."""
        return self._recording.id

    @property
    def length(self) -> float:
        """Seconds of the whole recording."""
        return self._recording.seconds

    @property
    def page(self) -> Page:
        """The fields as they are now, and how far they were heard."""
        return replace(super().page, heard=f"{self._taken:.2f}")

    # Words that come while one reads

    @on(HearingBar.Heard)
    def _hear_more(self, event: HearingBar.Heard) -> None:
        event.stop()
        if event.segment.end > self._recording.reached + 0.01:
            self.add_segment(event.segment)
            self._bring(event.segment)

    def _bring_missed(self, segments: Sequence[Segment]) -> None:
        """Take what all of it says: another model may have begun anew, or a segment have come between two
        screens.
        """
        shown = self.query_one(SentenceList).segments
        if tuple(segments) == tuple(shown):
            return
        there = {segment.start for segment in shown}
        self.show_segments(segments)
        for segment in segments:
            if segment.start not in there and segment.end > self._recording.reached + 0.01:
                self._bring(segment)

    def _bring(self, segment: Segment) -> None:
        """Add a segment at the end, or offer it when the end is not as it was heard."""
        words, line = self.query_one(Words), self.query_one(QuestionLine)
        more = _words(segment)
        if not more:
            return
        if line.more or not words.text.rstrip().endswith(self._tail):
            line.offer_more(more)
            return
        pause = segment.start - self._taken
        gap = "" if not words.text.strip() else "\n\n" if pause >= PARAGRAPH_PAUSE_SECONDS else " "
        self._taken, self._tail = segment.end, more
        words.insert(gap + more, words.document.end, maintain_selection_offset=True)

    def action_accept(self) -> None:
        """Do what the line under the words offers."""
        offered = self.query_one(QuestionLine).more
        super().action_accept()
        self._decided(offered)

    def action_refuse(self) -> None:
        """Leave the words as they are."""
        offered = self.query_one(QuestionLine).more
        super().action_refuse()
        self._decided(offered)

    def _decided(self, offered: str) -> None:
        if offered and not self.query_one(QuestionLine).more:
            last = self.query_one(SentenceList).segments[-1]
            words = self.query_one(Words).text.rstrip()
            self._taken, self._tail = last.end, words[-len(_words(last)) :]
            self.keep_now()

    def action_hear(self) -> None:
        """Stop the writing-down, or go on with it."""
        self.query_one(HearingBar).toggle()

    @on(HearingBar.Done)
    def _heard_all(self, event: HearingBar.Done) -> None:
        event.stop()
        if event.segments is not None:
            self._bring_missed(event.segments)
        if self._saving:
            self._saving = False
            self.save_now()

    # Saving and leaving

    def action_save(self) -> None:
        """Make an entry of it; ask when part of it is not written down yet."""
        if not self.ready:
            return
        bar = self.query_one(HearingBar)
        nothing_to_wait_for = bar.complete or bar.impossible
        if nothing_to_wait_for or not (bar.hearing or self.query_one(Words).text.strip()):
            self.save_now()
            return
        segments = self.query_one(SentenceList).segments
        reached = segments[-1].end if segments else self._recording.reached
        dialog = ChoiceDialog(
            "Not all of it is written down yet.",
            details=f"The words reach to {clock(reached)} of {clock(self.length)}. Saved now, the rest "
            "stays in the sound; t in the entry writes it down.",
            choices=[
                Choice(key="g", label="Go on", value="go on"),
                Choice(key="s", label="Save as it is", value="save"),
            ],
        )

        def answered(choice: str | None) -> None:
            if choice == "save":
                self.save_now()

        self.app.push_screen(dialog, answered)

    def save_now(self) -> None:
        """Save, once the writing-down has stopped."""
        if not self.ready:
            return
        bar = self.query_one(HearingBar)
        if bar.hearing:
            self._saving = True
            self.say("saving…")
            bar.stop()
            return
        doubted = self.query_one(QuestionLine).medicines
        if doubted:
            words = counted(doubted, "word still sounds", "words still sound")
            self.notify(f"{words} like a medicine of yours; editing the entry asks again.", timeout=8)
        super().save_now()

    def write_entry(self, page: Page, entry: Entry | None) -> Entry:
        """In a worker's thread: entry, sound and transcript in one step."""
        return self.voice.save_recording(
            self._recording.id,
            page.text,
            at=page.at.strip() or None,
            title=page.title.strip() or None,
            tags=tag_list(page.tags),
        )

    @property
    def changed(self) -> bool:
        """A recording is always undecided until it is saved or discarded."""
        return self.ready

    def leave_dialog(self) -> ChoiceDialog:
        """Asks what becomes of the recording."""
        return ChoiceDialog(
            "The recording is not saved as an entry yet.",
            details="Kept for later, it is offered again with its words when the diary opens.",
            choices=LEAVE_CHOICES,
        )

    def give_up(self) -> None:
        """In a worker's thread: destroy the recording, and forget what was typed."""
        self.voice.discard_recording(self._recording.id)
        super().give_up()


def _words(segment: Segment) -> str:
    return " ".join(safe(segment.text).split())


def _seconds(untrusted_digits: str) -> float:
    try:
        return max(0.0, float(untrusted_digits))
    except ValueError:
        return 0.0
