"""A clinic's emergency access is told on the screen, and stands there until it is answered."""

from __future__ import annotations

from diary.errors import StorageFailed
from diary.tui.dialogs.emergency import EmergencyDialog
from tests.tui.driving import opened
from tests.tui.sample import sample_session

NOTICES = (
    "EMERGENCY ACCESS: this diary was opened once with a clinic's emergency key",
    "21 November 2026, 14:05, with the key that begins with 8520f0098930a754: “[b]Unconscious[/b].”",
)


async def test_a_use_stands_on_the_screen_until_it_is_answered_and_then_it_was_told() -> None:
    session = sample_session()
    session.notices = NOTICES
    async with opened(session) as diary:
        await diary.sees("this diary was opened once")
        assert "“[b]Unconscious[/b].”" in diary.flat()
        await diary.press("escape", "q", "n")
        assert isinstance(diary.screen, EmergencyDialog) and "emergencies_told" not in session.calls
        await diary.press("enter")
        await diary.until(lambda: "emergencies_told" in session.calls)
        await diary.until(lambda: not isinstance(diary.screen, EmergencyDialog))


async def test_without_one_nothing_stands_in_the_way() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await diary.until(lambda: "emergency_notices" in session.calls)
        await diary.press("n")
        assert not isinstance(diary.screen, EmergencyDialog)
        assert "emergencies_told" not in session.calls


async def test_that_it_was_told_cannot_be_kept_is_a_sentence() -> None:
    session = sample_session()
    session.notices = NOTICES
    session.broken["emergencies_told"] = StorageFailed("The disk refused.")
    async with opened(session) as diary:
        await diary.sees("this diary was opened once")
        await diary.press("enter")
        await diary.sees("The disk refused.")
