"""Plays sound in a worker's thread and says where it is.

Rules: one playing at a time; a new one ends the one before, and what that one still tells is dropped.
Stopping is a flag that `Reviewing.play` polls. It ends with the screen it is on.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.model.entry import EntryId
from diary.model.recording import SpoolId
from diary.tui.hearing import position
from diary.tui.tasks import Failed, failure_of
from diary.tui.voice_ports import Reviewing


class PlayBar(Static):
    """`► 0:42 of 3:10 · ^t stops`; not there while nothing plays.

    :param key: the key that stops, for the reader.
    """

    DEFAULT_CSS = "PlayBar { height: 1; color: $accent; }"

    @dataclass
    class At(Message):
        """The playing numbered `turn` is at this second."""

        turn: int
        seconds: float

        def can_replace(self, message: Message) -> bool:
            """Only the latest place is worth showing."""
            return isinstance(message, PlayBar.At) and message.turn == self.turn

    @dataclass
    class Ended(Message):
        """The playing numbered `turn` is over."""

        turn: int

    @dataclass
    class Moved(Message):
        """What plays is at this second; None: nothing plays any more."""

        seconds: float | None

    def __init__(self, voice: Reviewing, *, key: str, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._voice = voice
        self._key = key
        self._turn = 0
        self._length = 0.0
        self._stop: threading.Event | None = None
        self.display = False

    @property
    def playing(self) -> bool:
        """Whether something plays."""
        return self._stop is not None

    def play(self, sound: SpoolId | EntryId, *, start: float, length: float = 0.0) -> None:
        """Play from this second on; `length` is that of the whole, 0 when it is not known."""
        self.stop()
        self._length = length
        self._stop = threading.Event()
        self._say(start)
        self._play(self._turn, sound, start, self._stop)

    def stop(self) -> None:
        """Be silent."""
        self._turn += 1
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            self.display = False
            self.post_message(self.Moved(None))

    def on_unmount(self) -> None:
        """Be silent when the screen goes."""
        if self._stop is not None:
            self._stop.set()

    @work(thread=True, exit_on_error=False, group="play")
    def _play(self, turn: int, sound: SpoolId | EntryId, start: float, stop: threading.Event) -> None:
        def told(seconds: float) -> None:
            self.post_message(self.At(turn, seconds))

        try:
            self._voice.play(sound, start=start, position=told, cancelled=stop.is_set)
        except Exception as error:
            self.post_message(Failed(failure_of(error)))
        self.post_message(self.Ended(turn))

    @on(At)
    def _follow(self, event: At) -> None:
        event.stop()
        if event.turn == self._turn and self._stop is not None:
            self._say(event.seconds)
            self.post_message(self.Moved(event.seconds))

    @on(Ended)
    def _end(self, event: Ended) -> None:
        event.stop()
        if event.turn == self._turn:
            self.stop()

    def _say(self, seconds: float) -> None:
        self.display = True
        self.update(Content(f"► {position(seconds, self._length)} · {self._key} stops"))
