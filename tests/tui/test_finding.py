from __future__ import annotations

import threading

import pytest
from textual.widgets import Input

from diary.errors import EngineFailed
from diary.model.answer import Hit
from diary.tui.screens.find import FindScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.widgets.fields import ReadOnlyWords
from diary.tui.widgets.hit_list import HitList, looked_for, passage
from retrieval.query import read_query
from tests.fakes.session import NOW
from tests.tui.driving import Opened, opened
from tests.tui.sample import sample_session


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.tui.screens.find.PAUSE", 0.1)


async def begin(diary: Opened) -> None:
    await diary.press("slash")
    await diary.until(lambda: isinstance(diary.screen, FindScreen))


def current(diary: Opened) -> Hit | None:
    return diary.screen.query_one(HitList).current


async def test_an_empty_search_lists_the_newest_entries() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.sees("19 entries, newest first")
        assert session.sought[0].text == ""


async def test_typing_finds_after_a_pause_and_only_what_was_typed_last_is_shown() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.sees("newest first")
        gate = session.gates["find"] = threading.Event()
        await diary.type("knee")
        await diary.until(lambda: len(session.sought) == 2)
        await diary.type(" held")
        await diary.until(lambda: len(session.sought) == 3)
        gate.set()
        await diary.sees("1 entry, best first")
        assert [question.text for question in session.sought] == ["", "knee", "knee held"]
        await diary.sees("Knee held for an hour of digging.")


async def test_enter_opens_the_entry_at_the_passage_and_escape_returns_to_what_was_found() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.type("tendon is")
        await diary.sees("1 entry, best first")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        words = diary.screen.query_one(ReadOnlyWords)
        await diary.until(lambda: words.selected_text.startswith("tendon is angry"))
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, FindScreen))
        assert diary.screen.query_one("#query", Input).value == "tendon is"
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


@pytest.mark.slow
async def test_enter_before_the_pause_is_over_searches_and_opens_nothing() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.sees("newest first")
        await diary.type("stairs")
        await diary.press("enter")
        await diary.sees("best first")
        assert isinstance(diary.screen, FindScreen)


@pytest.mark.slow
async def test_arrows_move_among_what_was_found_while_typing_goes_on() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.sees("newest first")
        first = current(diary)
        await diary.press("down")
        assert current(diary) != first
        await diary.press("up")
        assert current(diary) == first
        await diary.type("k")
        assert diary.screen.query_one("#query", Input).value == "k"


async def test_filters_are_read_and_a_wrong_one_is_told_in_words() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("is:starred tag:knee")
        await diary.sees("1 entry, newest first")
        assert (session.sought[-1].starred, session.sought[-1].tag) == (True, "knee")
        searches = len(session.sought)
        await diary.type(" kind:dream")
        await diary.sees("There are no entries of the kind “dream”, so nothing was looked up.")
        assert len(session.sought) == searches


@pytest.mark.slow
async def test_a_filter_can_be_chosen_instead_of_typed() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.type("knee")
        await diary.press("ctrl+f", "s")
        await diary.until(lambda: diary.screen.query(HitList))
        assert diary.screen.query_one("#query", Input).value == "knee is:starred "


@pytest.mark.slow
async def test_a_search_that_fails_is_told_and_can_be_tried_again() -> None:
    session = sample_session()
    session.broken["find"] = EngineFailed("The search model stopped.", hint="Try again.")
    async with opened(session) as diary:
        await begin(diary)
        await diary.sees("The search model stopped.")
        del session.broken["find"]
        await diary.press("enter")
        await diary.sees("newest first")


def test_words_and_phrases_that_were_looked_for_are_made_visible() -> None:
    looked = looked_for(read_query('walking "the slow lane" -tea', NOW.date()))
    shown = passage("I walked home along The Slow  Lane, tea in hand.", looked)
    marked = [shown.plain[span.start : span.end] for span in shown.spans]
    assert marked == ["walked", "The Slow Lane"]


def test_of_a_long_passage_the_part_that_was_looked_for_is_shown() -> None:
    looked = looked_for(read_query("heron", NOW.date()))
    shown = passage("word " * 200 + "a heron stood there " + "word " * 200, looked).plain
    assert "heron" in shown and shown.startswith("… ") and shown.endswith(" …") and len(shown) < 230
