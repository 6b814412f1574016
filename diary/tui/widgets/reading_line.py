"""What would be read as numbers of the words in the editor, before they are saved.

Rules: it looks after a pause of typing, in a worker; what it read of older words is dropped, so that it never
holds up the typing; what is unlikely is asked about, not corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from diary.model.observation import ObservationDraft
from diary.number_words import observation_words
from diary.tui.plain import one_line
from ingest.observations import MARK
from ingest.observations.metrics import plausible

PAUSE: Final = 0.5
"""Seconds without typing after which it looks."""

MOST_SHOWN: Final = 12

Read = Callable[[str], Sequence[ObservationDraft]]


class ReadingLine(Static):
    """`reads: sleep 6 h 40 m · pain 4/10`; not there when nothing would be read.

    :param read: reads a text; may take its time.
    """

    @dataclass
    class Done(Message):
        """What was read of the words numbered `turn`."""

        turn: int
        read: Sequence[ObservationDraft]

    def __init__(self, read: Read, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._read = read
        self._turn = 0
        self._pause: Timer | None = None
        self.display = False

    def look(self, text: str) -> None:
        """Read this text after a pause, instead of what was to be read before."""
        self._turn += 1
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if MARK not in text:
            self._show(())
            return
        turn = self._turn
        self._pause = self.set_timer(PAUSE, lambda: self._work(turn, text))

    @work(thread=True, exclusive=True, exit_on_error=False, group="reading")
    def _work(self, turn: int, text: str) -> None:
        try:
            read = self._read(text)
        except Exception:
            read = ()  # only a preview: saving reads again, and says when it cannot
        self.post_message(self.Done(turn, read))

    @on(Done)
    def _take(self, event: Done) -> None:
        event.stop()
        if event.turn == self._turn:
            self._show(event.read)

    def _show(self, read: Sequence[ObservationDraft]) -> None:
        self.display = bool(read)
        if not read:
            return
        pieces = [_told(one) for one in read[:MOST_SHOWN]]
        more = f" · and {len(read) - MOST_SHOWN} more" if len(read) > MOST_SHOWN else ""
        unlikely = any(not _likely(one) for one in read)
        asked = Content.styled("  Is that right?", "bold $warning") if unlikely else Content("")
        self.update(Content("reads: ") + Content(" · ").join(pieces) + Content(more) + asked)


def _likely(read: ObservationDraft) -> bool:
    return read.value is None or plausible(read.key, read.value, read.unit)


def _told(read: ObservationDraft) -> Content:
    words = one_line(observation_words(read), 60)
    return Content(words) if _likely(read) else Content.styled(f"{words}?", "bold $warning")
