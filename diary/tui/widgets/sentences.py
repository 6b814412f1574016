"""The sentences of a recording with their seconds; the one that is playing has a sign before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from diary.model.placeholder import clock
from diary.model.speech import Segment
from diary.tui.hearing import marked
from diary.tui.widgets.lists import PlainList


class SentenceList(PlainList):
    """Shows segments. Plays nothing itself."""

    @dataclass
    class Chosen(Message):
        """The person wants to hear the segment of this number."""

        number: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._segments: list[Segment] = []
        self._playing: int | None = None

    @property
    def segments(self) -> Sequence[Segment]:
        """What it shows."""
        return self._segments

    def show(self, segments: Sequence[Segment]) -> None:
        """Show these instead."""
        self._segments = list(segments)
        self._playing = None
        self.set_options([Option(self._line(number)) for number in range(len(segments))])
        self.highlighted = 0 if segments else None

    def add(self, segment: Segment) -> None:
        """Show one more."""
        self._segments.append(segment)
        self.add_option(Option(self._line(len(self._segments) - 1)))
        if self.highlighted is None:
            self.highlighted = 0

    def mark_playing(self, seconds: float | None) -> None:
        """Put the sign before the one of this second; None takes it away."""
        now = self.number_at(seconds) if seconds is not None else None
        before, self._playing = self._playing, now
        if now == before:
            return
        for number in (before, now):
            if number is not None:
                self.replace_option_prompt_at_index(number, self._line(number))
        if now is not None and not self.has_focus:
            self.highlighted = now

    def number_at(self, seconds: float) -> int | None:
        """The segment that this second is in, or the last one before; None before the first."""
        begun = [number for number, segment in enumerate(self._segments) if segment.start <= seconds]
        return begun[-1] if begun else None

    def _line(self, number: int) -> Content:
        segment = self._segments[number]
        sign = "►" if number == self._playing else " "
        return Content.assemble(f"{sign}{clock(int(segment.start)):>5}  ", marked(segment))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(event.option_index))
