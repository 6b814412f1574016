"""find and ask: one question, or JSON lines in and JSON lines out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from diary.cli.context import Context
from diary.cli.documents import answer_document, search_document
from diary.cli.output import error_document
from diary.cli.questions import asked, batch_line, filters_of, search_for
from diary.cli.waiting import lines
from diary.cli.wording import (
    MODEL_CAVEAT,
    day_words,
    range_words,
    rough_words,
    say_events,
    say_found,
    say_numbers,
    say_rows,
    say_summary_end,
    say_timing,
)
from diary.errors import DiaryError
from diary.model.answer import (
    Answer,
    AnswerDelta,
    AnswerDone,
    NumbersFound,
    Question,
    QuotesFound,
    SearchResult,
    SentenceDropped,
    SentenceKept,
)
from diary.question_words import conditions_words
from diary.session import Session
from diary.settings import Compose

_MakeQuestion = Callable[..., Question]
_Answer = Callable[[Question, bool], dict[str, Any]]


def find(context: Context) -> None:
    """Search once, or for each line of standard input."""
    with context.session() as session:
        if context.arguments.batch:
            _batch(context, search_for, lambda question, _: search_document(session.find(question)))
            return
        question = _typed(context, search_for, context.arguments.query)
        result = session.find(question, report=context.console.progress)
    context.console.document(search_document(result))
    _say_hits(context, question, result)


def _say_hits(context: Context, question: Question, result: SearchResult) -> None:
    console = context.console
    if result.range:
        words = range_words(result.range)
        console.say(f"{words[:1].upper()}{words[1:]}:")
    say_events(console, result.events)
    if not result.hits:
        conditions = conditions_words(question)
        console.say(f"Nothing found {conditions}." if conditions else "Nothing found.")
    for rank, hit in enumerate(result.hits, start=1):
        title = f"  {hit.title}" if hit.title else ""
        console.say(f"{rank:>2}. {day_words(hit.day)}{title} · entry {hit.entry}{rough_words(hit)}")
        console.say(f"“{hit.text}”", indent=4)


def ask(context: Context) -> None:
    """Answer one question, streaming, or each line of standard input."""
    summarise = not context.arguments.no_summary and context.settings.compose is not Compose.NEVER
    with context.session() as session:
        if context.arguments.batch:
            _batch(context, asked, _Conversation(session, summarise=summarise).answer)
            return
        question = _typed(context, asked, context.arguments.question)
        answer = stream_answer(context, session, question, summarise=summarise)
    context.console.document(answer_document(answer))


def stream_answer(context: Context, session: Session, question: Question, *, summarise: bool) -> Answer:
    """Say an answer as it comes; Ctrl-C closes the stream, which stops the model."""
    status = session.status()
    console = context.console
    headed = computed = False
    answer: Answer | None = None
    with closing(session.ask(question, summarise=summarise, report=console.progress)) as deltas:
        for delta in deltas:
            match delta:
                case NumbersFound():
                    computed = True
                    say_numbers(console, delta.numbers)
                case QuotesFound() if computed:
                    say_events(console, delta.events)
                    say_rows(console, delta.quotes, delta.nearest)
                case QuotesFound():
                    say_events(console, delta.events)
                    say_found(console, delta.answered, delta.quotes, delta.nearest, delta.range)
                case SentenceKept():
                    if not headed:
                        console.say()
                        console.say(MODEL_CAVEAT.format(model=status.language_model))
                        headed = True
                    cited = " ".join(f"[{quote}]" for quote in delta.sentence.quotes)
                    text = delta.sentence.text
                    console.say(f"{text} {cited}" if cited not in text else text, indent=1)
                case SentenceDropped():
                    pass  # counted at the end; its words are not shown
                case AnswerDone():
                    answer = delta.answer
    if answer is None:
        raise AssertionError("an answer ends with AnswerDone")
    say_summary_end(console, answer.summary)
    say_timing(console, answer)
    return answer


class _Conversation:
    """Answers questions one after the other; a line with `follow` may follow up the one before."""

    def __init__(self, session: Session, *, summarise: bool) -> None:
        self._session = session
        self._summarise = summarise
        self._before: Question | None = None

    def answer(self, question: Question, follow: bool) -> dict[str, Any]:
        """The answer's document; the question in it is the completed one."""
        after = self._before if follow else None
        self._before = question
        answer = _last(self._session.ask(question, after=after, summarise=self._summarise))
        self._before = answer.question
        return answer_document(answer)


def _last(deltas: Iterator[AnswerDelta]) -> Answer:
    for delta in deltas:
        if isinstance(delta, AnswerDone):
            return delta.answer
    raise AssertionError("an answer ends with AnswerDone")


def _typed(context: Context, make: _MakeQuestion, words: Sequence[str]) -> Question:
    arguments = context.arguments
    return make(" ".join(words), filters_of(arguments), as_of=context.as_of, limit=arguments.n)


def _batch(context: Context, make: _MakeQuestion, answer: _Answer) -> None:
    """One JSON line out for each JSON line in, in order; a line that fails says so and the next goes on."""
    for number, line in enumerate(lines(context.settings.clinic), start=1):
        try:
            context.console.line(answer(*_read_line(context, make, line, number)))
        except DiaryError as error:
            context.console.line(error_document(error))


def _read_line(context: Context, make: _MakeQuestion, line: str, number: int) -> tuple[Question, bool]:
    """The question of a line, and whether it follows up the line before."""
    given, filters = batch_line(line, number)
    question = make(
        given.q,
        filters.over(filters_of(context.arguments)),
        as_of=given.as_of or context.as_of,
        limit=given.n if given.n and given.n > 0 else context.arguments.n,
    )
    return question, given.follow
