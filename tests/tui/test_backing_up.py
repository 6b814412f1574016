"""Backups on the screen: a reminder that asks nothing, and one made in the background."""

from __future__ import annotations

import threading
from pathlib import Path

from diary.errors import StorageFailed
from diary.model.backup import BackupContents, BackupDue, BackupMade
from diary.model.progress import Progress
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import opened
from tests.tui.sample import sample_session

REMINDER = "last backup 21 days ago; b makes one"


def due_session(*findings: str) -> FakeSession:
    session = sample_session()
    session.backing_up.is_due = BackupDue(days=21, folder=True)
    contents = BackupContents(made=NOW, entries=3, newest=None, recordings=0, unsaved=0, size=1)
    session.backing_up.made = BackupMade(
        file=Path("/media/stick/diary-2026-11-20T2140.backup"),
        contents=contents,
        findings=findings,
        needs=(),
        notes=(),
        removed=(),
        written_seconds=1,
        verified_seconds=1,
    )
    return session


async def test_that_one_is_due_stands_in_the_status_line_until_it_is_made() -> None:
    session = due_session()
    async with opened(session) as diary:
        await diary.sees(REMINDER)
        await diary.press("b")
        await diary.sees("A backup was made and proved to restore")
        await diary.until(lambda: REMINDER not in diary.text())
        assert session.calls.count("backup") == 1


async def test_without_a_folder_in_the_settings_no_key_is_offered() -> None:
    session = due_session()
    session.backing_up.is_due = BackupDue(days=None, folder=False)
    async with opened(session) as diary:
        await diary.sees("no backup yet")
        assert "b makes one" not in diary.text()


async def test_how_far_it_is_is_shown_while_the_person_goes_on_and_asking_again_stops_it() -> None:
    session = due_session()
    session.backing_up.told = Progress("Copying (MB)", 40, 100)
    session.gates["backup"] = threading.Event()
    async with opened(session) as diary:
        await diary.sees(REMINDER)
        await diary.press("b")
        await diary.sees("backing up, 40 %")
        await diary.press("n")
        await diary.type("words meanwhile")
        await diary.sees("words meanwhile")
        await diary.press("ctrl+s")
        await diary.sees("backing up, 40 %")
        await diary.press("b")
        session.gates["backup"].set()
        await diary.sees("The backup was stopped")
        await diary.sees(REMINDER)


async def test_what_was_spoilt_and_what_failed_is_told() -> None:
    session = due_session("1 file was missing or spoilt in the diary already")
    async with opened(session) as diary:
        await diary.sees(REMINDER)
        await diary.press("b")
        await diary.sees("But: 1 file was missing")
        session.broken["backup"] = StorageFailed("There is no folder here.", hint="Is the stick plugged in?")
        await diary.press("b")
        await diary.sees("Is the stick plugged in?")
