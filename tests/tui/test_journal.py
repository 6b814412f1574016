from __future__ import annotations

import threading

import pytest

from diary.errors import DiskFull
from diary.model.entry import EntryChanges, EntryId
from diary.model.retention import NOTICE, Going, RetentionDone, Rule
from diary.tui.context import Outcome
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import PAGE, JournalScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.widgets.entry_list import EntryList
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import opened
from tests.tui.sample import entry_titled, many_entries, sample_session


async def test_entries_stand_under_their_days_with_marks_and_the_current_one_is_shown() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Today 20 November")
        await diary.sees("Yesterday 19 November")
        await diary.sees("Got the last of the leeks")
        assert "22:15 *  What the physio said" in diary.text()
        assert "12:00 ♪… Recording, not written" in diary.text()
        assert "09:45 ♪~ first frost" in diary.text()


async def test_moving_down_shows_the_next_entry() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Got the last of the leeks")
        await diary.press("down", "down")
        await diary.sees("Third visit. She pressed here")
        await diary.sees("starred · #knee")


async def test_an_empty_diary_says_how_to_begin() -> None:
    async with opened(FakeSession()) as diary:
        await diary.sees("Nothing is written yet.")
        await diary.press("n")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))


async def test_thousands_of_entries_are_read_page_by_page_as_the_end_comes_near() -> None:
    session = FakeSession()
    many_entries(session, 500)
    async with opened(session) as diary:
        listed = diary.screen.query_one(EntryList)
        await diary.until(lambda: listed.shown == PAGE)
        await diary.press("end")
        await diary.until(lambda: listed.shown == 2 * PAGE)
        while listed.shown < 500:
            before = listed.shown
            await diary.press("end")
            await diary.until(lambda before=before: listed.shown > before)
        await diary.press("end")
        await diary.sees("Entry number 499 of many.")
        reads = session.calls.count("entries")
        await diary.press("home", "end")
        assert session.calls.count("entries") == reads, "the end was reached; there is nothing more to read"


async def test_a_star_is_given_and_taken_away() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("18:05    Rain")
        await diary.press("s")
        await diary.sees("18:05 *  Rain")
        assert entry_titled(session, "Rain on the allotment").starred
        await diary.press("s")
        await diary.sees("18:05    Rain")


async def test_deleting_asks_first_and_enter_keeps_the_entry() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d")
        await diary.sees("Delete this entry?")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert len(session.kept) == 20 and "delete" not in session.calls


async def test_deleting_removes_the_entry_and_shows_the_next() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d")
        await diary.sees("Delete this entry?")
        await diary.press("y")
        await diary.sees("Slept through. Did not look")
        assert len(session.kept) == 19
        await diary.sees("19 entries")


async def test_a_failure_is_told_as_its_sentence_and_the_journal_goes_on() -> None:
    session = sample_session()
    session.broken["edit"] = DiskFull("The disk is full; nothing was changed.", hint="Free some space.")
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("s")
        await diary.sees("The disk is full; nothing was changed.")
        await diary.press("down")
        await diary.sees("Slept through. Did not look")


async def test_a_programming_error_in_a_worker_shows_no_words_of_the_diary() -> None:
    session = sample_session()
    session.broken["edit"] = ValueError("Got the last of the leeks")
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("down", "s")
        await diary.sees("(ValueError)")
        assert "leeks" not in diary.text()


async def test_enter_reads_the_entry_and_escape_returns_to_it() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("down", "down", "enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("twelve weeks as well")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        current = diary.screen.query_one(EntryList).current
        assert current is not None and current.title == "What the physio said"


async def test_history_shows_each_version() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("s")
        await diary.sees("18:05 *  Rain")
        await diary.press("h")
        await diary.sees("Versions, newest first")
        await diary.sees("the newest version")
        await diary.press("down")
        await diary.sees("version 1, replaced since")


@pytest.mark.parametrize(("key", "outcome"), [("ctrl+l", Outcome.LOCK), ("q", Outcome.QUIT)])
async def test_locking_and_quitting_end_the_app_with_their_outcome(key: str, outcome: Outcome) -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press(key)
    assert diary.app.return_value is outcome


async def test_indexing_shows_its_progress_and_does_not_block_the_list() -> None:
    session = sample_session()
    session.indexed.clear()
    gate = session.gates["index"] = threading.Event()
    session.gates["index"].clear()
    from tests.tui.driving import PASSPHRASE, locked

    async with locked(session) as diary:
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.sees("indexing 0 of 20")
        await diary.press("down")
        await diary.sees("Slept through. Did not look")
        gate.set()
        await diary.until(lambda: "indexing" not in diary.text() and len(session.indexed) == 20)


async def test_the_palette_and_the_help_list_the_actions_of_the_place() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("question_mark")
        await diary.sees("Ask your notes a question")
        await diary.press("escape", "ctrl+p")
        await diary.type("write a new")
        await diary.sees("Write a new entry")
        await diary.until(lambda: diary.screen.query_one("CommandList").option_count > 0)  # type: ignore[attr-defined]
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))


