"""Question → numbers or quotes → checked sentences → answer, as a stream of deltas.

The order: what observations answer is computed (`retrieval.numbers`), and the observations are its quotes.
Else: search; judge whether what was found answers (`retrieval.sufficiency`); quotes, each read again from its
entry (`retrieval.quoting`), by their day when the last time or a list is asked for (`retrieval.ordering`);
then, when wanted and a language model is there, one sentence for each of the best quotes, given out only when
its quote supports it (`retrieval.composing`); at last the whole answer.

Rules:
- numbers come from code alone: no model is asked about them;
- quotes come first and do not wait for a model; without a model the answer is the quotes;
- when the notes do not answer, no model is asked, and the nearest notes are shown as such;
- a rough draft of a recording is quoted, marked as one, and no sentence is written about it;
- a sentence cites the quote it was written from, by code; one that names another quote is dropped;
- closing the iterator closes the model's stream; a model that fails ends the summary, not the answer.

Not here: what plans and reviews are made of (`retrieval.planning`, `retrieval.reviewing`).
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
    NumbersFound,
    Question,
    Quote,
    QuotesFound,
    SentenceDropped,
    SentenceKept,
    Summary,
    Timing,
)
from diary.model.progress import Cancelled, never
from diary.model.time_range import TimeRange
from retrieval.composing import Composer, Trust
from retrieval.conversation import Turn, follow_up
from retrieval.judging import JUDGED_PASSAGES, Judge
from retrieval.looked_back import LookedBack, LooksBack, look_back
from retrieval.numbers.answering import Numbers, is_answer
from retrieval.numbers.events import Resolve
from retrieval.numbers.reading import Asked
from retrieval.ordering import by_time, on_topic
from retrieval.other_names import Terms, no_terms
from retrieval.ports import LanguageModel, ObservationReader, TextEmbedder
from retrieval.prompting import addresses_a_model
from retrieval.quoting import Chosen, EntryReader, checked, choose
from retrieval.routing import Route, route
from retrieval.search import Ranking, Searcher
from retrieval.sufficiency import Verdict, asked_words

MOST_NEAREST = 3
_LOOKING_BACK = (Route.REVIEW, Route.PLAN, Route.AHEAD)
_BY_TIME = (Route.WHEN_LAST, Route.WHEN_FIRST, Route.LIST)


class Answerer:
    """Answers from the person's own words.

    :param trust: how far the language model is trusted.
    :param observations: what numbers are computed from; without it every answer is quotes.
    :param resolve: finds the times that a question tells by events.
    :param looks_back: makes the reviews and plans that a question may ask for.
    :param terms: by which other names of medicines are one, in numbers.
    """

    def __init__(
        self,
        searcher: Searcher,
        entries: EntryReader,
        embedder: TextEmbedder,
        language_model: LanguageModel | None,
        *,
        trust: Trust | None = None,
        observations: ObservationReader | None = None,
        resolve: Resolve | None = None,
        looks_back: LooksBack | None = None,
        terms: Terms = no_terms,
    ) -> None:
        self._searcher = searcher
        self._entries = entries
        self._embedder = embedder
        self._language_model = language_model
        self._trust = trust or Trust()
        self._looks_back = looks_back
        self._judge = Judge(searcher, entries, embedder)
        self._numbers = Numbers(observations, entries, resolve, terms) if observations is not None else None

    def answer(
        self,
        question: Question,
        *,
        after: Question | None = None,
        summarise: bool,
        cancelled: Cancelled = never,
    ) -> Iterator[AnswerDelta]:
        """NumbersFound when observations answer, QuotesFound, then sentences as they are checked, then
        AnswerDone.

        :param after: the question before, which this one may follow up; the answer holds it completed.
        :raises diary.errors.Stopped: when `cancelled` said so while the model was at work.
        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        """
        question = self.understood(question, after) if after else question
        numbers = self._numbers
        asked = numbers.asked(question) if numbers is not None else None
        if numbers is not None and asked is not None:
            yield from _computed(numbers, question, asked)
            return
        way = route(question.text)
        began = time.perf_counter()
        told = None
        if numbers is not None and way is Route.LIST:
            used, quotes = numbers.listed(question)
            told = LookedBack(AnswerKind.QUOTES, used, quotes) if quotes else None
        if self._looks_back is not None and way in _LOOKING_BACK:
            told = look_back(way, question, self._looks_back, cancelled)
        if told is not None:
            yield from _told(told, question, began)
        else:
            yield from self._found(question, way, summarise=summarise, cancelled=cancelled)

    def understood(self, question: Question, after: Question) -> Question:
        """A question that follows up another, completed by it; a full question as it is."""
        asked = self._numbers.asked(after) if self._numbers is not None else None
        previous = Turn(question=after)
        if asked is not None:
            limit = asked.condition.words if asked.condition else ""
            previous = Turn(question=after, subject=asked.subject, condition=limit, computed=True)
        return follow_up(question, previous)

    def _found(
        self, question: Question, way: Route, *, summarise: bool, cancelled: Cancelled
    ) -> Iterator[AnswerDelta]:
        """An answer of quotes."""
        began = time.perf_counter()
        wanted = max(question.limit, question.list_limit) if way is Route.LIST else question.limit
        # Whether the notes answer must not hang on how many quotes were asked for.
        ranking = self._searcher.passages(replace(question, limit=max(wanted, JUDGED_PASSAGES)))
        answered = self._judge.verdict(question, _of_any_day(ranking, question)) is Verdict.ENOUGH
        chosen = choose(ranking, self._embedder, limit=wanted)
        if way in _BY_TIME and answered:
            chosen = self._by_time(question, ranking.range, chosen, way)
        quotes = checked(chosen, self._entries, question) if answered else ()
        answered = bool(quotes)
        nearest = () if answered else checked(chosen[:MOST_NEAREST], self._entries, question, prefix="n")
        searched = time.perf_counter()
        yield QuotesFound(
            answered=answered,
            range=ranking.range,
            quotes=quotes,
            nearest=nearest,
            events=ranking.events,
            question=question,
        )
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
                events=ranking.events,
            )
        )

    def _by_time(
        self, question: Question, used: TimeRange | None, chosen: list[Chosen], way: Route
    ) -> list[Chosen]:
        """What was chosen, in order of time; of a list longer than the limit only what is on the topic."""
        passages = [choice.ranked.passage for choice in chosen]
        texts = [f"{passage.title or ''}\n{passage.text}" for passage in passages]
        words = self._searcher.frequencies(asked_words(question.text, used))
        topical = on_topic(texts, words, self._searcher.size)
        if way is Route.LIST:
            kept = [place for place, yes in enumerate(topical) if yes or place < question.limit]
            chosen = [chosen[place] for place in kept]
            topical = [True] * len(kept)
        days = [choice.ranked.passage.day for choice in chosen]
        return [chosen[place] for place in by_time(days, topical, latest_first=way is Route.WHEN_LAST)]

    def _tells_of_a_life(self, quote: Quote) -> bool:
        """Whether the entry of a quote is still there, in words that somebody vouches for, and nowhere speaks
        to a model.
        """
        try:
            entry = self._entries.get(quote.entry)
        except EntryNotFound:
            return False
        return not entry.is_rough and not addresses_a_model(entry.text)

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


def _of_any_day(ranking: Ranking, question: Question) -> Ranking:
    """Without its range when that lies ahead: no note lies in days to come, but notes speak of them."""
    used = ranking.range
    ahead = used is not None and used.start is not None and used.start > question.as_of
    return replace(ranking, range=None) if ahead and question.range is None else ranking


def _computed(numbers: Numbers, question: Question, asked: Asked) -> Iterator[AnswerDelta]:
    """An answer of numbers, with the observations they rest on; with the nearest ones when there are none."""
    began = time.perf_counter()
    found = numbers.computed(asked, question)
    answered = is_answer(found)
    quotes = numbers.quotes(found, question.limit) if answered else ()
    nearest = () if answered else numbers.nearest(asked, MOST_NEAREST)
    used = question.range or asked.range
    events = numbers.events(asked, question)
    computed = time.perf_counter()
    yield NumbersFound(range=used, numbers=found, question=question)
    yield QuotesFound(
        answered=answered, range=used, quotes=quotes, nearest=nearest, events=events, question=question
    )
    yield AnswerDone(
        answer=Answer(
            question=question,
            answered=answered,
            kind=AnswerKind.NUMBERS,
            range=used,
            quotes=quotes,
            nearest=nearest,
            numbers=found,
            timing=_timing(began, computed, None),
            events=events,
        )
    )


def _told(told: LookedBack, question: Question, began: float) -> Iterator[AnswerDelta]:
    """An answer that is a review or a plan."""
    done = time.perf_counter()
    yield QuotesFound(answered=True, range=told.range, quotes=told.quotes, nearest=(), question=question)
    if told.numbers:
        yield NumbersFound(range=told.range, numbers=told.numbers)
    yield AnswerDone(
        answer=Answer(
            question=question,
            answered=True,
            kind=told.kind,
            range=told.range,
            quotes=told.quotes,
            numbers=told.numbers,
            timing=_timing(began, done, None),
        )
    )


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
