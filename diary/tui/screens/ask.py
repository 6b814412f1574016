"""Asking: a question, the quotes that answer it, and a checked summary, as they come.

Rules: each question is a turn with a number; what arrives for another turn is dropped, so a stopped or
replaced question never writes on the screen again, however late its thread ends. The thread closes the
answer's iterator itself, at the next thing it yields: nobody else can close it while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from diary.model.answer import AnswerDelta, AnswerDone, Question, QuotesFound, SentenceDropped, SentenceKept
from diary.model.progress import Progress
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.tasks import Failure, failure_of
from diary.tui.widgets.answer_view import AnswerView
from diary.tui.widgets.fields import Field
from diary.tui.widgets.quote_card import QuoteCard
from diary.tui.widgets.status_line import Board, StatusLine

IDLE: Final = "Enter asks. Dates work too: “last March”, “in the first week of May”."
QUOTES: Final = 5
"""At most this many: more would push the summary out of sight."""


class AskScreen(DiaryScreen[None]):
    """Asks the notes."""

    PLACE = Place.ASK
    CSS_PATH = "ask.tcss"
    AUTO_FOCUS = "#question"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.ASK)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Part(Message):
        """The next part of the answer of this turn."""

        turn: int
        delta: AnswerDelta

    @dataclass
    class Indexing(Message):
        """New entries are made searchable before the search."""

        turn: int
        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, AskScreen.Indexing)

    @dataclass
    class Ended(Message):
        """The turn is over; `failure` when it failed."""

        turn: int
        failure: Failure | None

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__()
        self._notebook = notebook
        self._world = context
        self._model: str | None = None
        self._turn = 0
        self._running = False

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Horizontal(id="head"):
            yield Static(Content("Ask"), id="prompt", markup=False)
            yield Field(
                placeholder="When did I last … ? What did I say about … ?", id="question", compact=True
            )
        yield Static(Content(IDLE), id="progress", markup=False)
        yield AnswerView(id="answer")
        yield StatusLine()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Wait for a question."""
        self.query_one("#question").focus()
        self.watch(self.app, "board", self._take_board)

    def _take_board(self, board: Board | None) -> None:
        if board is not None and board.facts is not None:
            self._model = board.facts.language_model

    # Asking and stopping

    @on(Input.Submitted)
    async def _ask(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            return
        self._turn += 1
        self._running = True
        await self.query_one(AnswerView).clear()
        self._say("Searching…", "-running")
        self._answer(self._turn, Question(text=text, as_of=self._world.now().date(), limit=QUOTES))

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def _answer(self, turn: int, question: Question) -> None:
        worker = get_current_worker()
        failure = None

        def report(progress: Progress) -> None:
            self.post_message(self.Indexing(turn, progress))

        try:
            deltas = self._notebook.ask(
                question, summarise=True, report=report, cancelled=lambda: worker.is_cancelled
            )
            try:
                for delta in deltas:
                    if worker.is_cancelled:
                        break
                    self.post_message(self.Part(turn, delta))
            finally:
                if callable(close := getattr(deltas, "close", None)):
                    close()
        except Exception as error:
            failure = failure_of(error)
        self.post_message(self.Ended(turn, failure))

    def action_stop(self) -> None:
        """Stop the answer; when none is under way, return to the question, then go back."""
        field = self.query_one("#question", Input)
        if self._running:
            self._turn += 1
            self._running = False
            self.workers.cancel_group(self, "ask")
            self._say("Stopped. What was found so far stays.")
        elif self.focused is not field and self.focused is not None:
            self.action_ask_anew()
        else:
            self.dismiss()

    def action_ask_anew(self) -> None:
        """Go to the question, with its words selected so that typing replaces them."""
        field = self.query_one("#question", Input)
        field.focus()
        field.select_all()

    def on_key(self, event: events.Key) -> None:
        """Letters that no field took belong to the question: typed while the screen opened, or on a quote."""
        if event.is_printable and event.character:
            event.stop()
            field = self.query_one("#question", Input)
            if isinstance(self.focused, QuoteCard):
                field.value = ""
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)

    # What comes in

    @on(Part)
    async def _take(self, event: Part) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        view = self.query_one(AnswerView)
        match event.delta:
            case QuotesFound() as found:
                await view.show_quotes(found, model=self._model, today=self._world.now().date())
                waiting = found.answered and self._model is not None
                self._say("Summing up… Esc stops." if waiting else "…", "-running")
            case SentenceKept(sentence=sentence):
                view.summary.add(sentence)
            case SentenceDropped(dropped=dropped):
                view.summary.drop(dropped)
            case AnswerDone(answer=answer):
                view.summary.finish(answer)
                self._running = False
                self._say(self._done_words(answer.timing.total_ms))

    @on(Indexing)
    def _show_indexing(self, event: Indexing) -> None:
        event.stop()
        if event.turn == self._turn:
            total = f" of {event.progress.total:,}" if event.progress.total else ""
            self._say(f"Making new entries searchable first: {event.progress.done:,}{total}", "-running")

    @on(Ended)
    def _end(self, event: Ended) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        if event.failure is not None:
            self._say(event.failure.sentences, "-failed")
        elif self._running:
            self._say("The answer ended early.")
        self._running = False

    def _done_words(self, milliseconds: float) -> str:
        took = f"{milliseconds / 1000:.1f} s" if milliseconds >= 100 else f"{milliseconds:.0f} ms"
        if not self.query(QuoteCard):
            return f"Done in {took}."
        summary = " and summary" if self.query_one(AnswerView).summary.display else ""
        return f"Done in {took} · ↓ goes to the quotes{summary} · Enter opens one"

    def _say(self, words: str, manner: str = "") -> None:
        progress = self.query_one("#progress", Static)
        progress.set_classes(manner)
        progress.update(Content(words))

    # Moving among quotes

    def action_next_quote(self) -> None:
        """Go to the next quote."""
        self._move(1)

    def action_previous_quote(self) -> None:
        """Go to the previous quote; before the first one is the question."""
        self._move(-1)

    def _move(self, step: int) -> None:
        cards = list(self.query(QuoteCard))
        at = cards.index(self.focused) if isinstance(self.focused, QuoteCard) else -1
        target = at + step
        if 0 <= target < len(cards):
            cards[target].focus()
        elif target >= len(cards) and cards:
            self.query_one(AnswerView).scroll_end(animate=False)
        elif at == 0:
            self.query_one("#question").focus()
            self.query_one(AnswerView).scroll_home(animate=False)

    @on(QuoteCard.Opened)
    def _open(self, event: QuoteCard.Opened) -> None:
        event.stop()
        quote = event.quote
        span = (quote.start, quote.end)
        self.app.push_screen(ReaderScreen(self._notebook, self._world, quote.entry, span=span))
