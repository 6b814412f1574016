"""Whatever the console is given to say, no sign of it steers the terminal, by whichever way it is said."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from diary.cli.output import Console
from diary.errors import DiaryError
from diary.model.progress import Progress
from tests.end_to_end.test_steering import HOSTILE, STEERS

OWN = "\r\x1b[K"
"""What the console itself says to a terminal: clear this line."""

WAYS: dict[str, Callable[[Console], None]] = {
    "said": lambda console: console.say(HOSTILE),
    "as it is laid out": lambda console: console.raw(HOSTILE),
    "an error": lambda console: console.error(DiaryError(HOSTILE)),
    "a hint": lambda console: console.error(DiaryError("No.", hint=HOSTILE)),
    "a note": lambda console: console.note(HOSTILE),
    "a warning": lambda console: console.warn([HOSTILE]),
    "a line that changes": lambda console: console.live(HOSTILE),
    "a question": lambda console: console.ask(HOSTILE),
    "progress": lambda console: console.progress(Progress(HOSTILE, 1, 3)),
    "progress without an end": lambda console: console.progress(Progress(HOSTILE, 1, None)),
    "a document": lambda console: console.document({HOSTILE: [HOSTILE]}),
    "a line of a batch": lambda console: console.line(HOSTILE),
}


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_is_said_steers_a_terminal(
    way: str, json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    console = Console(json=json)
    WAYS[way](console)
    told = "".join(capsys.readouterr()).replace(OWN, "")
    assert STEERS.search(told) is None
    if json is (way == "a document"):
        assert "kestrel" in told, "what was given was said"


@pytest.mark.parametrize(("terminal", "lines"), [(True, 4), (False, 2)])
def test_an_error_breaks_between_words_on_a_terminal_and_nowhere_else(
    terminal: bool, lines: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    said = DiaryError("There is no attachment of that name here.", hint="See them all: diary attachments ID")
    Console(json=False).error(said)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == lines
    assert " ".join(line.strip() for line in told) == f"diary: {said.message} {said.hint}"
    assert not terminal or all(len(line) <= 40 for line in told)
