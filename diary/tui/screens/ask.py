"""Asking: a question, what answers it, and a checked summary, as they come; then the next question.

Rules: each question is a turn of `WorkingScreen`, and so a stopped or replaced one never writes on the screen
again. The thread closes the answer's iterator itself, at the next thing it yields: nobody else can close it
while it runs. A question may follow up the one before until the person starts afresh; nothing of a
conversation is kept on the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from diary.errors import DiaryError, EntryNotFound
from diary.model.answer import (
    Answer,
    AnswerDelta,
    AnswerDone,
    AnswerKind,
    NumbersFound,
    Question,
    QuotesFound,
    SentenceDropped,
    SentenceKept,
)
from diary.model.progress import Cancelled, Report
from diary.model.time_range import TimeRange
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.conversation import Conversation
from diary.tui.dialogs.filters import FilterDialog
from diary.tui.dialogs.when import RangeDialog
from diary.tui.plain import range_words
from diary.tui.ports import Notebook
from diary.tui.screens.plan import PlanScreen
from diary.tui.screens.review import ReviewScreen
from diary.tui.screens.working import WorkingScreen
from diary.tui.tasks import failure_of
from diary.tui.widgets.answer_view import AnswerView
from diary.tui.widgets.fields import Field
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.quote_card import QuoteCard, Setting, setting_of
from diary.tui.widgets.status_line import Board, StatusLine
from diary.tui.widgets.turns import Turns

IDLE: Final = "Enter asks. Dates work too: “last March”, “in the first week of May”."
NEXT: Final = "follow up: “and in June?”"
AFRESH: Final = "The next question stands alone. What was answered so far is above."


class AskScreen(WorkingScreen):
    """Asks the notes."""

    PLACE = Place.ASK
    CSS_PATH = "ask.tcss"
    AUTO_FOCUS = "#question"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.ASK)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    INDEXING = "Making new entries searchable first"

    @dataclass
    class Part(Message):
        """The next part of the answer of this turn; `settings` by quote, for quotes that say little alone."""

        turn: int
        delta: AnswerDelta
        settings: Mapping[str, Setting] = field(default_factory=dict)

    @dataclass
    class Ended(Message):
        """The turn is over."""

        turn: int

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__(notebook, context)
        self._talk = Conversation()
        self._answer: Answer | None = None
        self._found: QuotesFound | None = None
        self._model: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Horizontal(id="head"):
            yield Static(Content("Ask"), id="prompt", markup=False)
            yield Field(
                placeholder="When did I last … ? What did I say about … ?", id="question", compact=True
            )
        yield Static(Content(IDLE), id="progress", markup=False)
        yield Turns(id="answer")
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Wait for a question."""
        self.query_one("#question").focus()
        self.watch(self.app, "board", self._take_board)

    def _take_board(self, board: Board | None) -> None:
        if board is not None and board.facts is not None:
            self._model = board.facts.language_model

    @property
    def _field(self) -> Input:
        return self.query_one("#question", Input)

    @property
    def _turns(self) -> Turns:
        return self.query_one(Turns)

    # Asking and stopping

    @on(Input.Submitted)
    async def _ask(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if not typed:
            return
        try:
            question = self._talk.begin(typed, self._world.now().date())
        except DiaryError as error:
            self._say(failure_of(error).sentences, "-failed")
            return
        if not question.text.strip():
            self._say("These are filters only. Add a question, or look for entries with / in the journal.")
            return
        self._talk.remember(typed)
        self._field.value = ""  # the next letters begin the next question; ↑ recalls this one
        await self._begin(question, self._talk.previous)

    async def _begin(self, question: Question, after: Question | None, *, again: bool = False) -> None:
        self._new_turn("Searching…")
        turn = self._turn
        self._answer = self._found = None
        self._talk.previous = question
        await self._turns.begin(question.text, again=again)

        def job(turn: int, report: Report, cancelled: Cancelled) -> Message:
            deltas = self._notebook.ask(
                question, after=after, summarise=True, report=report, cancelled=cancelled
            )
            self._post_parts(turn, deltas, cancelled)
            return self.Ended(turn)

        self._work(turn, job)

    def _post_parts(self, turn: int, deltas: Iterator[AnswerDelta], cancelled: Cancelled) -> None:
        """In the worker's thread: pass the answer on, part by part."""
        try:
            computed = False
            for delta in deltas:
                if cancelled():
                    break
                computed = computed or isinstance(delta, NumbersFound)
                self.post_message(self.Part(turn, delta, self._settings(delta) if computed else {}))
        finally:
            if callable(close := getattr(deltas, "close", None)):
                close()

    def _settings(self, delta: AnswerDelta) -> dict[str, Setting]:
        """In the worker's thread: the lines that observations stand in."""
        settings = {}
        for quote in (*delta.quotes, *delta.nearest) if isinstance(delta, QuotesFound) else ():
            with suppress(EntryNotFound):
                settings[quote.id] = setting_of(self._notebook.entry(quote.entry), quote)
        return settings

    def action_stop(self) -> None:
        """Stop the answer; when none is under way, return to the question, then go back."""
        if self._busy:
            self._stop("Stopped. What was found so far stays.")
        elif self.focused is not self._field and self.focused is not None:
            self._to_question()
        else:
            self.dismiss()

    def _to_question(self) -> None:
        self._field.focus()
        self._field.select_all()

    def action_ask_anew(self) -> None:
        """The next question stands alone: no words of the one before complete it."""
        self._talk.afresh()
        self._field.value = ""
        self._field.focus()
        self._say(AFRESH if self._turns.current is not None else IDLE)

    def on_key(self, event: events.Key) -> None:
        """Letters that no field took belong to the question: typed while the screen opened, or on a quote."""
        if event.is_printable and event.character:
            event.stop()
            if isinstance(self.focused, QuoteCard):
                self._field.value = ""
            self.set_focus(self._field)
            self._field.insert_text_at_cursor(event.character)

    # Where to look

    def action_range(self) -> None:
        """Change the days that are looked at, and ask again."""
        used = self._answer.range if self._answer else self._found.range if self._found else self._talk.given
        dialog = RangeDialog("Which days?", used, today=self._world.now().date())
        self.app.push_screen(dialog, self._take_range)

    async def _take_range(self, chosen: TimeRange | None) -> None:
        if chosen is None:
            return
        understood = self._answer.question if self._answer else self._talk.previous
        if understood is None:
            self._talk.given = chosen
            self._say(f"The next question looks at: {range_words(chosen)}")
        else:
            await self._begin(replace(understood, range=chosen), None, again=True)

    def action_whole(self) -> None:
        """Open the review or plan that the answer is a part of."""
        if self._answer is not None and self._answer.kind is AnswerKind.REVIEW:
            self.app.push_screen(ReviewScreen(self._notebook, self._world, self._answer.range))
        elif self._answer is not None and self._answer.kind is AnswerKind.PLAN:
            goal = self._answer.question.text
            self.app.push_screen(PlanScreen(self._notebook, self._world, goal=goal))

    def action_filter(self) -> None:
        """Put a filter into the question."""
        self.app.push_screen(FilterDialog(), self._take_filter)

    def _take_filter(self, words: str | None) -> None:
        if words:
            field = self._field
            field.value = f"{field.value.rstrip()} {words}".lstrip()
            field.focus()
            field.cursor_position = len(field.value)

    # What comes in

    @on(Part)
    async def _take(self, event: Part) -> None:
        event.stop()
        view = self._turns.current
        if event.turn != self._turn or view is None:
            return
        match event.delta:
            case NumbersFound() as numbers:
                await view.show_numbers(numbers)
            case QuotesFound() as found:
                await self._show_quotes(view, found, event.settings)
            case SentenceKept(sentence=sentence):
                view.summary.add(sentence)
            case SentenceDropped(dropped=dropped):
                view.summary.drop(dropped)
            case AnswerDone(answer=answer):
                self._busy = False
                self._answer = answer
                self._talk.previous = answer.question
                view.finish(answer)
                self._say(self._done_words(answer))

    async def _show_quotes(
        self, view: AnswerView, found: QuotesFound, settings: Mapping[str, Setting]
    ) -> None:
        if self._found is None and not self._turns.has_focus_within:
            self.call_after_refresh(self._turns.show_current)
        self._found = found
        if found.question is not None:
            self._talk.previous = found.question
        today = self._world.now().date()
        await view.show_quotes(found, model=self._model, today=today, settings=settings)
        waiting = found.answered and self._model is not None and not settings
        self._say("Summing up… Esc stops." if waiting else "…", "-running")

    @on(Ended)
    def _end(self, event: Ended) -> None:
        event.stop()
        if event.turn == self._turn and self._busy:
            self._busy = False
            self._say("The answer ended early.")

    def _done_words(self, answer: Answer) -> str:
        milliseconds = answer.timing.total_ms
        took = f"{milliseconds / 1000:.1f} s" if milliseconds >= 100 else f"{milliseconds:.0f} ms"
        if answer.kind in (AnswerKind.REVIEW, AnswerKind.PLAN):
            return f"Done in {took} · ^o opens the whole {answer.kind.value} · ↓ to the quotes"
        quotes = "↓ to the quotes · " if self._turns.cards else ""
        return f"Done in {took} · {quotes}{NEXT}"

    # Moving among quotes and questions

    def action_next_quote(self) -> None:
        """Go to the next quote; while earlier questions are recalled, to the later one."""
        if self.focused is self._field and (later := self._talk.later()) is not None:
            self._recall(later)
        else:
            self._move(1)

    def action_previous_quote(self) -> None:
        """Go to the previous quote, before the first one to the question, and there to the one before."""
        if self.focused is not self._field:
            self._move(-1)
        elif (earlier := self._talk.earlier(self._field.value)) is not None:
            self._recall(earlier)

    def _recall(self, words: str) -> None:
        self._field.value = words
        self._field.cursor_position = len(words)

    def action_scroll(self, pages: int) -> None:
        """Scroll through this answer and the earlier ones, wherever the focus is."""
        turns = self._turns
        turns.scroll_relative(y=pages * max(1, turns.size.height - 2), animate=False, force=True)

    def _move(self, step: int) -> None:
        cards = self._turns.cards
        at = cards.index(self.focused) if self.focused in cards else -1
        target = at + step
        if 0 <= target < len(cards):
            cards[target].focus()
        elif target >= len(cards) and cards:
            self._turns.scroll_end(animate=False)
        elif target < 0:
            self._field.focus()
            self._turns.show_current()

    @on(QuoteCard.Opened)
    def _open(self, event: QuoteCard.Opened) -> None:
        event.stop()
        self._read(event.quote)
