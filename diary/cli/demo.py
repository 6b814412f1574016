"""demo: the whole main job on a throw-away diary, without a question asked; each step is checked, not only
shown.

The vault has a random passphrase that nobody learns, and is removed at the end. A step that does not do
what it says ends the demo with status 1.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from diary.bootstrap import create_vault, open_diary
from diary.cli.answers_out import stream_answer
from diary.cli.context import Context
from diary.cli.looking_back import say_review
from diary.cli.wording import moment_words
from diary.errors import DiaryError
from diary.model.answer import Answer, Question, Quote
from diary.model.entry import EntryFilter, EntryId
from diary.sample import DemoQuestion, diary_file, questions, spoken_sample
from diary.session import Session
from policies import report

_QUOTES = 4
_REVIEWED = "May 2025"
_SHOWN = 3
"""Points of each part of the review: enough to see what one is."""


class DemoFailed(DiaryError):
    """A step of the demo did not do what it says."""

    code = "demo-failed"


def demo(context: Context) -> None:
    """Run the demo."""
    with ExitStack() as stack:
        stack.callback(_remove, context.settings.vault)
        passphrase = secrets.token_urlsafe(16)
        _step(context, "A new vault, encrypted; its key is wrapped under a passphrase and a recovery code")
        create_vault(context.enforced, context.settings, passphrase)
        session = open_diary(context.enforced, context.settings, passphrase, now=_now)
        stack.callback(session.close)
        facts = _words_in(context, session)
        answers = _answers_out(context, session)
        reviewed = _looking_back(context, session)
        routes = _wall(context)
    context.console.document({**facts, "questions": answers, "reviewed": reviewed, "routes_blocked": routes})
    context.console.say()
    context.console.say("Done. The throw-away diary is gone. Start your own with: diary init")


def _now() -> datetime:
    return datetime.now().astimezone()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _step(context: Context, words: str) -> None:
    context.console.say()
    context.console.say(f"── {words}")


def _expect(condition: bool, words: str) -> None:
    if not condition:
        raise DemoFailed(f"The demo stopped: {words}.", hint="Please report this line.")


def _words_in(context: Context, session: Session) -> dict[str, object]:
    console = context.console
    _step(context, "A sample diary of one year, imported and indexed on this machine")
    imported = session.import_files([diary_file()], report=console.progress)
    session.index(report=console.progress)
    again = session.import_files([diary_file()])
    console.say(f"{imported.added} entries added; importing the file again adds {again.added}.")
    _expect(imported.added >= 60 and again.added == 0, "the sample was not imported once")

    _step(context, "An entry, written now about yesterday")
    entry = session.write(
        "Slept badly, then a slow walk along the canal. The knee held.\nsleep:: 5h40m", at="yesterday 7am"
    )
    kept = session.entry(entry.id)
    console.say(f"Entry {kept.id}, {moment_words(kept.happened)}: “{kept.text.splitlines()[0]}”")
    _expect(kept.text == entry.text, "the entry was not kept")

    _step(context, "A recording, kept encrypted")
    dictation = session.voice.dictate(spoken_sample(), name="note to self.wav")
    console.say(f"Entry {dictation.entry}, {dictation.seconds:.1f} s of sound: {dictation.status.value}.")
    return {
        "imported": imported.added,
        "entry": entry.id,
        "recording": {"entry": dictation.entry, "status": dictation.status.value},
    }


def _answers_out(context: Context, session: Session) -> list[dict[str, object]]:
    outcome: list[dict[str, object]] = []
    for number, asked in enumerate(questions()):
        _step(context, f"“{asked.question}”  ({asked.about})")
        answer = stream_answer(
            context,
            session,
            Question(text=asked.question, as_of=asked.as_of, limit=_QUOTES),
            summarise=number == 0,
        )
        _check(session, asked, answer)
        outcome.append({"question": asked.question, "answered": answer.answered})
        if number == 0:
            _expect(answer.summary is not None, "no summary was made")
    return outcome


def _check(session: Session, asked: DemoQuestion, answer: Answer) -> None:
    """Answered from the right entry and word for word, or honestly not at all."""
    if not asked.evidence:
        _expect(not answer.answered, "a question was answered that the notes do not answer")
        return
    _expect(answer.answered, "a question found no answer")
    if asked.value is not None:
        computed = answer.numbers[0].value if answer.numbers else None
        _expect(computed is not None and abs(computed - asked.value) < 0.5, "a number is wrong")
    found = {quote.source_id for quote in answer.quotes}
    _expect(bool(found & set(asked.evidence)), "no quote is from the right entry")
    _expect_verbatim(session, answer.quotes)


def _expect_verbatim(session: Session, quotes: Sequence[Quote]) -> None:
    read: Callable[[EntryId], str] = lambda entry: session.entry(entry).text  # noqa: E731
    _expect(
        all(read(quote.entry)[quote.start : quote.end] == quote.text for quote in quotes),
        "a quote is not word for word",
    )


def _looking_back(context: Context, session: Session) -> int:
    """The beginning of a review; how many entries it rests on."""
    _step(context, f"A review of {_REVIEWED}: its beginning")
    reviewed = session.period(_REVIEWED)
    review = session.review(reviewed, report=context.console.progress)
    shown = replace(
        review,
        happened=review.happened[:_SHOWN],
        intentions=review.intentions[:1],
        numbers=review.numbers[:1],
        themes=review.themes[:1],
    )
    say_review(context.console, shown, today=context.as_of)
    _expect(review.entries == len(session.entries(EntryFilter(range=reviewed))), "entries were overlooked")
    _expect_verbatim(session, review.happened)
    return review.entries


def _wall(context: Context) -> int:
    _step(context, "The wall: every way out is tried, from a child of this very process")
    checked = report.check(context.enforced)
    context.console.raw(report.describe(checked))
    # What a person accepted that the kernel lacks is told in the table, and is no fault of ours.
    _expect(checked.sealed or not context.enforced.sealed, "a way out is open")
    return sum(route.blocked for route in checked.routes)
