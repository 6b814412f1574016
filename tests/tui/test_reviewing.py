from __future__ import annotations

import threading
from datetime import date

import pytest

from diary.errors import EngineFailed
from diary.model.answer import Quote
from diary.model.number import Function, Number
from diary.model.review import Intention, Review, Shown, Theme
from diary.model.time_range import TimeRange
from diary.tui.periods import Period, Unit, earlier, later, of_range, up_to
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.review import ReviewScreen
from diary.tui.widgets.quote_card import QuoteCard
from tests.fakes.session import FakeSession
from tests.tui.driving import Opened, opened, stop_at_the_gate
from tests.tui.sample import knee_quotes, sample_session

TODAY = date(2026, 11, 20)
WEEK = TimeRange(date(2026, 11, 14), TODAY)


def a_review(session: FakeSession, reviewed: TimeRange) -> Review:
    quotes: tuple[Quote, ...] = knee_quotes(session)
    pain = Number(
        metric="pain",
        function=Function.MEAN,
        value=4.5,
        unit="/10",
        n=2,
        missing_days=5,
        range=reviewed,
        rows=(),
    )
    return Review(
        range=reviewed,
        entries=9,
        days=6,
        happened=quotes[1:2],
        intentions=(
            Intention(said=quotes[0], outcome=Shown.SHOWN, evidence=quotes[1:2]),
            Intention(said=quotes[2], outcome=Shown.NOT_MENTIONED, evidence=()),
        ),
        numbers=(pain,),
        themes=(Theme(words=("knee", "stairs"), entries=4, quotes=quotes[:1]),),
    )


def reviewing_session() -> FakeSession:
    session = sample_session()
    session.reviews = lambda reviewed: a_review(session, reviewed)
    return session


async def begin(diary: Opened) -> None:
    await diary.sees("leeks")
    await diary.press("r")
    await diary.until(lambda: isinstance(diary.screen, ReviewScreen))


async def test_the_last_seven_days_are_reviewed_in_parts_each_with_its_quotes() -> None:
    session = reviewing_session()
    async with opened(session, size=(80, 50)) as diary:
        await begin(diary)
        await diary.sees("Review · 14 \N{EN DASH} 20 Nov 2026 7 days".replace(" 7", "  7"))
        for words in ("What happened", "What you said you would do", "Moods and numbers", "What recurs"):
            await diary.sees(words)
        await diary.sees("Later notes show it:")
        await diary.sees("Your notes do not mention it again.")
        await diary.sees("4.5/10  mean pain · 2 notes · 5 days without one")
        await diary.sees("knee, stairs · 4 entries")
        assert session.reviewed == [WEEK]


async def test_a_quote_of_a_review_opens_its_entry() -> None:
    async with opened(reviewing_session()) as diary:
        await begin(diary)
        await diary.sees("What happened")
        cards = list(diary.screen.query(QuoteCard))
        for key, card in (("down", cards[0]), ("down", cards[1]), ("up", cards[0])):
            await diary.press(key)
            await diary.until(lambda card=card: diary.screen.focused is card, f"the quote after {key}")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("Monday 16 November 2026")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, ReviewScreen))
        assert isinstance(diary.screen.focused, QuoteCard)


async def test_the_arrows_go_to_earlier_and_later_days_and_letters_choose_the_unit() -> None:
    session = reviewing_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.press("left")
        await diary.sees("7 \N{EN DASH} 13 Nov 2026")
        await diary.press("right", "right")
        await diary.sees("14 \N{EN DASH} 20 Nov 2026")
        await diary.press("m")
        await diary.sees("November 2026, so far")
        await diary.press("left")
        await diary.sees("October 2026")
        await diary.until(lambda: session.reviewed[-1] == TimeRange(date(2026, 10, 1), date(2026, 10, 31)))


@pytest.mark.slow
async def test_any_days_can_be_chosen_in_words() -> None:
    session = reviewing_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.press("c")
        await diary.sees("Look back on which days?")
        await diary.type("nonsense")
        await diary.sees("No time that can be understood yet.")
        await diary.press("ctrl+u")
        await diary.type("since 1 October 2026")
        await diary.sees("That is: 1 Oct \N{EN DASH} 20 Nov 2026")
        await diary.press("enter")
        await diary.until(lambda: session.reviewed[-1] == TimeRange(date(2026, 10, 1), TODAY))


@pytest.mark.slow
async def test_a_stopped_review_shows_nothing_late_and_a_second_escape_leaves() -> None:
    session = reviewing_session()
    gate = session.gates["review"] = threading.Event()
    async with opened(session) as diary:
        await begin(diary)
        await stop_at_the_gate(diary, gate, late="What happened")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


@pytest.mark.slow
async def test_days_without_notes_and_failures_are_said_in_words() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.sees("You wrote nothing then.")
        session.broken["review"] = EngineFailed("The search model stopped.")
        await diary.press("left")
        await diary.sees("The search model stopped.")


@pytest.mark.parametrize(
    ("period", "before", "after"),
    [
        (up_to(TODAY, Unit.WEEK), (date(2026, 11, 7), date(2026, 11, 13)), None),
        (up_to(TODAY, Unit.MONTH), (date(2026, 10, 1), date(2026, 10, 31)), None),
        (up_to(TODAY, Unit.YEAR), (date(2025, 1, 1), date(2025, 12, 31)), None),
        (
            Period(Unit.MONTH, date(2026, 10, 1), date(2026, 10, 31)),
            (date(2026, 9, 1), date(2026, 9, 30)),
            (date(2026, 11, 1), TODAY),
        ),
        (
            Period(Unit.DAYS, date(2026, 11, 1), date(2026, 11, 10)),
            (date(2026, 10, 22), date(2026, 10, 31)),
            (date(2026, 11, 11), TODAY),
        ),
        (Period(Unit.DAYS, date.min, date(1, 1, 2)), None, (date(1, 1, 3), date(1, 1, 4))),
    ],
)
def test_periods_move_by_their_own_length_and_end_today(
    period: Period, before: tuple[date, date] | None, after: tuple[date, date] | None
) -> None:
    one, other = earlier(period), later(period, TODAY)
    assert (one and (one.start, one.end)) == before
    assert (other and (other.start, other.end)) == after


def test_a_range_without_a_beginning_or_ahead_is_no_period() -> None:
    assert of_range(TimeRange(None, TODAY), TODAY) is None
    assert of_range(TimeRange(date(2026, 12, 1), None), TODAY) is None
    assert of_range(TimeRange(date(2026, 11, 1), None), TODAY) == Period(Unit.DAYS, date(2026, 11, 1), TODAY)
