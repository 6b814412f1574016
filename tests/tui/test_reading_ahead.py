"""What the editor shows of numbers before they are saved, and the time of an entry."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from textual.widgets import Input, TextArea

from diary.errors import StorageFailed
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import JournalScreen
from tests.fakes.session import FakeSession
from tests.tui.driving import Opened, opened
from tests.tui.sample import entry_titled, sample_session


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.tui.widgets.reading_line.PAUSE", 0.1)


async def writing(diary: Opened, words: str) -> None:
    await diary.press("n")
    await diary.until(lambda: isinstance(diary.screen, EditorScreen))
    diary.screen.query_one(TextArea).insert(words)


async def test_what_will_be_read_as_numbers_is_shown_while_writing() -> None:
    async with opened(FakeSession()) as diary:
        await writing(diary, "Slept at last.\nsleep:: 6h40m\npain:: 4/10")
        await diary.sees("reads: sleep 6 h 40 m · pain 4/10")
        assert "right?" not in diary.text()
        diary.screen.query_one(TextArea).text = "No numbers any more."
        await diary.until(lambda: "reads:" not in diary.text())


async def test_an_unlikely_number_is_asked_about() -> None:
    async with opened(FakeSession()) as diary:
        await writing(diary, "weight:: 742 kg")
        await diary.sees("reads: weight 742 kg?  Is that right?")


async def test_typing_goes_on_while_numbers_are_read_and_what_was_read_of_older_words_is_dropped() -> None:
    session = FakeSession()
    gate = session.gates["observations_in"] = threading.Event()
    async with opened(session) as diary:
        await writing(diary, "pain:: 4/10")
        await diary.until(lambda: "observations_in" in session.calls)
        diary.screen.query_one(TextArea).text = "pain:: 5/10"
        await diary.until(lambda: session.calls.count("observations_in") == 2)
        gate.set()
        await diary.sees("reads: pain 5/10")
        assert "4/10" not in diary.text()


@pytest.mark.slow
async def test_a_preview_that_fails_disturbs_nobody() -> None:
    session = FakeSession()
    session.broken["observations_in"] = StorageFailed("The disk failed.")
    async with opened(session) as diary:
        await writing(diary, "pain:: 4/10")
        await diary.until(lambda: "observations_in" in session.calls)
        await diary.pilot.pause(0.1)
        assert "The disk failed" not in diary.text() and "reads:" not in diary.text()


async def test_when_an_entry_happened_can_be_changed() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        when = diary.screen.query_one("#at", Input)
        await diary.until(lambda: when.value == "2026-11-20 18:05")
        when.value = "yesterday 17:30"
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        entry = entry_titled(session, "Rain on the allotment")
        assert entry.happened == datetime(2026, 11, 19, 17, 30, tzinfo=UTC)
        assert entry.text.startswith("Got the last of the leeks") and entry.revision == 2


@pytest.mark.slow
async def test_a_time_that_is_none_is_told_and_nothing_is_saved() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        when = diary.screen.query_one("#at", Input)
        await diary.until(lambda: when.value == "2026-11-20 18:05")
        when.value = "whenever"
        await diary.press("ctrl+s")
        await diary.sees("That time was not understood, so nothing was saved.")
        assert entry_titled(session, "Rain on the allotment").revision == 1


async def test_numbers_of_new_entries_are_read_in_the_background_before_they_are_indexed() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.until(lambda: "read_new" in session.calls)
