from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from textual.widgets import Input

from diary.errors import EngineFailed
from diary.model.answer import AnswerDelta, Question, QuotesFound, SentenceKept, SummarySentence
from diary.tui.conversation import LONGEST_LIST, QUOTES
from diary.tui.screens.ask import AskScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.widgets.fields import ReadOnlyWords
from diary.tui.widgets.quote_card import QuoteCard
from tests.fakes.session import FakeSession
from tests.tui.driving import Opened, opened
from tests.tui.sample import answered, entry_titled, knee_quotes, sample_session


class Paced:
    """An answer that waits for the test before each part, and notes when it was closed."""

    def __init__(self, session: FakeSession) -> None:
        self.session = session
        self.gates = [threading.Event() for _ in range(6)]
        self.closed = threading.Event()

    def __call__(self, question: Question) -> Iterator[AnswerDelta]:
        try:
            for gate, delta in zip(self.gates, answered(self.session, question), strict=False):
                assert gate.wait(20)
                yield delta
        finally:
            self.closed.set()

    def open_all(self) -> None:
        for gate in self.gates:
            gate.set()


async def ask(diary: Opened, question: str) -> None:
    if not isinstance(diary.screen, AskScreen):
        await diary.press("a")
        await diary.until(lambda: isinstance(diary.screen, AskScreen))
    diary.screen.query_one("#question", Input).value = question
    diary.screen.query_one("#question").focus()
    await diary.press("enter")


def cards(diary: Opened) -> list[QuoteCard]:
    return list(diary.screen.query(QuoteCard))


async def test_quotes_come_first_then_the_checked_sentences_under_their_model() -> None:
    session = sample_session()
    paced = Paced(session)
    session.script = paced
    async with opened(session, size=(80, 40)) as diary:
        await ask(diary, "what about my knee?")
        await diary.sees("Searching…")
        paced.gates[0].set()
        await diary.until(lambda: len(cards(diary)) == 3)
        await diary.sees("1 Oct \N{EN DASH} 20 Nov 2026, from “since October”")
        await diary.sees("Yesterday 19 November")
        assert "In short" not in diary.text()
        paced.gates[1].set()
        await diary.sees("In short, by SmolLM2-135M-Instruct")
        await diary.sees("may be wrong; each sentence was checked against its quotes")
        await diary.sees("It began when you ran for the 18:12")
        assert "heel drops twice a day are the exercise" not in diary.flat()
        paced.open_all()
        await diary.until(lambda: "heel drops twice a day are the exercise. [1]" in diary.flat())
        await diary.sees("1 sentence dropped: the quotes did not support it.")
        await diary.sees("Done in 3.4 s")
        question = Question(
            text="what about my knee?", as_of=session.now.date(), limit=QUOTES, list_limit=LONGEST_LIST
        )
        assert session.asked == [question]


async def test_stop_takes_effect_at_once_and_nothing_late_is_shown() -> None:
    session = sample_session()
    paced = Paced(session)
    session.script = paced
    async with opened(session, size=(80, 40)) as diary:
        await ask(diary, "my knee")
        paced.gates[0].set()
        await diary.until(lambda: len(cards(diary)) == 3)
        await diary.press("escape")
        await diary.sees("Stopped. What was found so far stays.")
        paced.open_all()
        await diary.until(paced.closed.is_set, "the close of the answer's iterator")
        assert "In short" not in diary.text()
        assert isinstance(diary.screen, AskScreen) and len(cards(diary)) == 3
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


async def test_a_second_question_replaces_the_first_and_drops_what_comes_late() -> None:
    session = sample_session()
    slow = Paced(session)
    ordinary = session.script
    assert ordinary is not None
    session.script = lambda question: (slow if "knee" in question.text else ordinary)(question)
    async with opened(session, size=(80, 40)) as diary:
        await ask(diary, "my knee")
        await diary.until(lambda: len(session.asked) == 1)
        await ask(diary, "Norway?")
        await diary.sees("Your notes do not say.")
        slow.open_all()
        await diary.until(slow.closed.is_set)
        assert len(cards(diary)) == 2
        assert "angry, not torn" not in diary.flat() and "In short" not in diary.text()


