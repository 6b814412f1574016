"""Numbers, the range that was looked at, follow-ups and filters on the screen that asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from textual.widgets import Input, Sparkline

from diary.errors import TimeNotUnderstood, UsageError
from diary.model.answer import (
    Answer,
    AnswerDelta,
    AnswerDone,
    AnswerKind,
    NumbersFound,
    Question,
    QuotesFound,
    Timing,
)
from diary.model.entry import EntryId, Kind
from diary.model.number import Function, Number
from diary.model.observation import Observation
from diary.model.resolved_range import EventDate
from diary.model.time_range import TimeRange
from diary.tui.conversation import Conversation, typed_question, typed_range
from diary.tui.screens.ask import AskScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.review import ReviewScreen
from diary.tui.widgets.answer_view import AnswerView
from diary.tui.widgets.quote_card import QuoteCard
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import Opened, opened
from tests.tui.sample import entry_titled, quote_of, sample_session
from tests.tui.test_asking import ask

TODAY = NOW.date()
OCTOBER = TimeRange(date(2026, 10, 1), TODAY, "since October")
TIMING = Timing(search_ms=3, first_token_ms=None, total_ms=36)


def sleep_rows(session: FakeSession) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            key="sleep",
            start=day,
            end=day + 5,
            written="7h",
            value=minutes,
            unit="min",
            entry=EntryId(1),
            source_id=None,
            happened=session.now - timedelta(days=day),
        )
        for day, minutes in ((8, 250.0), (3, 330.0), (0, 440.0))
    )


def mean_sleep(session: FakeSession, used: TimeRange | None = OCTOBER) -> Number:
    return Number(
        metric="sleep",
        function=Function.MEAN,
        value=340.0,
        unit="min",
        n=3,
        missing_days=48,
        range=used,
        rows=sleep_rows(session),
    )


def computed(session: FakeSession, question: Question, *numbers: Number) -> Iterator[AnswerDelta]:
    known = any(number.known for number in numbers)
    quote = quote_of(session, "Rain on the allotment", "mood:: 7", 1)
    quotes = (quote,) if known else ()
    used = question.range or OCTOBER
    yield NumbersFound(range=used, numbers=numbers, question=question)
    yield QuotesFound(answered=known, range=used, quotes=quotes, nearest=(), question=question)
    answer = Answer(
        question=question,
        answered=known,
        kind=AnswerKind.NUMBERS,
        range=used,
        quotes=quotes,
        timing=TIMING,
        numbers=numbers,
    )
    yield AnswerDone(answer=answer)


def numbers_session(*numbers: Number) -> FakeSession:
    session = sample_session()
    session.script = lambda question: computed(session, question, *(numbers or (mean_sleep(session),)))
    return session


def current(diary: Opened) -> AnswerView:
    view = diary.screen.query(AnswerView).last()
    assert isinstance(view, AnswerView)
    return view


async def test_a_number_stands_first_and_plain_with_what_it_rests_on_and_its_course() -> None:
    async with opened(numbers_session()) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees(
            "5 h 40 m\n    mean sleep · 3 notes · 1 Oct \N{EN DASH} 20 Nov 2026 · 48 days without one"
        )
        await diary.sees("each note in order, from 4 h 10 m to 7 h 20 m")
        assert list(diary.screen.query_one(Sparkline).data or ()) == [250.0, 330.0, 440.0]
        await diary.sees("Looked at: 1 Oct \N{EN DASH} 20 Nov 2026, from “since October”")
        await diary.sees("From these notes:")
        await diary.sees("1  20 Nov 2026 mood:: 7  · Rain on the allotment")
        assert "mention" not in diary.text()


@pytest.mark.slow
async def test_too_little_data_is_said_as_such_with_the_reason() -> None:
    session = sample_session()
    none = replace(mean_sleep(session), value=None, n=1, rows=(), why="Only 1 note has a value then.")
    session = numbers_session(none)
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees("Not enough data: sleep")
        await diary.sees("Only 1 note has a value then.")
        assert not diary.screen.query(Sparkline)


@pytest.mark.slow
async def test_a_difference_shows_its_two_sides_once() -> None:
    session = sample_session()
    sides = (
        replace(mean_sleep(session), label="before October", value=300.0),
        replace(mean_sleep(session), label="since October"),
    )
    whole = replace(mean_sleep(session), function=Function.DIFFERENCE, value=40.0, parts=sides)
    async with opened(numbers_session(whole, *sides), size=(100, 40)) as diary:
        await ask(diary, "Compare my sleep before and since October")
        await diary.sees("+40 min")
        await diary.sees("Before October: mean sleep 5 h, from 3 notes")
        assert diary.text().count("mean sleep 5 h 40 m") == 1


async def test_the_note_that_tells_an_events_day_is_shown_and_opens() -> None:
    session = sample_session()
    entry = entry_titled(session, "The steps by the station")
    event = EventDate(
        event="the station",
        day=date(2026, 10, 9),
        entry=entry.id,
        quote="Ran for the 18:12",
        start=0,
        end=17,
        told=date(2026, 10, 9),
    )

    def script(question: Question) -> Iterator[AnswerDelta]:
        for delta in computed(session, question, mean_sleep(session)):
            yield replace(delta, events=(event,)) if isinstance(delta, QuotesFound) else delta

    session.script = script
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since the station?")
        await diary.sees("“the station”; you wrote on 9 Oct 2026: “Ran for the 18:12”")
        await diary.press("down", "enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("The steps by the station")


async def test_the_range_can_be_changed_and_the_question_is_asked_again_within_it() -> None:
    session = numbers_session()
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees("Done in")
        await diary.press("ctrl+r")
        await diary.until(lambda: diary.screen.query("#when"))
        when = diary.screen.query_one("#when", Input)
        assert when.value == "1 Oct 2026 to 20 Nov 2026"
        when.value = "November 2026"
        await diary.sees("That is: 1 \N{EN DASH} 30 Nov 2026")
        await diary.press("enter")
        await diary.sees("Looked at: 1 \N{EN DASH} 30 Nov 2026")
        assert session.asked[-1].range == TimeRange(date(2026, 11, 1), date(2026, 11, 30))
        assert session.asked_after == [None, None]
        assert len(diary.screen.query(AnswerView)) == 1, "it takes the place of the answer before"


@pytest.mark.slow
async def test_any_time_clears_the_range_and_a_range_that_is_none_is_not_taken() -> None:
    session = numbers_session()
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees("Done in")
        await diary.press("ctrl+r")
        await diary.until(lambda: diary.screen.query("#when"))
        diary.screen.query_one("#when", Input).value = "whenever it was"
        await diary.press("enter")
        await diary.sees("was not understood")
        diary.screen.query_one("#when", Input).value = "any time"
        await diary.press("enter")
        await diary.sees("Looked at: any time")
        assert session.asked[-1].range == TimeRange(None, None)


async def test_a_follow_up_is_shown_as_it_was_understood_and_the_answer_before_stays_above() -> None:
    session = numbers_session()

    def script(question: Question) -> Iterator[AnswerDelta]:
        understood = (
            replace(question, text="How did I sleep in June?") if "June" in question.text else question
        )
        return computed(session, understood, mean_sleep(session))

    session.script = script
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees("Done in")
        await ask(diary, "and in June?")
        await diary.sees("Understood as: How did I sleep in June?")
        after = session.asked_after[-1]
        assert after is not None and after.text == "How did I sleep since October?"
        await diary.until(lambda: "> How did I sleep since October?" not in diary.text())
        await diary.press("pageup")
        await diary.sees("> How did I sleep since October?")
        await ask(diary, "and why?")
        await diary.until(lambda: len(session.asked_after) == 3)
        assert session.asked_after[-1] is not None
        assert session.asked_after[-1].text == "How did I sleep in June?"


@pytest.mark.slow
async def test_a_key_starts_afresh() -> None:
    session = numbers_session()
    async with opened(session) as diary:
        await ask(diary, "How did I sleep since October?")
        await diary.sees("Done in")
        await diary.press("ctrl+n")
        await diary.sees("The next question stands alone.")
        await ask(diary, "and in June?")
        await diary.until(lambda: session.asked_after == [None, None])


async def test_up_and_down_recall_earlier_questions_like_a_shell() -> None:
    session = numbers_session()
    async with opened(session) as diary:
        for question in ("first?", "second?"):
            await ask(diary, question)
            await diary.sees("Done in")
        field = diary.screen.query_one("#question", Input)
        assert field.value == "", "the next letters begin the next question"
        await diary.type("half a thou")
        shown = []
        for key in ("up", "up", "up", "down", "down"):
            await diary.press(key)
            shown.append(field.value)
        assert shown == ["second?", "first?", "first?", "second?", "half a thou"]
        await diary.press("down")
        assert isinstance(diary.screen.focused, QuoteCard)


async def test_filters_in_a_question_are_taken_out_of_its_words_and_shown() -> None:
    session = numbers_session()
    async with opened(session) as diary:
        await ask(diary, "How did I sleep tag:sleep is:starred?")
        await diary.sees("Looked at: 1 Oct \N{EN DASH} 20 Nov 2026")
        assert "tagged sleep, starred" in diary.flat()
        assert (session.asked[0].text, session.asked[0].tag) == ("How did I sleep?", "sleep")
        await ask(diary, "How did I sleep kind:dream")
        await diary.sees("There are no entries of the kind “dream”")
        assert len(session.asked) == 1
        await ask(diary, "tag:sleep")
        await diary.sees("These are filters only.")


@pytest.mark.slow
async def test_an_answer_that_is_a_review_opens_the_whole_of_it() -> None:
    session = sample_session()

    def script(question: Question) -> Iterator[AnswerDelta]:
        numbers, quotes, done = computed(session, question, mean_sleep(session))
        assert isinstance(done, AnswerDone)
        yield from (quotes, numbers, AnswerDone(answer=replace(done.answer, kind=AnswerKind.REVIEW)))

    session.script = script
    async with opened(session) as diary:
        await ask(diary, "How was my autumn?")
        await diary.sees("^o opens the whole review")
        await diary.sees("What happened, and what you said you would do:")
        await diary.sees("5 h 40 m  mean sleep · 3 notes · 48 days without one")
        await diary.press("ctrl+o")
        await diary.until(lambda: isinstance(diary.screen, ReviewScreen))
        await diary.until(lambda: session.reviewed == [TimeRange(OCTOBER.start, OCTOBER.end)])
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, AskScreen))


@pytest.mark.parametrize(
    ("typed", "text", "tag", "starred", "kind"),
    [
        ("what helped #sleep", "what helped", "sleep", False, None),
        ("what helped, is:starred kind:voice?", "what helped,?", None, True, Kind.VOICE),
        ('what is "Emma" about -really?', 'what is "Emma" about -really?', None, False, None),
        ("at 10:30 to:go", "at 10:30", None, False, None),
    ],
)
def test_only_filters_are_read_out_of_a_question(
    typed: str, text: str, tag: str | None, starred: bool, kind: Kind | None
) -> None:
    if "to:go" in typed:
        with pytest.raises(TimeNotUnderstood):
            typed_question(typed, TODAY)
        return
    question = typed_question(typed, TODAY)
    assert (question.text, question.tag, question.starred, question.kind) == (text, tag, starred, kind)
    assert question.phrases == () and question.without == ()


def test_two_tags_are_refused() -> None:
    with pytest.raises(UsageError):
        typed_question("sleep #one #two", TODAY)


def test_ranges_are_typed_in_words_and_nothing_means_any_time() -> None:
    assert typed_range("last march", TODAY) == TimeRange(date(2026, 3, 1), date(2026, 3, 31))
    assert typed_range("2025-05", TODAY) == TimeRange(date(2025, 5, 1), date(2025, 5, 31))
    assert typed_range(" Any  time ", TODAY) == typed_range("", TODAY) == TimeRange(None, None)
    with pytest.raises(TimeNotUnderstood):
        typed_range("whenever", TODAY)


def test_a_range_chosen_before_the_first_question_is_used_once() -> None:
    talk = Conversation(given=TimeRange(None, None))
    assert talk.begin("sleep?", TODAY).range == TimeRange(None, None)
    assert talk.begin("sleep?", TODAY).range is None
