"""Drives the screen in tests: opens it, types into it, waits on what can be seen, reads what is shown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import monotonic

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from diary.errors import WrongPassphrase
from diary.model.progress import Report
from diary.tui.app import DiaryApp
from diary.tui.context import Outcome, ScreenContext
from diary.tui.screens.journal import JournalScreen
from tests.fakes.session import NOW, FakeSession
from tests.waiting import PATIENCE

_HOPS = 2
"""A key goes from the app to what has the focus, and what that opens is there after one more."""
PASSPHRASE = "open sesame"
CONTEXT = ScreenContext(vault="journal", seal="sealed: no network", now=lambda: NOW)
_NAMED = {" ": "space", ".": "full_stop", "?": "question_mark", ",": "comma", "/": "slash", "'": "apostrophe"}


@dataclass
class Opened:
    """A running app under a pilot, with its fake session."""

    app: DiaryApp
    pilot: Pilot[Outcome]
    session: FakeSession

    @property
    def screen(self) -> Screen[object]:
        return self.app.screen

    async def press(self, *keys: str) -> None:
        """Named keys, each handled before the next; the pilot's own way sleeps twice after each."""
        for key in keys:
            self._post(key, key if len(key) == 1 else {"space": " "}.get(key))
            for _ in range(_HOPS):
                await self.pilot.pause(0)
            await self.pilot.pause(0.02)
            self.text()  # what the key led to can be drawn

    async def type(self, words: str) -> None:
        """All letters at once, as a fast typist's terminal sends them."""
        for letter in words:
            self._post(_NAMED.get(letter, letter), letter)
        await self.pilot.pause(0.02)

    def _post(self, key: str, character: str | None) -> None:
        event = events.Key(key, character)
        event.set_sender(self.app)
        self.app.post_message(event)

    async def until(self, predicate: Callable[[], object], what: str = "the awaited state") -> None:
        deadline = monotonic() + PATIENCE
        while not predicate():
            assert monotonic() < deadline, f"{what} never came; the screen shows:\n{self.text()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause(0)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text(), repr(words))

    def text(self) -> str:
        """Everything that is shown, as lines of characters."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def flat(self) -> str:
        """The same in one line, for words that were wrapped."""
        return " ".join(self.text().replace("▎", " ").split())


def unlock_with(session: FakeSession) -> Callable[[str, Report], FakeSession]:
    """The bootstrap's `unlock`, for one passphrase."""

    def unlock(passphrase: str, report: Report) -> FakeSession:
        for progress in session.progress_of_opening:
            report(progress)
        session._called("unlock")
        if passphrase != PASSPHRASE:
            raise WrongPassphrase(
                "That passphrase does not open this diary.", hint="Nothing was changed. Try again."
            )
        return session

    return unlock


@asynccontextmanager
async def locked(
    session: FakeSession, *, size: tuple[int, int] = (80, 24), **facts: object
) -> AsyncIterator[Opened]:
    """The app before the passphrase."""
    context = replace(CONTEXT, **facts)  # type: ignore[arg-type]  # a test names fields of ScreenContext
    app = DiaryApp(unlock_with(session), lambda: None, context)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause(0)
        yield Opened(app, pilot, session)
        app._exit = True  # as when a person leaves: what comes late meets no widgets, and that is no mistake


@asynccontextmanager
async def opened(
    session: FakeSession, *, size: tuple[int, int] = (80, 24), **facts: object
) -> AsyncIterator[Opened]:
    """The app in the journal, its first page shown."""
    async with locked(session, size=size, **facts) as diary:
        diary.screen.query_one(Input).value = PASSPHRASE
        await diary.press("enter")
        await diary.until(
            lambda: (
                {"drafts", "entries"} <= set(session.calls)
                and any(isinstance(screen, JournalScreen) for screen in diary.app.screen_stack)
                and "indexing" not in diary.text()
            )
        )
        yield diary


async def stop_at_the_gate(diary: Opened, gate: threading.Event, *, late: str) -> None:
    """Stop the look through the notes that waits at `gate`; what it finds `late` is never shown."""
    await diary.sees("Looking through your notes… Esc stops.")
    await diary.press("escape")
    await diary.sees("Stopped.")
    gate.set()
    await diary.pilot.pause(0.1)
    assert late not in diary.text()
