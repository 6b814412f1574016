"""find and ask: one question, or JSON lines in and JSON lines out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import msgspec

from diary.cli.context import Context
from diary.cli.documents import answer_document, search_document
from diary.cli.output import error_document
from diary.cli.wording import (
    MODEL_CAVEAT,
    day_words,
    range_words,
    say_found,
    say_numbers,
    say_rows,
    say_summary_end,
    say_timing,
)
from diary.errors import DiaryError, UsageError
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
from diary.session import Session
from diary.settings import Compose


class BatchLine(msgspec.Struct):
    """One line of a batch."""

    q: str
    as_of: date | None = None
    n: int | None = None


def find(context: Context) -> None:
    """Search once, or for each line of standard input."""
    with context.session() as session:
        if context.arguments.batch:
            _batch(context, lambda question: search_document(session.find(question)))
            return
        question = context.question(" ".join(context.arguments.query), limit=context.arguments.n)
        result = session.find(question, report=context.console.progress)
    context.console.document(search_document(result))
    _say_hits(context, result)


def _say_hits(context: Context, result: SearchResult) -> None:
    console = context.console
    if result.range:
        console.say(f"In {range_words(result.range)}:")
    if not result.hits:
        console.say("Nothing found.")
    for rank, hit in enumerate(result.hits, start=1):
        title = f"  {hit.title}" if hit.title else ""
        console.say(f"{rank:>2}. {day_words(hit.day)}{title} · entry {hit.entry}")
        console.say(f"“{hit.text}”", indent=4)


def ask(context: Context) -> None:
    """Answer one question, streaming, or each line of standard input."""
    summarise = not context.arguments.no_summary and context.settings.compose is not Compose.NEVER
    with context.session() as session:
        if context.arguments.batch:
            _batch(
                context,
                lambda question: answer_document(_last(session.ask(question, summarise=summarise))),
            )
            return
        question = context.question(" ".join(context.arguments.question), limit=context.arguments.n)
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
                    say_rows(console, delta.quotes, delta.nearest)
                case QuotesFound():
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


def _last(deltas: Iterator[AnswerDelta]) -> Answer:
    for delta in deltas:
        if isinstance(delta, AnswerDone):
            return delta.answer
    raise AssertionError("an answer ends with AnswerDone")


def _batch(context: Context, answer: Callable[[Question], dict[str, Any]]) -> None:
    """One JSON line out for each JSON line in, in order; a line that fails says so and the next goes on."""
    for number, line in enumerate(_lines(), start=1):
        try:
            context.console.line(answer(_question(context, line, number)))
        except DiaryError as error:
            context.console.line(error_document(error))


def _lines() -> Iterator[str]:
    while line := sys.stdin.readline():
        if line.strip():
            yield line


def _question(context: Context, line: str, number: int) -> Question:
    try:
        given = msgspec.json.decode(line, type=BatchLine)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f'Line {number} of the batch is not {{"q", "as_of", "n"}}: {error}.',
            hint="Each line is one JSON object.",
        ) from None
    return Question(
        text=given.q,
        as_of=given.as_of or context.as_of,
        limit=given.n if given.n and given.n > 0 else context.arguments.n,
        range=context.range(),
        tag=context.arguments.tag,
    )