async def test_a_deleted_entry_comes_back_by_one_key_and_the_list_shows_it() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d", "y")
        await diary.sees("^z brings it back")
        await diary.sees("19 entries")
        await diary.press("ctrl+z")
        await diary.sees("It is back: Rain on the allotment")
        await diary.sees("20 entries")
        assert len(session.kept) == 20
        await diary.press("ctrl+z")
        await diary.sees("Nothing was deleted since the diary was opened")


async def test_an_entry_deleted_while_it_is_read_comes_back_in_the_journal() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("boots full")
        await diary.press("d", "y")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees("^z brings it back")
        await diary.press("ctrl+z")
        await diary.sees("It is back: Rain on the allotment")
        assert len(session.kept) == 20


async def test_what_was_deleted_is_listed_brought_back_and_erased_after_asking_once() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("x")
        await diary.sees("Nothing that was deleted can be brought back.")
        for left in (19, 18):
            await diary.press("d")
            await diary.sees("Delete this entry?")
            await diary.press("y")
            await diary.sees(f"{left} entries")
        await diary.press("x")
        await diary.sees("2 deleted entries, last deleted first")
        await diary.sees("goes for good on 20 Dec 2026")
        await diary.press("down", "enter")
        await diary.sees("It is back: Rain on the allotment")
        assert len(session.kept) == 19
        await diary.press("x")
        await diary.sees("1 deleted entry")
        await diary.press("d")
        await diary.sees("Erase this entry for good?")
        await diary.press("enter")
        assert "erase_deleted" not in session.calls
        await diary.press("x")
        await diary.sees("1 deleted entry")
        await diary.press("a")
        await diary.sees("Erase this entry for good?")
        await diary.press("y")
        await diary.sees("1 entry is gone for good.")
        assert session.aside == {}


async def test_where_nothing_deleted_is_kept_the_question_says_so() -> None:
    session = sample_session()
    session.deleted_can_be_restored = False
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d")
        await diary.sees("Delete this entry for good?")
        await diary.press("y")
        await diary.sees("The entry is erased for good.")


async def test_until_when_and_how_an_entry_comes_back_is_said_before_it_is_deleted() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d")
        await diary.sees("too. ^z brings")
        await diary.sees("x in the journal does until Sunday 20")


async def test_under_a_legal_hold_no_day_is_named_on_which_an_entry_goes() -> None:
    session = sample_session()
    session.deleted_kept_for = None
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("d")
        await diary.until(lambda: "x in the journal does." in diary.flat())
        await diary.press("y")
        await diary.sees("^z brings it back; x does.")
        await diary.press("x")
        await diary.sees("kept: a legal hold")


async def test_what_the_rules_take_is_told_when_the_diary_opens() -> None:
    session = sample_session()
    going = Going(rule=Rule.ENTRIES, count=3, entries=(EntryId(1),), at=NOW + NOTICE)
    gone = Going(rule=Rule.DELETED, count=1, entries=(EntryId(2),))
    session.retained = RetentionDone(went=[gone], announced=[going])
    async with opened(session, size=(100, 30)) as diary:
        await diary.sees("1 deleted entry went for good")
        await diary.until(lambda: "3 entries go for good, the first of them on 27 Nov 2026" in diary.flat())


async def test_a_version_shows_what_it_changed_its_whole_words_and_comes_back() -> None:
    session = sample_session()
    entry = entry_titled(session, "Rain on the allotment")
    session.edit(entry.id, EntryChanges(text=entry.text.replace("Hands numb", "Hands cold")))
    async with opened(session) as diary:
        await diary.sees("Hands cold")
        await diary.press("h")
        await diary.until(lambda: "[-numb,-][+cold,+]" in diary.flat())
        await diary.press("w")
        await diary.until(lambda: "[-numb,-]" not in diary.text() and "Hands cold" in diary.flat())
        await diary.press("w", "down")
        await diary.sees("version 1, replaced since")
        await diary.until(lambda: "Hands numb" in diary.flat())
        await diary.press("b")
        await diary.sees("As in version 1 again")
        await diary.until(lambda: "[-cold,-][+numb,+]" in diary.flat())
        assert [version.text for version in session.kept[entry.id]][0::2] == [entry.text, entry.text]
