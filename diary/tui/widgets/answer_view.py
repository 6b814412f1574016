"""An answer as it comes in: how it was understood, the number or the quotes, where was looked, the sentences.

Rules: a number stands before what it rests on; what a model wrote stands apart from the person's words, under
a heading that names the model; when the notes do not say, that is the first thing shown, and the nearest
misses are called just that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from diary.model.answer import Answer, AnswerKind, NumbersFound, Question, Quote, QuotesFound
from diary.model.number import Number
from diary.model.resolved_range import EventDate
from diary.model.time_range import TimeRange
from diary.number_words import short_day
from diary.question_words import conditions_words
from diary.tui.plain import one_line, range_words
from diary.tui.widgets.number_view import NumberLine, NumberView, whole_numbers
from diary.tui.widgets.quote_card import QuoteCard, Setting
from diary.tui.widgets.summary_panel import SummaryPanel


class EventCard(QuoteCard):
    """The words of the diary that tell the day of an event, on which the range rests."""

    def __init__(self, event: EventDate, quote: Quote, *, today: date) -> None:
        super().__init__(quote, 0, today=today)
        told = event.told or event.day
        that_day = "" if told == event.day else f" was on {short_day(event.day)}"
        lead = f"“{one_line(event.event, 40)}”{that_day}; you wrote on {short_day(told)}: "
        self.update(Content.assemble(lead, (f"“{one_line(quote.text, 150)}”", "$quote")))


def looked_words(used: TimeRange | None, question: Question | None) -> str:
    """Where was looked: the days, the words they were read from, and the filters."""
    words = f"Looked at: {range_words(used)}" if used else "Looked at: all entries"
    conditions = conditions_words(question) if question else ""
    return f"{words}, {one_line(conditions, 80)}" if conditions else words


class AnswerView(Vertical):
    """Shows the answer of one turn; the screen feeds it the parts as they come."""

    def __init__(self, asked: str) -> None:
        super().__init__(classes="-current")
        self._asked = asked
        self._numbers: tuple[Number, ...] = ()
        self._quoted = False

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(Content(f"> {one_line(self._asked, 300)}"), id="asked", markup=False)
        yield Static(id="understood", markup=False)
        yield Vertical(id="numbers")
        yield Static(id="verdict", markup=False)
        yield Static(id="range", markup=False)
        yield Vertical(id="events")
        yield Static(id="from", markup=False)
        with Vertical(id="columns"):
            yield Vertical(id="quotes")
            yield SummaryPanel()
        yield Vertical(id="more")

    def on_mount(self) -> None:
        """Nothing is found yet."""
        for part in ("#understood", "#verdict", "#range", "#from", "#summary"):
            self.query_one(part).display = False

    def retire(self) -> None:
        """Another question was asked: stand above it, quietly, with the question as a heading."""
        self.set_classes("-earlier")

    def _say(self, part: str, words: Content) -> None:
        shown = self.query_one(f"#{part}", Static)
        shown.update(words)
        shown.display = True

    def _show_understood(self, question: Question | None) -> None:
        if question is not None and " ".join(question.text.split()) != " ".join(self._asked.split()):
            words = Content.assemble("Understood as: ", (one_line(question.text, 300), "italic"))
            self._say("understood", words)

    async def show_numbers(self, found: NumbersFound) -> None:
        """Show numbers, the first of them at the top; those of a review follow what happened."""
        self._show_understood(found.question)
        numbers = whole_numbers(found.numbers)
        if self._quoted:
            await self.query_one("#more").mount_all([NumberLine(number) for number in numbers])
        else:
            self._numbers = found.numbers
            await self.query_one("#numbers").mount_all([NumberView(number) for number in numbers])

    async def show_quotes(
        self, found: QuotesFound, *, model: str | None, today: date, settings: Mapping[str, Setting]
    ) -> None:
        """Show what was found, or that the notes do not say.

        :param settings: by quote, the line it stands in, for quotes that say little alone.
        """
        self._quoted = True
        self._show_understood(found.question)
        self._say("from" if self._numbers else "verdict", self._verdict(found))
        self._say("range", Content(looked_words(found.range, found.question)))
        shown = found.quotes if found.answered else found.nearest
        self.set_class(not found.answered, "-abstained")
        await self.query_one("#events").mount_all(_event_cards(found, today))
        cards = [
            QuoteCard(quote, place, today=today, setting=settings.get(quote.id))
            for place, quote in enumerate(shown, 1)
        ]
        await self.query_one("#quotes").mount_all(cards)
        self.summary.begin(shown, model)

    def _verdict(self, found: QuotesFound) -> Content:
        if self._numbers:
            return Content.styled("From these notes:" if found.answered else "The nearest notes:", "bold")
        if found.answered:
            notes = "This note mentions it:" if len(found.quotes) == 1 else "These notes mention it:"
            return Content.styled(notes, "bold")
        near = "The nearest, which may not be about it:" if found.nearest else "Nothing came near."
        return Content.assemble(("Your notes do not say.", "bold $warning"), f" {near}")

    def finish(self, answer: Answer) -> None:
        """Show the answer as it is at its end."""
        self._show_understood(answer.question)
        self.summary.finish(answer)
        if answer.kind is AnswerKind.REVIEW:
            self._say("verdict", Content.styled("What happened, and what you said you would do:", "bold"))
        elif answer.kind is AnswerKind.PLAN:
            self._say("verdict", Content.styled("Your notes say of it:", "bold"))

    @property
    def summary(self) -> SummaryPanel:
        """The sentences of the summary."""
        return self.query_one(SummaryPanel)


def _event_cards(found: QuotesFound, today: date) -> list[EventCard]:
    """A card for each event whose day a note tells."""
    cards = []
    for number, event in enumerate(found.events):
        if event.entry is not None and event.quote:
            quote = Quote(
                id=f"e{number}",
                entry=event.entry,
                source_id=event.source_id,
                day=event.told or event.day,
                text=event.quote,
                start=event.start,
                end=event.end,
                score=event.confidence,
            )
            cards.append(EventCard(event, quote, today=today))
    return cards
