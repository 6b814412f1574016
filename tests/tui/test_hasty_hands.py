"""Keys in any order and at any speed: the screen never crashes and never loses what is kept."""

from __future__ import annotations

import random

import pytest

from diary.tui.context import Outcome
from tests.fakes.voice import said
from tests.tui.driving import opened
from tests.tui.sample import sample_session

# Every key that does something somewhere, but those that leave or delete for good.
KEYS = [
    *[
        "n",
        "slash",
        "a",
        "r",
        "p",
        "e",
        "s",
        "h",
        "u",
        "enter",
        "escape",
        "down",
        "up",
        "tab",
        "shift+tab",
        "end",
        "home",
    ],
    *[
        "pagedown",
        "question_mark",
        "f1",
        "f2",
        "ctrl+p",
        "ctrl+s",
        "ctrl+n",
        "ctrl+r",
        "ctrl+f",
        "ctrl+o",
        "left",
        "right",
        "w",
        "k",
        "x",
        "space",
        "backspace",
        "v",
        "t",
        "c",
        "g",
        "m",
        "ctrl+t",
        "ctrl+g",
    ],
]


@pytest.mark.parametrize("key", ["e", "slash", "a", "enter", "ctrl+p"])
async def test_quitting_while_another_screen_is_opening_is_no_mistake(key: str) -> None:
    async with opened(sample_session()) as diary:
        diary._post(key, key if len(key) == 1 else None)
        diary._post("ctrl+q", None)
        await diary.until(lambda: diary.app.return_value is Outcome.QUIT)
    assert diary.app.return_code == 0


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 60), *(pytest.param(seed, 200, marks=pytest.mark.slow) for seed in range(1, 12))],
)
async def test_keys_in_any_order_crash_nothing_and_delete_nothing(seed: int, count: int) -> None:
    choose = random.Random(seed)
    session = sample_session()
    session.voice.leave_unfinished(said(0.0, "I woke at five."), seconds=20.0)
    before = set(session.kept)
    async with opened(session) as diary:
        for _ in range(count):
            key = choose.choice(KEYS)
            diary._post(key, key if len(key) == 1 else {"space": " ", "slash": "/"}.get(key))
            if choose.random() < 0.5:
                await diary.pilot.pause(choose.choice([0, 0.01, 0.03]))
            assert diary.app._exception is None
            if diary.app.return_value is not None:
                break  # found "Quit" or "Lock" in the palette
        await diary.pilot.pause(0)
    assert diary.app.return_code in (None, 0)
    assert before <= set(session.kept)
