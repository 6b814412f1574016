"""What a model made of the quotes, apart from the person's words: under the model's name, with a caution."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from diary.model.answer import Answer, Exam, Quote, SummarySentence
from diary.printable import safe
from diary.tui.plain import counted, one_line

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
        elif self._exam is Exam.PASSED:
            lines.append(Content.styled("This model passed the built-in exam.", "$muted"))
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
