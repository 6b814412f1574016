"""The keys in the last line: made anew when they are others, and only then."""

from __future__ import annotations

import pytest
from textual.widgets import Footer

from diary.tui.screens.journal import JournalScreen
from tests.tui.driving import opened
from tests.tui.sample import sample_session


async def test_keys_that_are_the_same_stay_and_others_take_their_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("Help")
        footer = diary.screen.query_one(Footer)
        before = list(footer.children)
        assert len(before) > 3
        diary.screen.refresh_bindings()
        for _ in range(3):
            await diary.pilot.pause()
        assert list(footer.children) == before
        monkeypatch.setattr(JournalScreen, "check_action", lambda *_: None)
        diary.screen.refresh_bindings()
        await diary.until(lambda: any(key.has_class("-disabled") for key in footer.children))
        assert not set(footer.children) & set(before)
