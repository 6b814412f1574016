"""Has the rest of an unsaved recording written down, in a worker's thread, and says how far it is.

Rules: a segment is told as soon as it is there; stopping keeps what is done, and it can go on; without a
speech model it says what becomes of the recording. It changes no words itself.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.errors import ModelMissing, Stopped
from diary.model.progress import Progress
from diary.model.recording import Unfinished
from diary.model.speech import Segment
from diary.tui.hearing import NO_MODEL, position
from diary.tui.tasks import EngineWanted, Failure, failure_of
from diary.tui.voice_ports import Recording


class HearingBar(Static):
    """`Writing down 0:40 of 2:10 · ^r stops`; not there when all is written down."""

    DEFAULT_CSS = "HearingBar { height: auto; color: $accent; } HearingBar.-failed { color: $error; }"

    @dataclass
    class Heard(Message):
        """A segment more."""

        segment: Segment

    @dataclass
    class Reached(Message):
        """How far it is."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, HearingBar.Reached)

    @dataclass
    class Done(Message):
        """All is written down, as `segments`, or it was stopped, or could not be."""

        segments: Sequence[Segment] | None = None
        failure: Failure | None = None
        stopped: bool = False
        without_model: bool = False

    def __init__(self, voice: Recording, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._voice = voice
        self._recording: Unfinished | None = None
        self._stop: threading.Event | None = None
        self.complete = False
        self.impossible = False
        """Nothing is installed that could."""
        self.display = False

    @property
    def hearing(self) -> bool:
        """Whether words are being written down."""
        return self._stop is not None

    def hear(self, recording: Unfinished) -> None:
        """Begin, or go on after a stop."""
        if self._stop is not None:
            return
        self._recording = recording
        self._stop = threading.Event()
        self._say(f"Writing down {position(recording.reached, recording.seconds)} · ^r stops")
        self.post_message(EngineWanted())
        self._hear(recording, self._stop)

    def toggle(self) -> None:
        """Stop, or go on."""
        if self._stop is not None:
            self._stop.set()
            self._say("Stopping…")
        elif self._recording is not None and not self.complete:
            self.hear(self._recording)

    def stop(self) -> None:
        """Stop; what is done is kept."""
        if self._stop is not None:
            self._stop.set()

    def on_unmount(self) -> None:
        """Stop when the screen goes."""
        self.stop()

    @work(thread=True, exit_on_error=False, group="hear")
    def _hear(self, recording: Unfinished, stop: threading.Event) -> None:
        try:
            segments = self._voice.hear(
                recording.id,
                report=lambda progress: self._tell(self.Reached(progress)),
                cancelled=stop.is_set,
                heard=lambda segment: self._tell(self.Heard(segment)),
            )
            done = self.Done(segments)
        except Stopped:
            done = self.Done(stopped=True)
        except ModelMissing:
            done = self.Done(without_model=True)
        except Exception as error:
            done = self.Done(failure=failure_of(error))
        self.post_message(done)

    def _tell(self, message: Message) -> None:
        self.post_message(message)

    @on(Reached)
    def _show_progress(self, event: Reached) -> None:
        event.stop()
        if self._stop is not None and not self._stop.is_set():
            total = event.progress.total or 0
            self._say(f"Writing down {position(event.progress.done, total)} · ^r stops")

    @on(Done)
    def _end(self, event: Done) -> None:
        self._stop = None
        self.complete = not (event.stopped or event.without_model or event.failure)
        self.impossible = event.without_model
        if event.failure is not None:
            self._say(f"! {event.failure.message} ^r tries again.", "-failed")
        elif event.without_model:
            self._say(f"{NO_MODEL} In the saved entry t makes a rough draft.")
        elif event.stopped:
            self._say("Not everything is written down · ^r goes on")
        else:
            self.display = False

    def _say(self, words: str, manner: str = "") -> None:
        self.display = True
        self.set_classes(manner)
        self.update(Content(words))
