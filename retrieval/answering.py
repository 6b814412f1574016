"""Question → quotes → checked sentences → answer, as a stream of deltas.

The order: search; judge whether what was found answers (`retrieval.sufficiency`); quotes, each read again
from its entry (`retrieval.quoting`); then, when wanted and a language model is there, one sentence for
each of the best quotes, given out only when its quote supports it (`retrieval.composing`); at last the
whole answer.

Rules:
- quotes come first and do not wait for a model; without a model the answer is the quotes;
- when the notes do not answer, no model is asked, and the nearest notes are shown as such;
- a sentence cites the quote it was written from, by code; one that names another quote is dropped;
- closing the iterator closes the model's stream; a model that fails ends the summary, not the answer.

Not here: numbers, plans and reviews, which are computed, not found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from diary.errors import EntryNotFound
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
    Timing,
)
from diary.model.progress import Cancelled, never
from retrieval.composing import Composer, Trust
from retrieval.judging import JUDGED_PASSAGES, Judge
from retrieval.ports import LanguageModel, TextEmbedder
from retrieval.prompting import addresses_a_model
from retrieval.quoting import EntryReader, checked, choose
from retrieval.search import Searcher
from retrieval.sufficiency import Verdict

MOST_NEAREST = 3


class Answerer:
    """Answers from the person's own words.

    :param trust: how far the language model is trusted.
    """

    def __init__(
        self,
        searcher: Searcher,
        entries: EntryReader,
        embedder: TextEmbedder,
        language_model: LanguageModel | None,
        *,
        trust: Trust | None = None,
    ) -> None:
        self._searcher = searcher
        self._entries = entries
        self._embedder = embedder
        self._language_model = language_model
        self._trust = trust or Trust()
        self._judge = Judge(searcher, entries, embedder)

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
        answered = self._judge.verdict(question, ranking) is Verdict.ENOUGH
        chosen = choose(ranking, self._embedder, limit=question.limit)
        quotes = checked(chosen, self._entries) if answered else ()
        answered = bool(quotes)
        nearest = () if answered else checked(chosen[:MOST_NEAREST], self._entries, prefix="n")
        searched = time.perf_counter()
        yield QuotesFound(answered=answered, range=ranking.range, quotes=quotes, nearest=nearest)
        model = self._language_model if summarise and answered else None
        composer = Composer(model, cancelled, manner=self._trust.manner) if model is not None else None
        if composer is not None:
            yield from self._sentences(composer, question, quotes)
        yield AnswerDone(
            answer=Answer(
                question=question,
                answered=answered,
                kind=AnswerKind.QUOTES if answered else AnswerKind.NONE,
                range=ranking.range,
                quotes=quotes,
                nearest=nearest,
                summary=_summary(composer, model, self._trust.exam) if composer and model else None,
                timing=_timing(began, searched, composer.first_token if composer else None),
            )
        )

    def _tells_of_a_life(self, quote: Quote) -> bool:
        """Whether the entry of a quote is still there and nowhere speaks to a model."""
        try:
            return not addresses_a_model(self._entries.get(quote.entry).text)
        except EntryNotFound:
            return False

    def _sentences(
        self, composer: Composer, question: Question, quotes: tuple[Quote, ...]
    ) -> Iterator[AnswerDelta]:
        composer.failure = self._trust.refusal
        if composer.failure is not None:
            return
        told = [quote for quote in quotes if self._tells_of_a_life(quote)]
        for attempt in composer.attempts(question.text, told):
            if attempt.sentence is not None:
                yield SentenceKept(sentence=attempt.sentence)
            elif not attempt.declined:
                yield SentenceDropped(dropped=composer.dropped)


def _summary(composer: Composer, model: LanguageModel, exam: Exam) -> Summary:
    return Summary(
        sentences=tuple(composer.kept),
        dropped=composer.dropped,
        model=model.model,
        exam=exam,
        failure=composer.failure,
    )


def _timing(began: float, searched: float, first_token: float | None) -> Timing:
    return Timing(
        search_ms=(searched - began) * 1000,
        first_token_ms=None if first_token is None else (first_token - began) * 1000,
        total_ms=(time.perf_counter() - began) * 1000,
    )
