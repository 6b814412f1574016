from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime

import pytest
from textual.widgets import Input

from diary.errors import VaultBusy, VaultDamaged, VaultMissing
from diary.model.audit import FailedAttempts
from diary.model.progress import Progress
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.widgets.status_line import Board, notice_words
from tests.tui.driving import PASSPHRASE, Opened, locked, opened
from tests.tui.sample import sample_session


async def test_the_right_passphrase_opens_the_journal() -> None:
    async with opened(sample_session()) as diary:
        assert isinstance(diary.screen, JournalScreen)
        await diary.sees("Rain on the allotment")


async def test_a_wrong_passphrase_is_said_plainly_and_the_field_is_cleared_and_focused() -> None:
    async with locked(sample_session()) as diary:
        await diary.type("wrong")
        await diary.press("enter")
        await diary.sees("That passphrase does not open this diary.")
        await diary.sees("Nothing was changed. Try again.")
        field = diary.screen.query_one(Input)
        assert field.value == "" and field.has_focus
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


async def test_the_passphrase_is_never_shown() -> None:
    async with locked(sample_session()) as diary:
        await diary.type("secret")
        await diary.sees("••••••")
        assert "secret" not in diary.text()


async def test_the_screen_says_it_is_busy_while_the_key_is_derived_and_takes_no_second_try() -> None:
    session = sample_session()
    gate = session.gates["unlock"] = threading.Event()
    async with locked(session) as diary:
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.sees("Opening…")
        await diary.press("enter")
        assert session.calls.count("unlock") == 1
        gate.set()
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


async def test_the_recovery_code_and_the_seal_are_mentioned() -> None:
    async with locked(sample_session()) as diary:
        await diary.sees("Your recovery code works here too.")
        await diary.sees("● sealed: no network")


async def test_nothing_typed_is_tried_only_when_a_key_file_was_named() -> None:
    session = sample_session()
    async with locked(session) as diary:
        await diary.press("enter")
        assert session.calls.count("unlock") == 0
    async with locked(session, key_file=True) as diary:
        await diary.sees("Press Enter for the key file")
        await diary.press("enter")
        await diary.until(lambda: session.calls.count("unlock") == 1)


@pytest.mark.parametrize(
    "error",
    [
        VaultMissing("There is no diary here yet.", hint="Make one with: diary init"),
        VaultBusy("Another diary has this vault open.", hint="Close it first."),
        VaultDamaged("The vault is damaged.", hint="Restore a backup: diary restore FILE"),
    ],
)
async def test_whatever_keeps_the_vault_closed_is_shown_with_its_hint(error: Exception) -> None:
    session = sample_session()
    session.broken["unlock"] = error
    async with locked(session) as diary:
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.sees(error.message)  # type: ignore[attr-defined]
        await diary.sees(error.hint)  # type: ignore[attr-defined]


async def test_quitting_while_the_key_is_derived_closes_the_diary_that_opens_too_late() -> None:
    session = sample_session()
    gate = session.gates["unlock"] = threading.Event()
    async with locked(session) as diary:
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.sees("Opening…")
        await diary.press("ctrl+q")
    gate.set()
    for _ in range(1000):
        if session.closed:
            break
        threading.Event().wait(0.005)
    assert session.closed


async def test_what_is_amiss_with_the_vault_is_shown_with_what_to_do_when_it_opens() -> None:
    told = "2 entries are (number 3, 4) not as last saved. Look closer with: diary doctor"
    session = sample_session()
    session.warnings = (told,)

    def shown() -> str:
        return " ".join(line.split("▌")[-1] for line in diary.text().splitlines() if "▌" in line)

    async with opened(session, size=(100, 30)) as diary:
        await diary.until(lambda: told in " ".join(shown().split()))
        assert isinstance(diary.screen, JournalScreen)


async def test_how_far_the_first_opening_of_an_old_vault_has_come_is_shown_and_nothing_waits() -> None:
    session = sample_session()
    session.progress_of_opening = (Progress("Making a list", 1, 4), Progress("Making a list", 3, 4))
    gate = session.gates["unlock"] = threading.Event()
    async with locked(session) as diary:
        await diary.type(PASSPHRASE)
        await diary.press("enter")
        await diary.until(lambda: "making a list, 75 %" in diary.flat())
        assert "may be stopped" in diary.flat()
        gate.set()
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


TRIED = FailedAttempts(3, datetime(2026, 5, 7, 22, 4).astimezone())
IN_THE_LINE = "● sealed: no network · 3 failed attempts to open it since 7 May 2026, 22:04"


def flat_words(diary: Opened) -> str:
    return " ".join(diary.text().replace("│", " ").split())


async def test_failed_attempts_are_told_in_the_status_line_until_the_person_goes_elsewhere() -> None:
    session = sample_session()
    session.warnings, session.tried = (TRIED.sentence,), TRIED
    async with opened(session, size=(80, 60)) as diary:
        await diary.sees(IN_THE_LINE)
        assert not diary.app._notifications
        await diary.press("question_mark")
        await diary.until(
            lambda: f"Told {TRIED.sentence}" in " ".join(diary.text().replace("│", " ").split())
        )
        await diary.press("escape")
        await diary.sees(IN_THE_LINE)  # nobody went anywhere
        await diary.press("n")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.until(lambda: "failed attempts" not in diary.text())
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees("● sealed: no network")
        assert "failed attempts" not in diary.text()
        await diary.press("question_mark")
        await diary.until(lambda: "failed attempts" in diary.text())


@pytest.mark.parametrize(
    ("room", "seal"),
    [(138, "● sealed: no network, files by allow-list"), (78, "● sealed"), (60, "●")],
)
def test_as_much_of_the_seal_as_there_is_room_for_stays_beside_what_is_told(room: int, seal: str) -> None:
    sealed = "sealed: no network, files by allow-list"
    board = Board(seal=sealed, sealed=True, vault="", notice=TRIED.in_a_line)
    told = "3 failed attempts to open it since 7 May 2026, 22:04"
    assert notice_words(board, room).plain == f"{seal} · {told}"
    unsealed = replace(board, sealed=False, seal="not sealed: this system has no wall")
    assert notice_words(unsealed, room).plain == f"! {unsealed.seal} · {told}"
