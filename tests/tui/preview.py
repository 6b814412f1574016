"""Looks at the screen with the sample diary: `python -m tests.tui.preview`; for a picture of it, add
`OUT.svg journal 100 30`.

The passphrase is `open sesame`. Nothing is kept.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

import pytest  # noqa: F401 -- the fake diary refuses to run outside tests, and this is one, by eye

from diary.errors import WrongPassphrase
from diary.tui.app import DiaryApp
from diary.tui.context import ScreenContext
from diary.tui.ports import Notebook
from diary.tui.run import run_screen
from tests.fakes.session import NOW
from tests.tui.sample import sample_session

KEY_SECONDS = 0.0 if len(sys.argv) > 1 else 0.8
CONTEXT = ScreenContext(vault="journal", seal="sealed: no network", now=lambda: NOW)


def unlock(passphrase: str) -> Notebook:
    time.sleep(KEY_SECONDS)
    if passphrase != "open sesame":
        raise WrongPassphrase(
            "That passphrase does not open this diary.",
            hint="Nothing was changed. Try again, or use a recovery code.",
        )
    return sample_session()


STEPS = {
    "unlock": [],
    "refused": [*"wrong", "enter"],
    "journal": ["down", "down"],
    "reader": ["down", "down", "enter"],
    "history": ["down", "s", "h"],
    "editor": ["n", *"Soup came out well. Half of it is gone already."],
    "leave": ["n", *"Soup came out well.", "escape"],
    "delete": ["d"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
    "ask": ["a", *"what is wrong with my knee since October?", "enter"],
    "card": ["a", *"what is wrong with my knee since October?", "enter", "_", "down", "down"],
    "quote": ["a", *"what is wrong with my knee since October?", "enter", "_", "down", "enter"],
    "abstained": ["a", *"have I ever been to Norway?", "enter"],
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
    if len(sys.argv) > 1:
        asyncio.run(_picture(Path(sys.argv[1]), sys.argv[2], (int(sys.argv[3]), int(sys.argv[4]))))
    else:
        sys.exit(run_screen(unlock, lambda: None, CONTEXT))
