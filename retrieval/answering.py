"""Question → quotes → checked sentences → answer, as a stream of deltas.

The order: search; judge whether what was found answers (`retrieval.sufficiency`); quotes, each read again
from its entry (`retrieval.quoting`); then, when wanted and a language model is there, one sentence for
each of the best quotes, given out only when its quote supports it (`retrieval.verification`); at last the
whole answer.

Rules:
- quotes come first and do not wait for a model; without a model the answer is the quotes;
- when the notes do not answer, no model is asked, and the nearest notes are shown as such;
- a sentence cites the quote it was written from, by code; one that names another quote is dropped;
- closing the iterator closes the model's stream; a model that fails ends the summary, not the answer.

Not here: numbers, plans and reviews, which are computed, not found.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from diary.errors import EngineFailed, EntryNotFound, Stopped
from diary.model.answer import (
    Answer,
    AnswerDelta,
    AnswerDone,
    AnswerKind,
    Exam,
    Question,
    Quote,
    QuotesFound,
    SentenceDropped,
    SentenceKept,
    Summary,
    SummarySentence,
    Timing,
)
from diary.model.progress import Cancelled, never
from retrieval.ports import ChatMessage, Embedder, LanguageModel
from retrieval.prompting import MOST_TOKENS, addresses_a_model, messages_for
from retrieval.quoting import EntryReader, checked, choose
from retrieval.search import RankedPassage, Ranking, Searcher
from retrieval.sufficiency import Evidence, Verdict, asked_words, judge
from retrieval.verification import supported

MOST_SENTENCES = 3
MOST_NEAREST = 3
JUDGED_PASSAGES = 8
AROUND = 120
"""Characters to each side of a passage that count as said with it."""

_SENTENCE_END = re.compile(r"[.!?][\"'\u201d\u2019)]*(?:\s|\Z)|\n")
_LEAD_IN = re.compile(
    r"(?:(?:the|this|your) (?:note|diary|entry)(?: of [^,:]{1,30})? (?:is|says|said|mentions|states)"
    r"(?: that)?[:,]?"
    r"|in (?:the|this|your) (?:note|diary|entry),)\s*(?P<mark>[\"\u201c])?",
    re.I,
)
_CITATION = re.compile(r"\[[^\]\n]{0,20}\]")


@dataclass(slots=True)
class _Writing:
    """The summary so far."""

    kept: list[SummarySentence] = field(default_factory=list)
    dropped: int = 0
    first_token: float | None = None
    failure: str | None = None


class Answerer:
    """Answers from the person's own words."""

    def __init__(
        self,
        searcher: Searcher,
        entries: EntryReader,
        embedder: Embedder,
        language_model: LanguageModel | None,
    ) -> None:
        self._searcher = searcher
        self._entries = entries
        self._embedder = embedder
        self._language_model = language_model

    def answer(
        self, question: Question, *, summarise: bool, cancelled: Cancelled = never
    ) -> Iterator[AnswerDelta]:
        """QuotesFound, then sentences as they are checked, then AnswerDone.

        :raises diary.errors.Stopped: when `cancelled` said so while the model was at work.
        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        began = time.perf_counter()
        # Whether the notes answer must not hang on how many quotes were asked for.
        ranking = self._searcher.passages(replace(question, limit=max(question.limit, JUDGED_PASSAGES)))
        answered = self.verdict(question, ranking) is Verdict.ENOUGH
        chosen = choose(ranking, self._embedder, limit=question.limit)
        quotes = checked(chosen, self._entries) if answered else ()
        answered = bool(quotes)
        nearest = () if answered else checked(chosen[:MOST_NEAREST], self._entries, prefix="n")
        searched = time.perf_counter()
        yield QuotesFound(answered=answered, range=ranking.range, quotes=quotes, nearest=nearest)
        model = self._language_model if summarise and answered else None
        writing = _Writing()
        if model is not None:
            yield from self._sentences(model, question, quotes, writing, cancelled)
        yield AnswerDone(
            answer=Answer(
                question=question,
                answered=answered,
                kind=AnswerKind.QUOTES if answered else AnswerKind.NONE,
                range=ranking.range,
                quotes=quotes,
                nearest=nearest,
                summary=_summary(writing, model) if model is not None else None,
                timing=_timing(began, searched, writing.first_token),
            )
        )

    def verdict(self, question: Question, ranking: Ranking) -> Verdict:
        """Whether what was found answers the question, or what is missing."""
        found = [self._evidence(ranked) for ranked in ranking.passages[:JUDGED_PASSAGES]]
        words = asked_words(question.text, ranking.range)
        return judge(
            question.text,
            ranking.range,
            [evidence for evidence in found if evidence is not None],
            self._searcher.frequencies(words),
            self._searcher.size,
        )

    def _evidence(self, ranked: RankedPassage) -> Evidence | None:
        passage = ranked.passage
        try:
            text = self._entries.get(passage.entry).text
        except EntryNotFound:
            return None
        return Evidence(
            text=f"{passage.title or ''}\n{passage.text}",
            around=text[max(0, passage.start - AROUND) : passage.end + AROUND],
            day=passage.day,
            cosine=ranked.own_cosine,
        )

    def _tells_of_a_life(self, quote: Quote) -> bool:
        """Whether the entry of a quote is still there and nowhere speaks to a model."""
        try:
            return not addresses_a_model(self._entries.get(quote.entry).text)
        except EntryNotFound:
            return False

    def _sentences(
        self,
        model: LanguageModel,
        question: Question,
        quotes: tuple[Quote, ...],
        writing: _Writing,
        cancelled: Cancelled,
    ) -> Iterator[AnswerDelta]:
        for quote in [quote for quote in quotes if self._tells_of_a_life(quote)][:MOST_SENTENCES]:
            try:
                untrusted_sentence = _written(model, messages_for(quote, question.text), writing, cancelled)
            except EngineFailed as error:
                writing.failure = error.message
                return
            cited = set(_CITATION.findall(untrusted_sentence)) <= {f"[{quote.id}]"}
            untrusted_sentence = tidied(untrusted_sentence)
            if cited and supported(untrusted_sentence, [quote]) and not _said(untrusted_sentence, writing):
                sentence = SummarySentence(text=untrusted_sentence, quotes=(quote.id,))
                writing.kept.append(sentence)
                yield SentenceKept(sentence=sentence)
            else:
                writing.dropped += 1
                yield SentenceDropped(dropped=writing.dropped)


def _written(
    model: LanguageModel, messages: list[ChatMessage], writing: _Writing, cancelled: Cancelled
) -> str:
    """The first sentence that the model writes; without an end it is returned as far as it came."""
    untrusted_text = ""
    with _closed(model.stream(messages, max_tokens=MOST_TOKENS)) as pieces:
        for untrusted_piece in pieces:
            if cancelled():
                raise Stopped("Stopped. What was found so far stays.")
            if untrusted_piece and writing.first_token is None:
                writing.first_token = time.perf_counter()
            untrusted_text = (untrusted_text + untrusted_piece).lstrip()
            end = _SENTENCE_END.search(untrusted_text)
            # An end at the very end may be the point of "4.5" or "Dr.": wait for what follows.
            if end is not None and end.end() < len(untrusted_text):
                untrusted_text = untrusted_text[: end.end()]
                break
    return untrusted_text.strip()


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


def _said(untrusted_sentence: str, writing: _Writing) -> bool:
    return any(sentence.text.lower() == untrusted_sentence.lower() for sentence in writing.kept)


def _summary(writing: _Writing, model: LanguageModel) -> Summary:
    return Summary(
        sentences=tuple(writing.kept),
        dropped=writing.dropped,
        model=model.model,
        exam=Exam.NONE,
        failure=writing.failure,
    )


def _timing(began: float, searched: float, first_token: float | None) -> Timing:
    return Timing(
        search_ms=(searched - began) * 1000,
        first_token_ms=None if first_token is None else (first_token - began) * 1000,
        total_ms=(time.perf_counter() - began) * 1000,
    )
