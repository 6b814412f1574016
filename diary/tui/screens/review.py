"""Looking back on a week, a month, a year or any days: what the notes say, each point with its quotes.

Rules: a review is made in a worker; each has a number, and what comes of a replaced or stopped one is
dropped. The period changes at once, so that several steps back need no waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, Static
from textual.worker import get_current_worker

from diary.model.progress import Progress
from diary.model.review import Review
from diary.model.time_range import TimeRange
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.when import RangeDialog
from diary.tui.periods import Period, Unit, earlier, later, of_range, up_to
from diary.tui.plain import range_words
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.tasks import Failure, failure_of
from diary.tui.widgets.quote_card import QuoteCard
from diary.tui.widgets.review_view import ReviewView
from diary.tui.widgets.status_line import StatusLine


class ReviewScreen(DiaryScreen[None]):
    """Looks back.

    :param reviewed: the days to begin with; the last seven when none are given.
    """

    PLACE = Place.REVIEW
    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.REVIEW)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Made(Message):
        """The review of this turn."""

        turn: int
        review: Review

    @dataclass
    class NotMade(Message):
        """It could not be made."""

        turn: int
        failure: Failure

    @dataclass
    class Indexing(Message):
        """New entries are read first."""

        turn: int
        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, ReviewScreen.Indexing)

    def __init__(self, notebook: Notebook, context: ScreenContext, reviewed: TimeRange | None = None) -> None:
        super().__init__()
        self._notebook = notebook
        self._world = context
        today = context.now().date()
        chosen = of_range(reviewed, today) if reviewed else None
        self._period = chosen or up_to(today, Unit.WEEK)
        self._turn = 0
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="period", markup=False)
        yield Static(id="progress", markup=False)
        yield ReviewView(id="review")
        yield StatusLine()
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        """Begin."""
        await self._begin(self._period)

    # Making a review

    async def _begin(self, period: Period) -> None:
        self._period = period
        self._turn += 1
        self._busy = True
        today = self._world.now().date()
        days = range_words(period.range)
        words = Content.assemble((f"Review · {days}", "bold $primary"), f"  {period.words(today)}")
        self.query_one("#period", Static).update(words)
        self._say("Looking through your notes… Esc stops.", "-running")
        await self.query_one(ReviewView).clear()
        self._work(self._turn, period.range)

    @work(thread=True, exclusive=True, exit_on_error=False, group="review")
    def _work(self, turn: int, reviewed: TimeRange) -> None:
        worker = get_current_worker()

        def report(progress: Progress) -> None:
            self.post_message(self.Indexing(turn, progress))

        try:
            review = self._notebook.review(reviewed, report=report, cancelled=lambda: worker.is_cancelled)
        except Exception as error:
            self.post_message(self.NotMade(turn, failure_of(error)))
            return
        self.post_message(self.Made(turn, review))

    @on(Made)
    async def _show(self, event: Made) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._busy = False
        view = self.query_one(ReviewView)
        await view.show(event.review, self._world.now().date())
        self._say("↑ ↓ go through the quotes · Enter opens one" if view.cards else "")

    @on(NotMade)
    def _tell(self, event: NotMade) -> None:
        event.stop()
        if event.turn == self._turn:
            self._busy = False
            self._say(event.failure.sentences, "-failed")

    @on(Indexing)
    def _show_indexing(self, event: Indexing) -> None:
        event.stop()
        if event.turn == self._turn and self._busy:
            total = f" of {event.progress.total:,}" if event.progress.total else ""
            self._say(f"Reading new entries first: {event.progress.done:,}{total}", "-running")

    def _say(self, words: str, manner: str = "") -> None:
        progress = self.query_one("#progress", Static)
        progress.set_classes(manner)
        progress.update(Content(words))

    def action_stop(self) -> None:
        """Stop the review under way; else go back."""
        if self._busy:
            self._turn += 1
            self._busy = False
            self.workers.cancel_group(self, "review")
            self._say("Stopped. Choose other days with ← →, w, m, y or c.")
        else:
            self.dismiss()

    # Choosing the days

    async def action_earlier(self) -> None:
        """The period before."""
        if (period := earlier(self._period)) is not None:
            await self._begin(period)

    async def action_later(self) -> None:
        """The period after, up to today."""
        if (period := later(self._period, self._world.now().date())) is not None:
            await self._begin(period)

    async def action_unit(self, unit: str) -> None:
        """The last seven days, or this month or year."""
        await self._begin(up_to(self._world.now().date(), Unit(unit)))

    def action_choose(self) -> None:
        """Any days, in words."""
        dialog = RangeDialog(
            "Look back on which days?",
            self._period.range,
            today=self._world.now().date(),
            any_time=False,
        )
        self.app.push_screen(dialog, self._chosen)

    async def _chosen(self, chosen: TimeRange | None) -> None:
        if chosen is None:
            return
        period = of_range(chosen, self._world.now().date())
        if period is None:
            self._say("A review looks back: choose days with a beginning that is not ahead.", "-failed")
        else:
            await self._begin(period)

    # Moving and opening

    def action_next(self) -> None:
        """Go to the next quote."""
        self._move(1)

    def action_previous(self) -> None:
        """Go to the quote before."""
        self._move(-1)

    def _move(self, step: int) -> None:
        view = self.query_one(ReviewView)
        cards = view.cards
        at = cards.index(self.focused) if self.focused in cards else -1
        target = max(0, at + step)
        if target < len(cards) and target != at:
            cards[target].focus()
        elif step < 0:
            view.scroll_home(animate=False)
        else:
            view.scroll_end(animate=False)

    def action_scroll(self, pages: int) -> None:
        """Scroll by pages."""
        view = self.query_one(ReviewView)
        view.scroll_relative(y=pages * max(1, view.size.height - 2), animate=False, force=True)

    @on(QuoteCard.Opened)
    def _open(self, event: QuoteCard.Opened) -> None:
        event.stop()
        quote = event.quote
        span = (quote.start, quote.end)
        self.app.push_screen(ReaderScreen(self._notebook, self._world, quote.entry, span=span))
