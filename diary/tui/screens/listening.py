"""Writing beside the sound it was spoken in: the sentences with their seconds, and questions about the words.

Rules: playing highlights the words as they are now, found again after every edit (`diary.tui.following`);
nothing here changes a word but what the person accepts by a key, and that can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from diary.model.entry import Entry, EntryId
from diary.model.recording import SpoolId
from diary.model.speech import Segment
from diary.printable import safe
from diary.tui.commands import Place, bindings_for
from diary.tui.context import ScreenContext
from diary.tui.following import Follower, segment_at, spoken_at
from diary.tui.following import Place as Stand
from diary.tui.ports import Notebook
from diary.tui.screens.editor import EditorScreen
from diary.tui.tasks import attempt
from diary.tui.widgets.fields import Words, offset_of, place_of
from diary.tui.widgets.play_bar import PlayBar
from diary.tui.widgets.questions import QuestionLine
from diary.tui.widgets.sentences import SentenceList

FOLLOW_PAUSE: Final = 0.2
"""Seconds without typing after which the heard words are found again in the text."""


class ListeningEditor(EditorScreen):
    """Edits an entry that was spoken."""

    PLACE = Place.TRANSCRIPT
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["editor.tcss", "listening.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.TRANSCRIPT, beyond=Place.EDITOR)

    @dataclass
    class SegmentsRead(Message):
        """What was heard."""

        segments: Sequence[Segment]

    def __init__(self, notebook: Notebook, context: ScreenContext, *, entry: Entry | None = None) -> None:
        super().__init__(notebook, context, entry=entry)
        self.voice = notebook.voice
        self._spoken = entry.id if entry else None
        self._follower = Follower(())
        self._stands: list[Stand] = []
        self._follow_soon: Timer | None = None
        self._second: float | None = None
        self._asked: tuple[int, int] | None = None

    def compose_words(self) -> ComposeResult:
        """The words, the sentences beside or under them, and what is asked."""
        with Container(id="pages"):
            yield from super().compose_words()
            yield SentenceList(id="sentences")
        yield PlayBar(self.voice, key="^t", id="playing")
        yield QuestionLine(self.voice, id="questions")

    # What is heard

    @property
    def sound(self) -> SpoolId | EntryId | None:
        """What plays."""
        return self._spoken

    @property
    def length(self) -> float:
        """Seconds of the sound; 0 when that is not known."""
        return 0.0

    def filled(self) -> None:
        """Read what was heard of the entry."""
        self.query_one(SentenceList).display = False
        self.query_one(QuestionLine).look(self.query_one(Words).text, at_once=True)
        if self._spoken is not None:
            self._read_segments(self._spoken)

    @work(thread=True, exclusive=True, exit_on_error=False, group="segments")
    def _read_segments(self, entry: EntryId) -> None:
        attempt(self, lambda: self.SegmentsRead(self.voice.heard(entry)))

    @on(SegmentsRead)
    def _take_segments(self, event: SegmentsRead) -> None:
        event.stop()
        self.show_segments(event.segments)

    def show_segments(self, segments: Sequence[Segment]) -> None:
        """Show these sentences, and mark what was heard with doubt."""
        listed = self.query_one(SentenceList)
        listed.show(segments)
        listed.display = bool(segments)
        self._follower = Follower(segments)
        self.follow()

    def add_segment(self, segment: Segment) -> None:
        """Show one more."""
        listed = self.query_one(SentenceList)
        listed.add(segment)
        listed.display = True
        self._follower = Follower(listed.segments)
        self._follow_later()

    # Following the words

    @on(TextArea.Changed, "#words")
    def _changed_words(self) -> None:
        if self.ready:
            self.query_one(QuestionLine).look(self.query_one(Words).text)
            self._follow_later()

    def _follow_later(self) -> None:
        if self._follow_soon is not None:
            self._follow_soon.stop()
        self._follow_soon = self.set_timer(FOLLOW_PAUSE, self.follow)

    def follow(self) -> None:
        """Find the heard words in the text as it is now."""
        self._stands = self._follower.places(self.query_one(Words).text)
        self._mark()
        self._show_sentence()

    def _mark(self) -> None:
        words = self.query_one(Words)
        played = spoken_at(self._stands, self._second) if self._second is not None else None
        unsure = [(stand.start, stand.end) for stand in self._stands if stand.unsure]
        words.mark(unsure, played, self._asked)
        if played is not None and not words.has_focus:
            words.show_span(played)

    @on(TextArea.SelectionChanged, "#words")
    def _show_sentence(self) -> None:
        """The sentence that would play is the one the cursor is in."""
        listed = self.query_one(SentenceList)
        if self.ready and listed.segments and self._second is None and not listed.has_focus:
            listed.highlighted = self._sentence

    @property
    def _sentence(self) -> int:
        words = self.query_one(Words)
        return segment_at(self._stands, offset_of(words.text, words.cursor_location))

    # Playing

    def action_play(self) -> None:
        """Play from the sentence in the list, or from the one the cursor is in; or stop."""
        bar, listed = self.query_one(PlayBar), self.query_one(SentenceList)
        if bar.playing:
            bar.stop()
        elif listed.has_focus and listed.highlighted is not None:
            self._play_from(listed.highlighted)
        else:
            self._play_from(self._sentence)

    @on(SentenceList.Chosen)
    def _play_chosen(self, event: SentenceList.Chosen) -> None:
        event.stop()
        self._play_from(event.number)

    def _play_from(self, number: int) -> None:
        segments = self.query_one(SentenceList).segments
        start = segments[number].start if number < len(segments) else 0.0
        if self.sound is not None:
            self.query_one(PlayBar).play(self.sound, start=start, length=self.length)

    @on(PlayBar.Moved)
    def _follow_sound(self, event: PlayBar.Moved) -> None:
        event.stop()
        self._second = event.seconds
        self.query_one(SentenceList).mark_playing(event.seconds)
        self._mark()

    # Questions

    @on(QuestionLine.Asks)
    def _show_asked(self, event: QuestionLine.Asks) -> None:
        event.stop()
        moved, self._asked = event.span != self._asked, event.span
        self._mark()
        if moved and event.span is not None and self._second is None:
            self.query_one(Words).show_span(event.span)

    def action_accept(self) -> None:
        """Do what the line under the words offers."""
        words, line = self.query_one(Words), self.query_one(QuestionLine)
        change = line.accept(words.text)
        if change is not None:
            start, end = (place_of(words.text, offset) for offset in (change.start, change.end))
            words.replace(safe(change.insert), start, end, maintain_selection_offset=True)
            line.look(words.text, at_once=True)

    def action_refuse(self) -> None:
        """Leave the words as they are."""
        self.query_one(QuestionLine).refuse()

    def action_next_question(self) -> None:
        """Go to the next question."""
        self.query_one(QuestionLine).next()

    def action_hear(self) -> None:
        """Nothing is being written down of an entry that is kept."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key with nothing to do is not in the footer."""
        if action == "hear" and type(self) is ListeningEditor:
            return False
        if action in ("play", "accept", "refuse", "next_question", "hear") and not self.ready:
            return False
        return super().check_action(action, parameters)
