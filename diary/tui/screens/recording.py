"""Recording from the microphone: what is said is on the disk, encrypted, before it is shown.

Rules: "Recording" is shown when the first sound came, not when the key was pressed; whatever ends the screen
(Enter, Escape, the lock, quitting, a microphone that goes away) ends the recording and keeps its spool, which
only a choice of the person discards; meters and words come from other threads as messages. Speech counts as
presence, so that the lock for idle hands does not interrupt a person who talks. What becomes of the recording
afterwards is not here: the screen returns it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.errors import DiaryError
from diary.model.recording import Meter, Phase, Unfinished
from diary.model.speech import Microphone, Segment
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.microphones import MicrophoneDialog
from diary.tui.plain import moment_words
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import EngineWanted, Failed, Failure, Present, attempt, failure_of
from diary.tui.voice_ports import Recording, RunningRecording
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.heard_words import HeardWords
from diary.tui.widgets.sound_meter import OPENING, SoundMeter
from diary.tui.widgets.status_line import StatusLine

LEAVE_CHOICES: Final = (
    Choice(key="g", label="Go on", value="go on"),
    Choice(key="k", label="Keep for later", value="keep"),
    Choice(key="d", label="Discard", value="discard", dangerous=True),
)
PROMISE: Final = "encrypted while you speak"
TALK: Final = "Speak. Your words appear here at each pause. [word?] was heard with doubt."
TALK_UNHEARD: Final = "Speak. What you say is kept; no words appear without a speech model."
AGAIN: Final = "Enter tries again · m chooses another microphone · Esc goes back"


class RecordingScreen(DiaryScreen[Unfinished]):
    """Records; returns the recording to be read through, or None when it was kept for later or discarded."""

    PLACE = Place.RECORD
    CSS_PATH = "recording.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.RECORD)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Began(Message):
        """The microphone is being opened."""

        running: RunningRecording

    @dataclass
    class NotBegun(Message):
        """There is nothing to record with."""

        failure: Failure

    @dataclass
    class Measured(Message):
        """How the recording numbered `turn` stands."""

        turn: int
        meter: Meter

        def can_replace(self, message: Message) -> bool:
            """Only the latest is worth showing, but the end must not be missed."""
            return isinstance(message, RecordingScreen.Measured) and message.meter.phase is not Phase.ENDED

    @dataclass
    class Heard(Message):
        """Words of the recording numbered `turn` were written down."""

        turn: int
        segment: Segment

    @dataclass
    class Ended(Message):
        """The recording is over and on the disk; None when there was no sound, or it was discarded."""

        kept: Unfinished | None
        read_on: bool
        remark: str = ""

    @dataclass
    class MicrophonesRead(Message):
        """What can be recorded from, and the id of the remembered one."""

        microphones: Sequence[Microphone]
        used: str | None

    class Switched(Message):
        """Another microphone is remembered."""

    class Cleared(Message):
        """The silence of the microphone before is gone."""

    def __init__(self, voice: Recording, context: ScreenContext) -> None:
        super().__init__()
        self._voice = voice
        self._world = context
        self._turn = 0
        self._run: RunningRecording | None = None
        self._meter: Meter | None = None
        self._ever_heard = False
        self._ending = False
        self._gone = threading.Event()

    @property
    def speaks(self) -> bool:
        """What is said is written down while it runs."""
        return True

    # Layout

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="head"):
            yield Static(id="what", markup=False)
            yield SoundMeter()
        yield HeardWords(TALK, id="heard")
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Open the microphone."""
        when = moment_words(self._world.now())
        what = Content.assemble((f"New recording · {when}", "bold $accent"), (f"   {PROMISE}", "$muted"))
        self.query_one("#what", Static).update(what)
        self.post_message(EngineWanted())
        self._open()

    # Opening

    def _open(self) -> None:
        self._turn += 1
        self._run, self._meter, self._ending = None, None, False
        self.query_one(SoundMeter).tell(OPENING)
        self.query_one(HeardWords).promise(TALK)
        self._record(self._turn)

    @work(thread=True, exit_on_error=False, group="record")
    def _record(self, turn: int) -> None:
        try:
            running = self._voice.record(
                meter=lambda meter: self._post(self.Measured(turn, meter)),
                heard=lambda segment: self._post(self.Heard(turn, segment)),
            )
        except Exception as error:
            self._post(self.NotBegun(failure_of(error)))
            return
        if self._gone.is_set() or not self.post_message(self.Began(running)):
            with suppress(DiaryError):  # the person left while the microphone was being opened
                running.stop()
                self._voice.discard_recording(running.id)

    def _post(self, message: Message) -> None:
        self.post_message(message)

    @on(Began)
    def _take_running(self, event: Began) -> None:
        event.stop()
        self._run = event.running

    @on(NotBegun)
    def _tell_not_begun(self, event: NotBegun) -> None:
        event.stop()
        failure = event.failure
        self._ending = False
        self.query_one(HeardWords).promise("")
        self.query_one(SoundMeter).tell("Not recording", failure.message, f"{failure.hint}\n{AGAIN}".strip())

    # While it runs

    @on(Measured)
    def _show_meter(self, event: Measured) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._meter = meter = event.meter
        if meter.heard:
            self._ever_heard = True
            self.post_message(Present())
        if not self._ending:
            self.query_one(SoundMeter).show(meter)
            self.query_one(HeardWords).promise(TALK if meter.behind is not None else TALK_UNHEARD)
        if meter.phase is Phase.ENDED and not self._ending:
            self.action_stop()  # the microphone went away; stopping says why

    @on(Heard)
    async def _show_words(self, event: Heard) -> None:
        event.stop()
        if event.turn == self._turn:
            await self.query_one(HeardWords).add(event.segment)

    def action_pause(self) -> None:
        """Hear nothing for a while, or go on."""
        if self._run is None or self._meter is None or self._ending:
            return
        if self._meter.phase is Phase.PAUSED:
            self._run.resume()
        elif self._meter.phase is Phase.RECORDING:
            self._run.pause()

    def action_scroll(self, pages: int) -> None:
        """Scroll through the words."""
        words = self.query_one(HeardWords)
        (words.scroll_page_up if pages < 0 else words.scroll_page_down)(animate=False)

    # Ending

    def action_stop(self) -> None:
        """Stop, and read through what was heard; without a microphone try again."""
        if self._run is not None:
            self._end(self._run, read_on=True)
        elif self._meter is None and not self.workers_busy:
            self._open()

    @property
    def workers_busy(self) -> bool:
        """Whether the microphone is still being opened."""
        return any(worker.group == "record" and worker.is_running for worker in self.workers)

    def _end(self, running: RunningRecording, *, read_on: bool, discard: bool = False) -> None:
        if not self._ending:
            self._ending = True
            words = "Discarding…" if discard else "Putting the last sound on the disk…"
            self.query_one(SoundMeter).tell(words)
            self._stop(running, read_on, discard)

    @work(thread=True, exclusive=True, exit_on_error=False, group="stop")
    def _stop(self, running: RunningRecording, read_on: bool, discard: bool) -> None:
        failure: Failure | None = None
        kept: Unfinished | None = None
        try:
            running.stop()
        except Exception as error:  # the microphone or the disk; what came before is kept
            failure = failure_of(error)
        try:
            found = [one for one in self._voice.unfinished() if one.id == running.id]
            kept = found[0] if found else None
            if kept is not None and (discard or kept.seconds <= 0):
                self._voice.discard_recording(running.id)
                kept = None
        except Exception as error:
            failure = failure or failure_of(error)
        if failure is not None:
            self._post(Failed(failure))
        remark = "The recording is discarded." if discard else "" if kept else "There was no sound to keep."
        self._post(self.Ended(kept, read_on, remark))

    @on(Ended)
    def _leave_ended(self, event: Ended) -> None:
        event.stop()
        if event.remark:
            self.notify(event.remark, timeout=4)
        elif not event.read_on:
            self.notify("The recording is kept for later; u opens it.", timeout=4)
        self._run = None
        self._go(event.kept if event.read_on else None)

    def action_leave(self) -> None:
        """Ask what becomes of the recording, which runs on meanwhile."""
        running = self._run
        if running is None:
            self._go(None)
            return
        if self._ending:
            return
        dialog = ChoiceDialog(
            "The recording is not an entry yet.",
            details="It goes on while you choose. Kept for later, it is offered again when the diary opens.",
            choices=LEAVE_CHOICES,
        )

        def answered(choice: str | None) -> None:
            if choice in ("keep", "discard"):
                self._end(running, read_on=False, discard=choice == "discard")

        self.app.push_screen(dialog, answered)

    def _go(self, kept: Unfinished | None) -> None:
        self._gone.set()
        self.dismiss(kept)

    def flush(self) -> Failure | None:
        """End the recording before the program does; all its sound is kept, whatever else fails."""
        self._gone.set()
        running, self._run = self._run, None
        if running is not None:
            with suppress(Exception):  # each piece of sound was on the disk before it was shown
                running.stop()
        return None

    # The microphone

    def action_microphone(self) -> None:
        """Choose the microphone."""
        self._read_microphones()

    @work(thread=True, exclusive=True, exit_on_error=False, group="microphones")
    def _read_microphones(self) -> None:
        def job() -> Message:
            return self.MicrophonesRead(self._voice.microphones(), self._voice.microphone())

        attempt(self, job)

    @on(MicrophonesRead)
    def _offer(self, event: MicrophonesRead) -> None:
        event.stop()
        if self.is_current:
            self.app.push_screen(MicrophoneDialog(event.microphones, event.used), self._chosen(event.used))

    def _chosen(self, used: str | None) -> Callable[[str | None], None]:
        def chosen(microphone: str | None) -> None:
            if microphone is not None and (microphone or None) != used:
                self._remember(microphone or None)

        return chosen

    @work(thread=True, exclusive=True, exit_on_error=False, group="microphones")
    def _remember(self, microphone: str | None) -> None:
        def job() -> Message:
            self._voice.use_microphone(microphone)
            return self.Switched()

        attempt(self, job)

    @on(Switched)
    def _switch(self, event: Switched) -> None:
        event.stop()
        if self._run is None:
            self.action_stop()
        elif self._ever_heard or self._ending:
            self.notify("It is used from the next recording on.", timeout=4)
        else:
            self._begin_again(self._run)

    def _begin_again(self, silent: RunningRecording) -> None:
        """Nothing was said yet: leave the silence, and record with the other microphone."""
        self._turn += 1
        self._ending = True
        self._replace(silent)

    @work(thread=True, exclusive=True, exit_on_error=False, group="stop")
    def _replace(self, silent: RunningRecording) -> None:
        with suppress(DiaryError):
            silent.stop()
            self._voice.discard_recording(silent.id)
        if not self._gone.is_set():
            self._post(self.Cleared())

    @on(Cleared)
    def _open_other(self, event: Cleared) -> None:
        event.stop()
        self._open()
