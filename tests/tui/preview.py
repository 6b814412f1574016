"""Looks at the screen with the sample diary: `python -m tests.tui.preview`; for a picture of it, add
`OUT.svg journal 100 30`.

The passphrase is `open sesame`. Nothing is kept. `--unfinished` offers a recording when it opens; somebody
talks whenever it records.
"""

from __future__ import annotations

import asyncio
import atexit
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest  # noqa: F401 -- the fake diary refuses to run outside tests, and this is one, by eye

from diary.errors import WrongPassphrase
from diary.model.entry import EntryId
from diary.model.progress import Cancelled, Report
from diary.model.recording import Meter, Phase, SpoolId
from diary.model.speech import Segment
from diary.tui.app import DiaryApp
from diary.tui.context import ScreenContext
from diary.tui.ports import Notebook
from diary.tui.run import run_screen
from tests.fakes.session import NOW, FakeSession
from tests.fakes.voice import FakeRecording, FakeVoice, said
from tests.tui.sample import sample_session
from tests.tui.test_transcript import about_medicines, about_sleep, recorded
from tests.unit.attached.samples import png

KEY_SECONDS = 0.0 if len(sys.argv) > 2 else 0.8
EXCHANGE = Path(tempfile.mkdtemp(prefix="diary-preview-"))
CONTEXT = ScreenContext(vault="journal", seal="sealed: no network", now=lambda: NOW, exchange=EXCHANGE)


UNFINISHED = "--unfinished"
TALK = (
    "Woke at five and could not get back to sleep.",
    "I took my topiramade at eight, with toast.",
    "Then I walked as far as the canal, and the knee held.",
    "Slept six hours forty in all.",
)


class TalkingVoice(FakeVoice):
    """Somebody talks to it as soon as it records."""

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> FakeRecording:
        running = super().record(meter=meter, heard=heard, microphone=microphone)
        threading.Thread(target=self._talk, args=(running,), daemon=True).start()
        return running

    def _talk(self, running: FakeRecording) -> None:
        time.sleep(0.4)
        seconds = 0.0
        said_so_far = 0
        while not running.stopped:
            time.sleep(0.2)
            if running.standing.phase is Phase.PAUSED:
                continue
            seconds += 0.2
            loud = -14.0 - 20 * abs((seconds * 0.7) % 2 - 1)
            running.measures(phase=Phase.RECORDING, seconds=seconds, peak=loud, heard=seconds % 4 < 3)
            if seconds > (said_so_far + 1) * 4 and said_so_far < len(TALK):
                running.hears(said(said_so_far * 4, TALK[said_so_far], doubted=["topiramade"]))
                said_so_far += 1

    def play(
        self,
        sound: SpoolId | EntryId,
        *,
        start: float,
        position: Callable[[float], None],
        cancelled: Cancelled,
    ) -> None:
        began = time.monotonic()
        while not cancelled() and start + time.monotonic() - began < 60:
            position(start + time.monotonic() - began)
            time.sleep(0.05)


def put_files(session: FakeSession) -> None:
    """Files with what the physio said, and some to be attached; gone at the end."""
    atexit.register(shutil.rmtree, EXCHANGE, ignore_errors=True)
    files = {
        "knee, from the side.png": png(640, 480),
        "pain in October and November.csv": b"day,pain\n" + b"2026-10-09,6\n" * 300,
        "letter to the insurance, a draft that was never sent to anybody.txt": "Größe\n".encode("cp1252"),
        "exercises.pdf": b"%PDF-1.7\n" + bytes(1_400_000),
    }
    for name, content in files.items():
        (EXCHANGE / name).write_bytes(content)
    (physio,) = (one.id for one in session.entries() if one.title == "What the physio said")
    session.attachments.add(physio, [EXCHANGE / name for name in files])


def unlock(passphrase: str, _report: Report) -> Notebook:
    time.sleep(KEY_SECONDS)
    if passphrase != "open sesame":
        raise WrongPassphrase(
            "That passphrase does not open this diary.",
            hint="Nothing was changed. Try again, or use a recovery code.",
        )
    session = sample_session()
    put_files(session)
    session.voice = TalkingVoice(session.voice.add, session.voice.newest, session.voice.revise)
    session.voice.asked, session.voice.told = about_medicines, about_sleep
    if UNFINISHED in sys.argv:
        recorded(session)
    return session


STEPS = {
    "unlock": [],
    "refused": [*"wrong", "enter"],
    "journal": ["down", "down"],
    "reader": ["down", "down", "enter"],
    "history": ["down", "s", "h"],
    "changes": ["down", "e", *"Then ", "ctrl+s", "_", "h", "_"],
    "editor": ["n", *"Soup came out well. Half of it is gone already."],
    "leave": ["n", *"Soup came out well.", "escape"],
    "delete": ["d"],
    "undo": ["d", "y"],
    "deleted": ["d", "y", "_", "down", "d", "y", "_", "d", "y", "_", "x"],
    "erase": ["d", "y", "_", "x", "d"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
    "ask": ["a", *"what is wrong with my knee since October?", "enter"],
    "card": ["a", *"what is wrong with my knee since October?", "enter", "_", "down", "down"],
    "quote": ["a", *"what is wrong with my knee since October?", "enter", "_", "down", "enter"],
    "abstained": ["a", *"have I ever been to Norway?", "enter"],
    "files": ["down", "down", "f"],
    "viewed": ["down", "down", "f", "_", "down", "v"],
    "find": ["slash", *"knee", "_"],
    "light": ["f2"],
}  # fmt: skip


async def _picture(path: Path, name: str, size: tuple[int, int]) -> None:
    app = DiaryApp(unlock, lambda: None, CONTEXT)
    async with app.run_test(size=size) as pilot:
        opened = [] if name in ("unlock", "refused") else [*"open sesame", "enter"]
        for keys in (opened, STEPS[name]):
            for key in keys:
                if key == "_":
                    await pilot.pause(0.3)
                else:
                    await pilot.press({" ": "space", ".": "full_stop", "?": "question_mark"}.get(key, key))
            await pilot.pause(0.4)
        await pilot.pause(0.8 if name == "editor" else 0.2)
        picture = app.export_screenshot(title="diary")
        # Rich names a font by its web address; a picture of this program fetches nothing.
        path.write_text(re.sub(r"@font-face \{.*?\}\n?", "", picture, flags=re.DOTALL))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        asyncio.run(_picture(Path(sys.argv[1]), sys.argv[2], (int(sys.argv[3]), int(sys.argv[4]))))
    else:
        sys.exit(run_screen(unlock, lambda: None, CONTEXT))
