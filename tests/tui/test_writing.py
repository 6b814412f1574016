from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from textual import events
from textual.widgets import Input, TextArea

from diary.errors import DiskFull
from diary.model.entry import Draft
from diary.tui.context import Outcome
from diary.tui.dialogs.choice import ChoiceDialog
from diary.tui.dialogs.drafts import DraftsDialog
from diary.tui.drafting import Page, decode, encode
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import JournalScreen
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import Opened, opened
from tests.tui.sample import entry_titled, sample_session


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause of typing is over sooner, so that the tests are; what happens then is the same."""
    monkeypatch.setattr("diary.tui.screens.drafted.PAUSE", 0.25)


async def begin(diary: Opened) -> None:
    await diary.press("n")
    await diary.until(lambda: isinstance(diary.screen, EditorScreen))


def drafted(session: FakeSession) -> list[str]:
    return [decode(draft.text).text for draft in session.slots.values()]


async def test_what_is_typed_becomes_an_entry_and_the_journal_shows_it() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Soup came out well.")
        await diary.press("shift+tab", "shift+tab", "shift+tab")
        await diary.type("Soup")
        await diary.press("tab")
        await diary.type("food, home")
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees("21:40    Soup")
        await diary.until(lambda: "#food" in diary.text() and "#home" in diary.text())
        entry = entry_titled(session, "Soup")
        assert (entry.text, entry.tags, entry.happened) == ("Soup came out well.", ("food", "home"), NOW)
        assert session.slots == {}, "the draft is gone once the entry is saved"
        await diary.until(lambda: (entry.id, 1) in session.indexed, "the new entry in the index")


async def test_keys_typed_ahead_of_the_editor_are_not_lost() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Rain on the allotment")
        await diary.type("nquick words")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.until(lambda: diary.screen.query_one(TextArea).text == "quick words")


async def test_the_words_have_the_focus_first() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.pilot.pause(0.2)
        focused = diary.screen.focused
        assert focused is not None and focused.id == "words"


async def test_a_pause_of_typing_keeps_a_draft_without_being_asked() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Only half a")
        assert drafted(session) == []
        await diary.until(lambda: drafted(session) == ["Only half a"])
        await diary.sees("draft kept 21:40")
        await diary.type(" thought")
        await diary.until(lambda: drafted(session) == ["Only half a thought"])
        assert len(session.slots) == 1 and len(session.kept) == 20


async def test_leaving_a_field_keeps_a_draft_at_once() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Only half")
        await diary.press("shift+tab")
        await diary.until(lambda: drafted(session) == ["Only half"])


async def test_typing_goes_on_while_a_draft_is_being_written() -> None:
    session = sample_session()
    gate = session.gates["save_draft"] = threading.Event()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("one")
        await diary.until(lambda: "save_draft" in session.calls)
        await diary.type(" two")
        assert diary.screen.query_one(TextArea).text == "one two"
        gate.set()
        await diary.until(lambda: drafted(session) == ["one two"])


async def test_a_draft_that_cannot_be_kept_is_told() -> None:
    session = sample_session()
    session.broken["save_draft"] = DiskFull("The disk is full; the words are still in the editor.")
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("words")
        await diary.sees("! draft not kept")
        await diary.sees("The disk is full;")


async def test_after_a_kill_the_unsaved_words_are_offered_and_continue_in_the_same_draft() -> None:
    session = sample_session()
    page = Page(text="Half a thought", title="Soup", tags="food")
    session.slots["new-1"] = Draft(slot="new-1", text=encode(page), saved=NOW - timedelta(minutes=5))
    async with opened(session) as diary:
        await diary.sees("Unsaved words from 21:35 \N{EN DASH} continue?")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.until(lambda: diary.screen.query_one(TextArea).text == "Half a thought")
        assert diary.screen.query_one("#title", Input).value == "Soup"
        await diary.type(" more")
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert entry_titled(session, "Soup").text == "Half a thought more"
        assert session.slots == {}


async def test_unsaved_words_left_for_later_stay_and_can_be_thrown_away_after_asking() -> None:
    session = sample_session()
    session.slots["new-1"] = Draft(slot="new-1", text=encode(Page(text="Half")), saved=NOW)
    async with opened(session) as diary:
        await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert drafted(session) == ["Half"]
        await diary.press("u")
        await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
        await diary.press("d")
        await diary.sees("Throw these unsaved words away?")
        await diary.press("y")
        await diary.until(lambda: session.slots == {})


async def test_editing_starts_from_the_entry_and_saves_a_new_version() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.sees("Edit · Friday 20 November 2026, 18:05")
        await diary.type(" And rye bread.")
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        entry = entry_titled(session, "Rain on the allotment")
        assert entry.text.endswith("steps:: 9400 And rye bread.") and entry.revision == 2
        assert entry.tags == ("garden",)


async def test_an_edit_that_was_interrupted_goes_on_with_its_draft() -> None:
    session = sample_session()
    entry = entry_titled(session, "Rain on the allotment")
    page = Page(text="Rewritten by half", title=entry.title or "", tags="garden")
    async with opened(session) as diary:
        await diary.sees("Rain on the allotment")
        slot = f"entry-{entry.id}"
        session.slots[slot] = Draft(slot=slot, text=encode(page), saved=NOW, entry=entry.id)
        await diary.press("e")
        await diary.sees("Rewritten by half")
        await diary.sees("unsaved words from 21:40")


async def test_a_draft_whose_entry_was_deleted_becomes_a_new_entry() -> None:
    session = sample_session()
    session.slots["entry-99"] = Draft(
        slot="entry-99", text=encode(Page(text="Orphan")), saved=NOW, entry=entry_titled(session, "Sunday").id
    )
    del session.kept[entry_titled(session, "Sunday").id]
    async with opened(session) as diary:
        await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
        await diary.press("enter")
        await diary.sees("New entry")
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert any(versions[-1].text == "Orphan" for versions in session.kept.values())


async def test_escape_asks_nothing_when_nothing_changed() -> None:
    session = sample_session()
    async with opened(session) as diary:
        for key in ("n", "e"):
            await diary.press(key)
            await diary.until(lambda: isinstance(diary.screen, EditorScreen))
            await diary.until(lambda: not diary.screen.query_one("#sheet").disabled)
            await diary.press("escape")
            await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert session.slots == {} and "edit" not in session.calls


async def test_escape_with_changes_asks_and_keeps_them_by_default() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Half")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, ChoiceDialog))
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert drafted(session) == ["Half"] and len(session.kept) == 20


async def test_keeping_for_later_does_not_leave_when_the_disk_refuses() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Half")
        session.broken["save_draft"] = DiskFull("The disk is full.")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, ChoiceDialog))
        await diary.press("k")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.sees("! draft not kept")
        assert diary.screen.query_one(TextArea).text == "Half"


async def test_words_thrown_away_on_purpose_leave_no_draft() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Half")
        await diary.until(lambda: drafted(session) == ["Half"])
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, ChoiceDialog))
        await diary.press("t")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert session.slots == {}


async def test_a_refused_save_keeps_the_words_in_the_editor_and_in_the_draft() -> None:
    session = sample_session()
    session.broken["write"] = DiskFull("The disk is full; nothing was saved.")
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Words")
        await diary.press("ctrl+s")
        await diary.sees("The disk is full; nothing was saved.")
        assert diary.screen.query_one(TextArea).text == "Words"
        await diary.until(lambda: drafted(session) == ["Words"])


async def test_a_time_that_is_none_is_refused_and_one_that_is_is_used() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary)
        diary.screen.query_one("#at", Input).value = "blue"
        await diary.type("Words")
        await diary.press("ctrl+s")
        await diary.sees("“blue” is no time.")
        diary.screen.query_one("#at", Input).value = "yesterday"
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        newest = session.kept[max(session.kept)][-1]
        assert newest.happened == NOW - timedelta(days=1)


async def test_quitting_and_locking_keep_the_words_typed_in_the_last_instant() -> None:
    for key, outcome in (("ctrl+q", Outcome.QUIT), ("ctrl+l", Outcome.LOCK)):
        session = sample_session()
        async with opened(session) as diary:
            await begin(diary)
            await diary.type("Last words")
            await diary.press(key)
        assert drafted(session) == ["Last words"]
        assert diary.app.return_value is outcome


async def test_the_diary_stays_open_when_the_last_words_cannot_be_kept() -> None:
    session = sample_session()
    session.broken["save_draft"] = DiskFull("The disk is full.")
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Last words")
        await diary.press("ctrl+q")
        await diary.sees("The diary stays open with your words.")
        assert diary.app.is_running


async def test_pasted_escape_sequences_arrive_as_signs() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        diary.app.post_message(events.Paste("a\x1b]0;owned\x07b\r\nc\x9bd"))
        await diary.until(lambda: diary.screen.query_one(TextArea).text == "a␛]0;owned␇b\nc�d")


async def test_words_typed_in_one_breath_with_tab_go_into_the_next_field() -> None:
    async with opened(sample_session()) as diary:
        await begin(diary)
        await diary.press("shift+tab", "shift+tab", "shift+tab")
        for key in [*"Soup", "tab", *"food", "tab", *"now"]:
            diary._post(key, key if len(key) == 1 else None)
        fields = {name: diary.screen.query_one(f"#{name}", Input) for name in ("title", "tags", "at")}
        wanted = {"title": "Soup", "tags": "food", "at": "now"}
        await diary.until(lambda: {name: field.value for name, field in fields.items()} == wanted)
