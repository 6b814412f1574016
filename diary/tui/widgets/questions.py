"""Questions about words that were heard, one at a time, in a line under them.

Rules: it looks after a pause of typing, in a worker; what it finds in older words is dropped. It asks about
medicines first, then offers observations and words heard meanwhile; it changes nothing: accepting gives the
`Change` that was offered, and only while the words it is about still stand there. What was refused is not
asked again in this editor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from diary.model.glossary import Doubt, SpokenObservation
from diary.tui.plain import one_line
from diary.tui.tasks import Failed, failure_of
from diary.tui.voice_ports import Reviewing

PAUSE: Final = 0.4
"""Seconds without typing after which it looks."""


@dataclass(frozen=True, slots=True)
class Change:
    """Put `insert` in the place of the characters `start` to `end`."""

    start: int
    end: int
    insert: str


@dataclass(frozen=True, slots=True)
class _Question:
    """:ivar about: tells it from others, for not asking twice. :ivar span: the characters it is about."""

    about: tuple[str, ...]
    span: tuple[int, int] | None
    words: str
    yes: str
    no: str
    change: Change


class QuestionLine(Static):
    """`“topiramade” sounds like your Topiramate: ^o replaces · ^g it is right · ^n next (1 of 3)`."""

    DEFAULT_CSS = "QuestionLine { height: auto; max-height: 3; color: $warning; text-style: bold; }"

    @dataclass
    class Found(Message):
        """What there is to ask about the words numbered `turn`."""

        turn: int
        text: str
        doubts: Sequence[Doubt]
        spoken: Sequence[SpokenObservation]

    @dataclass
    class Asks(Message):
        """Another question is asked, about these characters of the text; None: about none."""

        span: tuple[int, int] | None

    def __init__(self, voice: Reviewing, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._voice = voice
        self._turn = 0
        self._pause: Timer | None = None
        self._text = ""
        self._found: list[_Question] = []
        self._more = ""
        self._refused: set[tuple[str, ...]] = set()
        self._at = 0
        self.display = False

    # What there is to ask

    def look(self, text: str, *, at_once: bool = False) -> None:
        """Look at these words after a pause, instead of those before."""
        self._turn += 1
        if self._pause is not None:
            self._pause.stop()
        turn = self._turn
        self._pause = self.set_timer(0.001 if at_once else PAUSE, lambda: self._look(turn, text))

    @work(thread=True, exclusive=True, exit_on_error=False, group="questions")
    def _look(self, turn: int, text: str) -> None:
        doubts: Sequence[Doubt] = ()
        spoken: Sequence[SpokenObservation] = ()
        try:
            doubts = self._voice.doubts(text)
            spoken = self._voice.spoken_observations(text)
        except Exception as error:  # a medicine unasked about must not pass for one without doubt
            self.post_message(Failed(failure_of(error)))
        self.post_message(self.Found(turn, text, doubts, spoken))

    @on(Found)
    def _take(self, event: Found) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._text = event.text
        seen: dict[str, int] = {}
        self._found = [_about_medicine(doubt, seen) for doubt in event.doubts]
        self._found += [_about_line(spoken, event.text) for spoken in event.spoken]
        self._show()

    def offer_more(self, words: str) -> None:
        """Words were heard that could not be added by themselves."""
        self._more += (" " if self._more else "") + words
        self._show()

    @property
    def more(self) -> str:
        """Words heard that are offered, and not in the text."""
        return self._more

    @property
    def medicines(self) -> int:
        """How many medicines are still doubted."""
        return sum(question.about[0] == "medicine" for question in self._open)

    # What is asked

    @property
    def _open(self) -> list[_Question]:
        asked = [question for question in self._found if question.about not in self._refused]
        return [*asked, _about_more(self._more, self._text)] if self._more else asked

    def next(self) -> None:
        """Go to the next question."""
        self._at += 1
        self._show()

    def accept(self, text: str) -> Change | None:
        """What is to be changed in this text; None: nothing, or its words are others now."""
        question = self._current
        if question is None:
            return None
        if question.about[0] == "more":
            self._more = ""
            return Change(len(text), len(text), joined(text, question.change.insert))
        if text != self._text:
            self.look(text, at_once=True)
            return None
        return question.change

    def refuse(self) -> None:
        """Leave the words as they are."""
        question = self._current
        if question is None:
            return
        if question.about[0] == "more":
            self._more = ""
        self._refused.add(question.about)
        self._show()

    @property
    def _current(self) -> _Question | None:
        asked = self._open
        return asked[self._at % len(asked)] if asked else None

    def _show(self) -> None:
        question, count = self._current, len(self._open)
        self.display = question is not None
        self.post_message(self.Asks(question.span if question else None))
        if question is None:
            self._at = 0
            return
        keys = f"^o {question.yes} · ^g {question.no}"
        if count > 1:
            keys += f" · ^n next ({self._at % count + 1} of {count})"
        self.update(Content.assemble(question.words, "  ", (keys, "not bold $foreground")))


def joined(text: str, words: str) -> str:
    """The words with what is needed between them and the text before."""
    return words if not text or text[-1].isspace() else f" {words}"


def _about_medicine(doubt: Doubt, seen: dict[str, int]) -> _Question:
    nth = seen[doubt.heard] = seen.get(doubt.heard, 0) + 1
    return _Question(
        about=("medicine", doubt.heard, doubt.word, str(nth)),
        span=(doubt.start, doubt.end),
        words=f"“{one_line(doubt.heard, 40)}” sounds like your {one_line(doubt.word, 40)}.",
        yes="replaces it",
        no="it is right",
        change=Change(doubt.start, doubt.end, doubt.word),
    )


def _about_line(spoken: SpokenObservation, text: str) -> _Question:
    last = text.rstrip().rsplit("\n", 1)[-1]
    gap = "\n" if "::" in last else "\n\n"
    return _Question(
        about=("line", spoken.line),
        span=(spoken.start, spoken.end),
        words=f"You said: {one_line(spoken.line, 60)}",
        yes="adds the line",
        no="leaves it",
        change=Change(len(text.rstrip()), len(text), gap + spoken.line),
    )


def _about_more(words: str, text: str) -> _Question:
    count = len(words.split())
    return _Question(
        about=("more", words),
        span=None,
        words=f"Heard meanwhile ({count} more): “{one_line(words, 60)}”",
        yes="adds it at the end",
        no="leaves it out",
        change=Change(len(text), len(text), words),
    )
