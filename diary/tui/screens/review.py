"""Looking back on a week, a month, a year or any days: what the notes say, each point with its quotes.

Rules: each review is a turn of `WorkingScreen`. The period changes at once, so that several steps back need
no waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from diary.model.progress import Cancelled, Report
from diary.model.review import Review
from diary.model.time_range import TimeRange
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.when import RangeDialog
from diary.tui.periods import Period, Unit, earlier, later, of_range, up_to
from diary.tui.plain import range_words
from diary.tui.ports import Notebook
from diary.tui.screens.working import WorkingScreen
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.quote_card import QuoteCard
from diary.tui.widgets.review_view import ReviewView
from diary.tui.widgets.status_line import StatusLine


class ReviewScreen(WorkingScreen):
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

    def __init__(self, notebook: Notebook, context: ScreenContext, reviewed: TimeRange | None = None) -> None:
        super().__init__(notebook, context)
        today = context.now().date()
        chosen = of_range(reviewed, today) if reviewed else None
        self._period = chosen or up_to(today, Unit.WEEK)

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="period", markup=False)
        yield Static(id="progress", markup=False)
        yield ReviewView(id="review")
        yield StatusLine()
        yield KeysFooter()

    async def on_mount(self) -> None:
        """Begin."""
        await self._begin(self._period)

    # Making a review

    async def _begin(self, period: Period) -> None:
        self._period = period
        self._new_turn("Looking through your notes… Esc stops.")
        turn = self._turn
        today = self._world.now().date()
        days = range_words(period.range)
        words = Content.assemble((f"Review · {days}", "bold $primary"), f"  {period.words(today)}")
        self.query_one("#period", Static).update(words)
        await self.query_one(ReviewView).clear()

        def job(turn: int, report: Report, cancelled: Cancelled) -> Message:
            return self.Made(turn, self._notebook.review(period.range, report=report, cancelled=cancelled))

        self._work(turn, job)

    @on(Made)
    async def _show(self, event: Made) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._busy = False
        view = self.query_one(ReviewView)
        await view.show(event.review, self._world.now().date())
        self._say("↑ ↓ go through the quotes · Enter opens one" if view.cards else "")

    def action_stop(self) -> None:
        """Stop the review under way; else go back."""
        if self._busy:
            self._stop("Stopped. Choose other days with ← →, w, m, y or c.")
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
        self._read(event.quote)
