"""Writing down the recordings that wait, while the person does something else.

Rules: after unlock, and again while nobody types; never while a screen needs the speech engine, for which it
makes way at once and goes on later; a failure is told once, and then not tried again until the next unlock.
Afterwards the sound that the settings keep no longer is destroyed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from textual import on, work
from textual.message import Message
from textual.worker import get_current_worker

from diary.errors import Stopped
from diary.model.progress import Progress
from diary.tui.background import BackgroundApp
from diary.tui.context import ScreenContext
from diary.tui.ports import Notebook
from diary.tui.presence import Presence
from diary.tui.screens.base import DiaryScreen
from diary.tui.tasks import EngineWanted, Failed, Present, WordsChanged, WritingDown, failure_of

EVERY: Final = 30.0
"""Seconds between looks for recordings that wait: a model may have come."""

IDLE: Final = timedelta(seconds=20)
"""So long nobody typed before it begins by itself."""


class VoiceApp(BackgroundApp):
    """An app that writes down what waits."""

    @dataclass
    class Waited(Message):
        """So many recordings were written down; `failed`: and then it could not go on."""

        done: int
        failed: bool = False

    def __init__(self, world: ScreenContext) -> None:
        super().__init__(world)
        self.presence = Presence(world.clocks)
        self._make_way: threading.Event | None = None
        self._gave_up = False

    def begin_voice(self) -> None:
        """The diary is open: write down what waits, and look again from time to time."""
        self._write_down_waiting()
        self.set_interval(EVERY, self._when_idle)

    def _when_idle(self) -> None:
        if self.presence.idle >= IDLE:
            self._write_down_waiting()

    def _write_down_waiting(self) -> None:
        wanted = any(screen.speaks for screen in self.screen_stack if isinstance(screen, DiaryScreen))
        if self.notebook is None or wanted or self._gave_up or self._make_way is not None:
            return
        self._make_way = threading.Event()
        self._transcribe_waiting(self.notebook, self._make_way)

    @work(thread=True, exclusive=True, exit_on_error=False, group="waiting")
    def _transcribe_waiting(self, notebook: Notebook, make_way: threading.Event) -> None:
        worker = get_current_worker()

        def report(progress: Progress) -> None:
            self.post_message(WritingDown(progress))

        waited = self.Waited(0)
        try:
            waited.done = notebook.voice.transcribe_waiting(
                report=report, cancelled=lambda: make_way.is_set() or worker.is_cancelled
            )
            notebook.voice.forget_old_sound()
        except Stopped:
            pass
        except Exception as error:
            waited.failed = True
            self.post_message(Failed(failure_of(error)))
        self.post_message(WritingDown(None))
        self.post_message(waited)

    @on(EngineWanted)
    def _yield(self) -> None:
        if self._make_way is not None:
            self._make_way.set()

    @on(Waited)
    def _take_written(self, event: Waited) -> None:
        self._make_way = None
        self._gave_up = event.failed
        if event.done:
            self.post_message(WordsChanged())
            for screen in self.screen_stack:
                if isinstance(screen, DiaryScreen) and screen.in_place:
                    screen.renew()

    @on(WritingDown)
    def _show_writing(self, event: WritingDown) -> None:
        if self.board is not None:
            self.board = replace(self.board, writing=event.progress)

    @on(Present)
    def _stay_open(self) -> None:
        self.presence.touch()
