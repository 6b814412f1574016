"""A review: what happened, what was said one would do, numbers, what recurs; each point with its quotes.

Rules: an empty part is left out; a period without notes says just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from diary.model.answer import Quote
from diary.model.review import Intention, Review, Theme
from diary.review_words import FEW, NOTHING, OUTCOMES
from diary.tui.plain import counted, one_line
from diary.tui.widgets.number_view import NumberLine
from diary.tui.widgets.quote_card import QuoteCard


class ReviewView(Vertical):
    """Shows one review. No `VerticalScroll`: that one binds the arrows, which move among the quotes here."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._today = date.min

    async def clear(self) -> None:
        """Show nothing."""
        await self.remove_children()

    async def show(self, review: Review, today: date) -> None:
        """Show this review instead."""
        self._today = today
        await self.remove_children()
        await self.mount_all(list(self._parts(review)))
        self.scroll_home(animate=False)

    @property
    def cards(self) -> list[QuoteCard]:
        """The quotes, from the top."""
        return list(self.query(QuoteCard))

    def _parts(self, review: Review) -> Iterator[Widget]:
        if not review.entries:
            yield _line(NOTHING, "said")
            return
        notes, days = counted(review.entries, "entry", "entries"), counted(review.days, "day")
        yield _line(f"{notes} on {days}.{f' {FEW}' if review.few_notes else ''}", "said")
        if review.happened:
            yield _line("What happened", "heading")
            yield from self._cards(review.happened)
        if review.intentions:
            yield _line("What you said you would do", "heading")
            for intention in review.intentions:
                yield from self._intention(intention)
        if review.numbers:
            yield _line("Moods and numbers", "heading")
            yield from map(NumberLine, review.numbers)
            yield _line("", "gap")
        if review.themes:
            yield _line("What recurs", "heading")
            for theme in review.themes:
                yield from self._theme(theme)

    def _cards(self, quotes: Sequence[Quote], *, classes: str = "") -> Iterator[QuoteCard]:
        for quote in quotes:
            card = QuoteCard(quote, 0, today=self._today)
            card.add_class(*classes.split())
            yield card

    def _intention(self, intention: Intention) -> Iterator[Widget]:
        yield from self._cards([intention.said], classes="-said")
        yield _line(OUTCOMES[intention.outcome], f"outcome -{intention.outcome.value.split()[0]}")
        yield from self._cards(intention.evidence, classes="-evidence")

    def _theme(self, theme: Theme) -> Iterator[Widget]:
        words = ", ".join(one_line(word, 30) for word in theme.words)
        yield _line(f"{words} · {counted(theme.entries, 'entry', 'entries')}", "theme")
        yield from self._cards(theme.quotes)


def _line(words: str, classes: str) -> Static:
    return Static(Content(words), classes=classes, markup=False)
