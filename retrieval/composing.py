"""A question and quotes → one sentence for each of the best quotes, kept only when its quote supports it.

The order for each quote: the messages (`retrieval.prompting`); the first sentence that the model writes;
marks and lead-ins taken out; verification (`retrieval.verification`). A sentence cites the quote it was
written from, by code; one that names another quote is dropped, and one that was said already too.

The built-in exam runs through here too, so that it measures what the diary does.

Not here: which quotes there are, and whether they answer (`retrieval.answering`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from diary.errors import EngineFailed, Stopped
from diary.model.answer import Exam, Quote, SummarySentence
from diary.model.progress import Cancelled, never
from retrieval.ports import ChatMessage, LanguageModel
from retrieval.prompting import MOST_TOKENS, NOTE_ID, Manner, declined, messages_for
from retrieval.verification import supported

MOST_SENTENCES = 3

_SENTENCE_END = re.compile(r"[.!?][\"'\u201d\u2019)]*(?:\s|\Z)|\n")
_LEAD_IN = re.compile(
    r"(?:(?:the|this|your) (?:note|diary|entry)(?: of [^,:]{1,30})? (?:is|says|said|mentions|states)"
    r"(?: that)?[:,]?"
    r"|in (?:the|this|your) (?:note|diary|entry),)\s*(?P<mark>[\"\u201c])?",
    re.I,
)
_CITATION = re.compile(r"\[[^\]\n]{0,20}\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What the model wrote about one quote.

    :ivar untrusted_text: its first sentence as it came; without an end as far as it came.
    :ivar cites_others: whether it names a quote that it was not given.
    :ivar declined: whether it says that the note does not answer.
    :ivar sentence: what is kept of it; None when nothing is.
    """

    quote: Quote
    untrusted_text: str
    cites_others: bool
    declined: bool
    sentence: SummarySentence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far a language model is trusted.

    :ivar exam: how it did in the built-in exam. :ivar manner: how it is asked.
    :ivar examined_only: whether it may write only when it passed.
    """

    exam: Exam = Exam.NONE
    manner: Manner = Manner.RETELL
    examined_only: bool = False

    @property
    def refusal(self) -> str | None:
        """Why it may not write, as a sentence for the reader; None when it may."""
        if not self.examined_only or self.exam is Exam.PASSED:
            return None
        if self.exam is Exam.FAILED:
            return "This model did not pass the exam, so by your settings it writes no summary."
        return (
            "This model has not sat the exam yet, so by your settings it writes no summary. "
            "It sits it with: diary models exam"
        )


class Composer:
    """Writes the summary of one answer.

    :ivar kept: the sentences so far. :ivar dropped: how many were written and not kept.
    :ivar first_token: when the model wrote first, by `time.perf_counter`; None before.
    :ivar failure: why the model stopped before its end, as a sentence for the reader.
    """

    def __init__(
        self, model: LanguageModel, cancelled: Cancelled = never, *, manner: Manner = Manner.RETELL
    ) -> None:
        self._model = model
        self._manner = manner
        self._cancelled = cancelled
        self.kept: list[SummarySentence] = []
        self.dropped = 0
        self.first_token: float | None = None
        self.failure: str | None = None

    def attempts(self, question: str, quotes: Sequence[Quote]) -> Iterator[Attempt]:
        """One attempt for each of the first quotes, as it is checked. Closing it closes the model's stream.

        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        for quote in quotes[:MOST_SENTENCES]:
            try:
                untrusted_text = self._written(messages_for(quote, question, self._manner))
            except EngineFailed as error:
                self.failure = error.message
                return
            yield self._judged(quote, untrusted_text)

    def _judged(self, quote: Quote, untrusted_text: str) -> Attempt:
        cites_others = not set(_CITATION.findall(untrusted_text)) <= {f"[{NOTE_ID}]"}
        untrusted_sentence = tidied(untrusted_text)
        sentence = None
        claims = not cites_others and not declined(untrusted_sentence)
        if claims and supported(untrusted_sentence, [quote]) and not self._said(untrusted_sentence):
            sentence = SummarySentence(text=untrusted_sentence, quotes=(quote.id,))
            self.kept.append(sentence)
        elif not declined(untrusted_sentence):
            self.dropped += 1
        return Attempt(
            quote=quote,
            untrusted_text=untrusted_text,
            cites_others=cites_others,
            declined=declined(untrusted_sentence),
            sentence=sentence,
        )

    def _written(self, messages: list[ChatMessage]) -> str:
        """The first sentence that the model writes; without an end it is returned as far as it came."""
        untrusted_text = ""
        with _closed(self._model.stream(messages, max_tokens=MOST_TOKENS)) as pieces:
            for untrusted_piece in pieces:
                if self._cancelled():
                    raise Stopped("Stopped. What was found so far stays.")
                if untrusted_piece and self.first_token is None:
                    self.first_token = time.perf_counter()
                untrusted_text = (untrusted_text + untrusted_piece).lstrip()
                end = _SENTENCE_END.search(untrusted_text)
                # An end at the very end may be the point of "4.5" or "Dr.": wait for what follows.
                if end is not None and end.end() < len(untrusted_text):
                    untrusted_text = untrusted_text[: end.end()]
                    break
        return untrusted_text.strip()

    def _said(self, untrusted_sentence: str) -> bool:
        return any(sentence.text.lower() == untrusted_sentence.lower() for sentence in self.kept)


def tidied(untrusted_sentence: str) -> str:
    """The sentence without marks such as [q1], since code knows which quote it cites, and without a lead-in.

    A quotation mark that the lead-in opened goes with it; others stay, and are checked.
    """
    plain = " ".join(_CITATION.sub(" ", untrusted_sentence).split())
    lead = _LEAD_IN.match(plain)
    if lead is not None:
        plain = plain[lead.end() :]
        if lead["mark"]:
            plain = re.sub(r"[\"\u201d](?=[.!]?\Z)", "", plain, count=1)
        plain = plain[:1].upper() + plain[1:]
    return re.sub(r"\s+(?=[.!,;])", "", plain)


@contextmanager
def _closed(pieces: Iterator[str]) -> Iterator[Iterator[str]]:
    """Closes a model's stream whatever happens, so that the engine stops at once."""
    try:
        yield pieces
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
