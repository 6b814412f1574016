"""An answer as it comes in: the range, the quotes, then the sentences whose quotes support them.

Rules: what a model wrote stands apart from the person's words, under a heading that names the model; when the
notes do not say, that is the first thing shown, and the nearest misses are called just that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from diary.model.answer import Answer, Exam, Quote, QuotesFound, SummarySentence
from diary.printable import safe
from diary.tui.plain import counted, one_line, range_words
from diary.tui.widgets.quote_card import QuoteCard

CAUTION = "may be wrong; each sentence was checked against its quotes"


class SummaryPanel(Static):
    """The sentences of one summary."""

    def __init__(self) -> None:
        super().__init__(id="summary", markup=False)
        self._numbers: dict[str, int] = {}
        self._sentences: list[SummarySentence] = []
        self._model: str | None = None
        self._dropped = 0
        self._exam = Exam.NONE
        self._failure: str | None = None

    def begin(self, quotes: Sequence[Quote], model: str | None) -> None:
        """Start empty; sentences cite these quotes by their place."""
        self._numbers = {quote.id: place for place, quote in enumerate(quotes, 1)}
        self._sentences = []
        self._model = model
        self._dropped = 0
        self._exam = Exam.NONE
        self._failure = None
        self._draw()

    def add(self, sentence: SummarySentence) -> None:
        """Show one more sentence."""
        self._sentences.append(sentence)
        self._draw()

    def drop(self, dropped: int) -> None:
        """So many sentences did not pass so far."""
        self._dropped = dropped
        self._draw()

    def finish(self, answer: Answer) -> None:
        """Show the summary as the whole answer has it."""
        if answer.summary is not None:
            self._sentences = list(answer.summary.sentences)
            self._dropped = answer.summary.dropped
            self._model = answer.summary.model
            self._exam = answer.summary.exam
            self._failure = answer.summary.failure
        self._draw()

    def _draw(self) -> None:
        self.display = bool(self._sentences or self._dropped or self._failure)
        model = one_line(self._model or "a local model", 40)
        lines = [
            Content.assemble((f"In short, by {model}", "bold $secondary")),
            Content.styled(CAUTION, "$muted"),
        ]
        if self._exam is Exam.FAILED:
            lines.append(Content.styled("This model failed the built-in exam.", "$warning"))
        lines.append(Content(""))
        lines += [self._sentence(sentence) for sentence in self._sentences]
        if self._dropped:
            sentences = counted(self._dropped, "sentence")
            words = (
                f"{sentences} dropped: the quotes did not support {'it' if self._dropped == 1 else 'them'}."
            )
            lines.append(Content.styled(words, "$muted"))
        if self._failure:
            lines.append(Content.styled(f"It ended early. {one_line(self._failure, 200)}", "$warning"))
        self.update(Content("\n").join(lines))

    def _sentence(self, sentence: SummarySentence) -> Content:
        numbers = sorted(self._numbers[quote] for quote in sentence.quotes if quote in self._numbers)
        cited = "".join(f"[{number}]" for number in numbers)
        return Content.assemble(safe(" ".join(sentence.text.split())), " ", (cited, "bold $accent"))


class AnswerView(Vertical):
    """Shows one answer; the screen feeds it the parts of the turn that is under way.

    No `VerticalScroll`: that one binds the arrows, which move among the quotes here.
    """

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="verdict", markup=False)
        yield Static(id="range", markup=False)
        with Vertical(id="columns"):
            yield Vertical(id="quotes")
            yield SummaryPanel()

    def on_mount(self) -> None:
        """Nothing is summed up yet."""
        self.query_one("#summary").display = False

    async def clear(self) -> None:
        """Forget the answer before."""
        for part in ("verdict", "range"):
            self.query_one(f"#{part}", Static).update("")
        await self.query_one("#quotes").remove_children()
        self.query_one(SummaryPanel).begin((), None)
        self.remove_class("-abstained")

    async def show_quotes(self, found: QuotesFound, *, model: str | None, today: date) -> None:
        """Show what was found, or that the notes do not say."""
        self.query_one("#verdict", Static).update(self._verdict(found))
        words = f"Looked at: {range_words(found.range)}" if found.range else "Looked at: all entries"
        self.query_one("#range", Static).update(Content(words))
        shown = found.quotes if found.answered else found.nearest
        self.set_class(not found.answered, "-abstained")
        cards = [QuoteCard(quote, place, today=today) for place, quote in enumerate(shown, 1)]
        await self.query_one("#quotes").mount_all(cards)
        self.query_one(SummaryPanel).begin(shown, model)
        self.scroll_home(animate=False)

    @staticmethod
    def _verdict(found: QuotesFound) -> Content:
        if found.answered:
            notes = "This note mentions it:" if len(found.quotes) == 1 else "These notes mention it:"
            return Content.styled(notes, "bold")
        near = "The nearest, which may not be about it:" if found.nearest else "Nothing came near."
        return Content.assemble(("Your notes do not say.", "bold $warning"), f" {near}")

    @property
    def summary(self) -> SummaryPanel:
        """The sentences of the summary."""
        return self.query_one(SummaryPanel)
