"""A recording from the microphone, as a person at a terminal steers it, or as a script lets it run.

Space or p pauses and goes on; Enter or Ctrl-D ends it; Ctrl-C asks once what is to become of it. Without a
terminal it ends after so many seconds, or with standard input. The sound is on the disk, encrypted, whatever
becomes of this: a Ctrl-C that cannot be answered keeps it for later.

Not here: what becomes of it afterwards (`diary.cli.spoken`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Protocol

from diary.cli.heard import words_of
from diary.cli.keys import END, Interrupts, Keys
from diary.cli.live_line import live_line
from diary.cli.output import Console
from diary.errors import DiaryError
from diary.model.recording import Meter, Phase, SpoolId
from diary.model.speech import Segment
from diary.tui.voice_ports import RunningRecording

QUESTION = "Stopped? s saves it, k keeps it for later, d discards it, any other key goes on. "

_LOOKS_EVERY = 0.1  # seconds; the line is drawn anew as often
_LONGEST_OPENING = 20.0  # seconds; a microphone that gives nothing by then will not


class Choice(Enum):
    """What is to become of a recording that has ended."""

    SAVE = "save"
    KEEP = "keep"
    DISCARD = "discard"


_CHOICES = {"s": Choice.SAVE, "k": Choice.KEEP, "d": Choice.DISCARD, END: Choice.KEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A recording that has ended.

    :ivar seconds: of sound that is on the disk. :ivar shown: when the segments began that were
        shown already, in seconds.
    :ivar unasked: whether nobody could be asked what is to become of it, or nobody answered.
    :ivar failure: of the microphone, which ended it.
    :ivar at_end: whether standard input, which was no terminal, ended it.
    """

    id: SpoolId
    seconds: float
    shown: frozenset[float]
    choice: Choice
    unasked: bool
    failure: DiaryError | None
    at_end: bool = False


class Records(Protocol):
    """Records, as `diary.tui.voice_ports.Recording` does."""

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> RunningRecording:
        """Begin."""
        ...


class LiveRecording:
    """Runs one recording to its end.

    :param seconds: of sound after which it ends by itself; None: it does not.
    :param asks: whether Ctrl-C asks; otherwise it discards.
    """

    def __init__(
        self,
        console: Console,
        voice: Records,
        keys: Keys,
        interrupts: Interrupts,
        *,
        seconds: float | None,
        asks: bool = True,
    ) -> None:
        self._asks = asks
        self._console = console
        self._voice = voice
        self._keys = keys
        self._interrupts = interrupts
        self._seconds = seconds
        self._news: SimpleQueue[Meter | Segment] = SimpleQueue()
        self._meter: Meter | None = None
        self._paused = False
        self._shown: set[float] = set()
        self._unasked = False
        self._at_end = False

    def run(self, microphone: str | None, *, note: str = "") -> Taken:
        """Record.

        :param microphone: the id of one to use this once.
        :param note: something to know, once it runs.
        :raises diary.errors.MicrophoneMissing: and nothing was begun.
        """
        running = self._voice.record(meter=self._news.put, heard=self._news.put, microphone=microphone)
        if note:
            self._console.note(note)
        failure: DiaryError | None = None
        choice = Choice.SAVE
        try:
            choice = self._until_ended(running)
        except DiaryError as error:  # it could not be paused or gone on with
            failure = error
        finally:
            self._console.end_live()
            try:
                running.stop()
            except DiaryError as error:
                failure = failure or error
        self._take_news()
        return Taken(
            id=running.id,
            seconds=self._meter.seconds if self._meter else 0.0,
            shown=frozenset(self._shown),
            choice=choice,
            unasked=self._unasked,
            at_end=self._at_end,
            failure=failure,
        )

    def _until_ended(self, running: RunningRecording) -> Choice:
        opened_by = time.monotonic() + _LONGEST_OPENING
        while True:
            self._take_news()
            self._draw()
            if self._over(opened_by):
                return Choice.SAVE
            key = self._keys.pressed(_LOOKS_EVERY)
            if self._interrupts.came():
                choice = self._ask(running)
                if choice is not None:
                    return choice
            elif key in (" ", "p"):
                self._turn(running, paused=not self._paused)
            elif key in ("\n", "\r", END):
                self._at_end = key == END and not self._keys.terminal
                return Choice.SAVE

    def _over(self, opened_by: float) -> bool:
        meter = self._meter
        if meter is None or meter.phase is Phase.OPENING:
            return time.monotonic() > opened_by
        return meter.phase is Phase.ENDED or (self._seconds is not None and meter.seconds >= self._seconds)

    def _turn(self, running: RunningRecording, *, paused: bool) -> None:
        if paused != self._paused:
            running.pause() if paused else running.resume()
            self._paused = paused

    def _ask(self, running: RunningRecording) -> Choice | None:
        """What is to become of it; None to go on. Nobody to ask, or a second Ctrl-C: it is kept."""
        self._interrupts.answered()
        if not self._asks:
            return Choice.DISCARD
        if not (self._keys.terminal and sys.stderr.isatty()):
            self._unasked = True
            return Choice.KEEP
        before = self._paused
        self._turn(running, paused=True)
        self._console.ask(QUESTION)
        while (key := self._keys.pressed(_LOOKS_EVERY)) is None:
            if self._interrupts.came():
                self._interrupts.answered()
                self._unasked = True
                key = "k"
                break
        self._console.end_live()
        choice = _CHOICES.get(key.lower())
        if choice is None:
            self._turn(running, paused=before)
        return choice

    def _take_news(self) -> None:
        with suppress(Empty):
            while True:
                news = self._news.get_nowait()
                if isinstance(news, Meter):
                    if news.note and (self._meter is None or news.note != self._meter.note):
                        self._console.note(news.note)
                    self._meter = news
                else:
                    self._console.say(words_of(news))
                    self._shown.add(news.start)

    def _draw(self) -> None:
        if self._meter is not None:
            self._console.live(live_line(self._meter, keys=self._keys.terminal))