async def test_a_part_of_another_turn_is_dropped() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await ask(diary, "Norway?")
        await diary.sees("Your notes do not say.")
        late = SentenceKept(sentence=SummarySentence(text="Late words.", quotes=()))
        diary.screen.post_message(AskScreen.Part(0, late))
        await diary.pilot.pause()
        await diary.pilot.pause()
        assert "Late words." not in diary.text()


async def test_enter_on_a_quote_opens_its_entry_with_the_words_highlighted() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await ask(diary, "my knee")
        await diary.sees("Done in")
        await diary.press("down")
        assert diary.screen.focused is cards(diary)[0]
        await diary.press("down", "enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("Monday 16 November 2026, 21:05")
        words = diary.screen.query_one(ReadOnlyWords)
        await diary.until(lambda: words.selected_text == knee_quotes(session)[1].text)
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, AskScreen))
        assert len(cards(diary)) == 3, "the answer is still there"


async def test_a_quote_far_down_a_long_entry_is_scrolled_to() -> None:
    session = sample_session()
    entry = entry_titled(session, "Sunday")
    long = "A line of no matter, wide enough to be wrapped at eighty columns, which happens often.\n" * 200
    from dataclasses import replace

    session.kept[entry.id] = [replace(entry, text=long + entry.text)]
    async with opened(session) as diary:
        await ask(diary, "my knee")
        await diary.sees("Done in")
        await diary.press("down", "down", "enter")
        await diary.sees("Knee held for an hour of digging.")


async def test_abstention_is_shown_honestly_with_the_nearest_misses_as_such() -> None:
    async with opened(sample_session()) as diary:
        await ask(diary, "have I been to Norway?")
        await diary.sees("Your notes do not say. The nearest, which may not be about it:")
        await diary.until(lambda: len(cards(diary)) == 2)
        assert "mention" not in diary.text() and "In short" not in diary.text()


async def test_with_nothing_near_there_is_nothing_to_open() -> None:
    session = sample_session()
    session.script = lambda _: iter([QuotesFound(answered=False, range=None, quotes=(), nearest=())])
    async with opened(session) as diary:
        await ask(diary, "Norway?")
        await diary.sees("Your notes do not say. Nothing came near.")
        await diary.sees("The answer ended early.")


async def test_a_failing_engine_is_told_where_the_answer_would_be() -> None:
    session = sample_session()

    def script(question: Question) -> Iterator[AnswerDelta]:
        yield next(iter(answered(session, question)))
        raise EngineFailed("The language model stopped.", hint="Ask again; your notes are safe.")

    session.script = script
    async with opened(session) as diary:
        await ask(diary, "my knee")
        await diary.sees("The language model stopped.")
        assert len(cards(diary)) == 3, "the quotes stay"


async def test_an_exam_that_was_failed_is_said_beside_the_summary() -> None:
    from dataclasses import replace

    from diary.model.answer import AnswerDone, Exam

    session = sample_session()

    def script(question: Question) -> Iterator[AnswerDelta]:
        for delta in answered(session, question):
            if isinstance(delta, AnswerDone) and delta.answer.summary is not None:
                summary: Any = replace(delta.answer.summary, exam=Exam.FAILED)
                delta = AnswerDone(answer=replace(delta.answer, summary=summary))
            yield delta

    session.script = script
    async with opened(session, size=(80, 40)) as diary:
        await ask(diary, "my knee")
        await diary.sees("This model failed the built-in exam.")


async def test_letters_typed_on_a_quote_begin_a_new_question() -> None:
    async with opened(sample_session()) as diary:
        await ask(diary, "my knee")
        await diary.sees("Done in")
        await diary.press("down")
        await diary.type("Why")
        await diary.until(lambda: diary.screen.query_one("#question", Input).value == "Why")
