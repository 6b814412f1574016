"""When the diary locks or ends by itself; no clock is waited for. By signals: tests/end_to_end/test_lock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input

from diary.errors import DiskFull
from diary.tui.context import Outcome
from diary.tui.presence import Clocks, Presence
from diary.tui.screens.editor import EditorScreen
from tests.fakes.session import NOW
from tests.tui.driving import Opened, locked, opened
from tests.tui.sample import sample_session
from tests.tui.test_writing import begin, drafted


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.tui.app.LOOK_EVERY", 0.02)


@dataclass
class Machine:
    """One whose time passes when told."""

    awake: float = 0.0
    asleep: float = 0.0

    @property
    def clocks(self) -> Clocks:
        return Clocks(since_boot=lambda: self.awake + self.asleep, awake=lambda: self.awake)


async def looks(diary: Opened) -> None:
    await diary.pilot.pause(0.1)


async def test_an_idle_diary_locks_and_keeps_the_words() -> None:
    session, machine = sample_session(), Machine()
    async with opened(session, clocks=machine.clocks, lock_after=timedelta(seconds=60)) as diary:
        await begin(diary)
        await diary.type("Called away")
        machine.awake += 59
        await looks(diary)
        assert diary.app.return_value is None
        machine.awake += 1
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
    assert drafted(session) == ["Called away"]


async def test_only_hands_count_not_what_the_diary_draws_by_itself() -> None:
    machine = Machine()
    async with opened(sample_session(), clocks=machine.clocks, lock_after=timedelta(seconds=60)) as diary:
        for _ in range(3):
            machine.awake += 59
            await diary.press("j")
        await looks(diary)
        assert diary.app.return_value is None
        machine.awake += 59
        diary.app.refresh(layout=True)
        diary.app.notify("Something was indexed.")
        diary.app.words_changed()
        await looks(diary)
        machine.awake += 1
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)


async def test_setting_the_wall_clock_back_does_not_put_the_lock_off() -> None:
    machine, wall = Machine(), [NOW]
    limit = timedelta(seconds=60)
    async with opened(
        sample_session(), clocks=machine.clocks, now=lambda: wall[0], lock_after=limit
    ) as diary:
        wall[0] -= timedelta(days=1)
        machine.awake += 60
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)


async def test_a_machine_that_slept_finds_a_locked_diary_and_its_words_kept() -> None:
    session, machine = sample_session(), Machine()
    async with opened(session, clocks=machine.clocks) as diary:
        await begin(diary)
        await diary.type("Lid")
        machine.asleep += 3
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
    assert drafted(session) == ["Lid"]


async def test_the_first_key_after_a_sleep_does_nothing_but_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.tui.app.LOOK_EVERY", 3600.0)
    session, machine = sample_session(), Machine()
    async with opened(session, clocks=machine.clocks) as diary:
        machine.asleep += 3
        await diary.press("n")
        assert diary.app.return_value is Outcome.LOCK
        assert not any(isinstance(screen, EditorScreen) for screen in diary.app.screen_stack)


async def test_nothing_is_drawn_anew_after_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever wants to be drawn, before anything looked at the clocks."""
    monkeypatch.setattr("diary.tui.app.LOOK_EVERY", 3600.0)
    machine, drawn = Machine(), list[object]()
    real = App._display

    def display(app: App[object], screen: Screen[object], what: RenderableType | None) -> None:
        drawn.append(what)
        real(app, screen, what)

    monkeypatch.setattr(App, "_display", display)
    async with opened(sample_session(), clocks=machine.clocks) as diary:
        diary.app.refresh(layout=True)
        await diary.until(lambda: bool(drawn))
        machine.asleep += 3
        drawn.clear()
        diary.app.refresh(layout=True)
        diary.app.notify("Something was indexed.")
        await looks(diary)
        assert drawn == []
        await diary.press("n")
    assert (drawn, diary.app.return_value) == ([], Outcome.LOCK)


async def test_a_passphrase_half_typed_does_not_outlast_a_sleep() -> None:
    machine = Machine()
    async with locked(sample_session(), clocks=machine.clocks) as diary:
        await diary.type("open ses")
        assert diary.screen.query_one(Input).value
        machine.asleep += 3
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)


async def test_words_that_cannot_be_kept_hold_the_lock_off_and_are_shown_again() -> None:
    session, machine = sample_session(), Machine()
    session.broken["save_draft"] = DiskFull("The disk is full.")
    async with opened(session, clocks=machine.clocks) as diary:
        await begin(diary)
        await diary.type("Lid")
        machine.asleep += 3
        await diary.sees("The diary stays open with your words.")
        assert diary.app.return_value is None and not diary.app.presence.slept


async def test_nothing_keeps_a_diary_open_that_has_no_terminal() -> None:
    session = sample_session()
    session.broken["save_draft"] = DiskFull("The disk is full.")
    async with opened(session) as diary:
        await begin(diary)
        await diary.type("Lid")
        diary.app.hung_up()
        assert diary.app.return_value is Outcome.QUIT


def test_it_goes_by_clocks_that_nobody_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()
    monkeypatch.setattr(time, "clock_gettime", lambda which: asked.append(which) or 7.0)
    clocks = Clocks()
    assert (clocks.since_boot(), clocks.awake()) == (7.0, 7.0)
    assert asked == [time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC]


async def test_a_diary_that_was_stopped_all_the_same_is_locked_when_it_goes_on() -> None:
    async with opened(sample_session()) as diary:
        diary.app.gone_on()
        assert diary.app.return_value is Outcome.LOCK


def test_a_processor_that_is_taken_away_is_no_sleep() -> None:
    """The two clocks are read one after the other, and anything may come between."""
    time = [0.0]

    def busy() -> float:
        time[0] += 5
        return time[0]

    presence = Presence(Clocks(since_boot=lambda: time[0], awake=busy))
    for _ in range(3):
        time[0] += 10
        assert not presence.slept
