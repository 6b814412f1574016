"""Leaving a screen: once, whatever is on top of it, and never another one in its place."""

from __future__ import annotations

import threading

import pytest

from diary.errors import DiskFull
from diary.tui.context import Outcome
from diary.tui.dialogs.choice import ChoiceDialog
from diary.tui.dialogs.help import HelpDialog
from diary.tui.drafting import decode
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.unlock import UnlockScreen
from diary.tui.widgets.lists import Palette
from tests.fakes.session import FakeSession
from tests.tui.driving import PASSPHRASE, Opened, locked, opened
from tests.tui.sample import sample_session


async def write(diary: Opened, words: str) -> EditorScreen:
    await diary.press("n")
    await diary.until(lambda: isinstance(diary.screen, EditorScreen))
    await diary.type(words)
    editor = diary.screen
    assert isinstance(editor, EditorScreen)
    return editor


@pytest.mark.parametrize("answer", ["s", "k", "t", "enter"])
async def test_an_answer_given_twice_at_once_answers_one_question(answer: str) -> None:
    """The second key must not take away the screen under the question."""
    session = sample_session()
    async with opened(session) as diary:
        await write(diary, "Rain all day")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, ChoiceDialog))
        for _ in range(2):
            diary._post(answer, answer if len(answer) == 1 else None)
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.pilot.pause(0.05)
        assert diary.app._exception is None
        assert [type(screen) for screen in diary.app.screen_stack[1:]] == [JournalScreen]
        written = [version.text for versions in session.kept.values() for version in versions]
        assert ("Rain all day" in written) is (answer == "s")


@pytest.mark.parametrize(("key", "dialog"), [("f1", HelpDialog), ("ctrl+p", Palette)])
async def test_an_entry_that_is_saved_behind_a_dialog_leaves_no_dead_editor(key: str, dialog: type) -> None:
    session = sample_session()
    async with opened(session) as diary:
        await write(diary, "Rain all day")
        gate = session.gates["write"] = threading.Event()
        await diary.press("ctrl+s", key)
        await diary.until(lambda: isinstance(diary.screen, dialog))
        gate.set()
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert [type(screen) for screen in diary.app.screen_stack[1:]] == [JournalScreen]
        await diary.sees("Rain all day")


async def opening(diary: Opened, session: FakeSession) -> threading.Event:
    gate = session.gates["unlock"] = threading.Event()
    await diary.type(PASSPHRASE)
    await diary.press("enter")
    await diary.sees("Opening…")
    return gate


async def test_a_lock_asked_for_while_the_diary_opens_is_not_lost() -> None:
    session = sample_session()
    async with locked(session) as diary:
        gate = await opening(diary, session)
        await diary.press("ctrl+l")
        assert diary.app.return_value is Outcome.LOCK
        gate.set()


async def test_a_lock_asked_for_in_one_breath_with_the_passphrase_is_not_lost() -> None:
    async with locked(sample_session()) as diary:
        diary.screen.query_one("Input").value = PASSPHRASE  # type: ignore[attr-defined]
        diary._post("enter", None)
        diary._post("ctrl+l", None)
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
        assert isinstance(diary.screen, UnlockScreen)


async def test_a_draft_that_cannot_be_thrown_away_is_told_and_what_is_typed_then_is_kept() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await write(diary, "Rain all day")
        session.broken["discard_draft"] = DiskFull("The disk is full.", hint="Free some space.")
        await diary.press("escape", "t")
        await diary.sees("The disk is full.")
        await diary.type(", and night")
        await diary.until(
            lambda: any("and night" in decode(draft.text).text for draft in session.slots.values())
        )
