"""Where the seal is shown: whole, missing, and beside what it does not reach."""

from __future__ import annotations

from textual.color import Color

from diary.tui.widgets.status_line import StatusLine
from tests.fakes.session import FakeSession
from tests.tui.driving import locked, opened
from tests.tui.test_look import text_pairs, too_faint

UNSEALED = {"sealed": False, "seal": "not sealed: this system has no wall", "notes": ["Accepted, and told."]}


async def test_a_missing_seal_is_a_warning_everywhere() -> None:
    async with opened(FakeSession(), **UNSEALED) as diary:
        await diary.sees("! not sealed: this system has no wall")
        line = diary.screen.query_one(StatusLine)
        assert line.styles.background == Color.parse(diary.app.theme_variables["warning"])
        for theme in ("evening", "daylight"):
            diary.app.theme = theme
            await diary.pilot.pause()
            assert not too_faint(text_pairs(diary.app)), theme


async def test_the_first_screen_says_what_is_missing_of_the_seal_and_the_help_says_it_again() -> None:
    async with locked(FakeSession(), **UNSEALED) as diary:
        await diary.sees("! not sealed: this system has no wall")
        await diary.sees("· Accepted, and told.")
    async with opened(FakeSession(), **UNSEALED) as diary:
        await diary.press("question_mark", "end")
        await diary.sees("Seal  Accepted, and told.")


async def test_what_the_seal_does_not_reach_stands_beside_it_while_there_is_room() -> None:
    async with opened(FakeSession(), caveats=["as root", "in a container"]) as diary:
        await diary.sees("● sealed: no network · 0 entries · as root · in a container")
    async with opened(FakeSession(), size=(50, 24), caveats=["as root", "in a container"]) as diary:
        await diary.sees("● sealed: no network · 0 entries · as root")
        assert "container" not in diary.text()


async def test_many_notes_leave_the_passphrase_in_view() -> None:
    async with locked(FakeSession(), notes=["A sentence that is rather long, " * 4] * 9) as diary:
        await diary.sees("Passphrase")
        assert diary.screen.max_scroll_y == 0
