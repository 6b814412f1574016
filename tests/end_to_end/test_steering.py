"""Nothing that an entry, a file, a name or an argument says steers the terminal, by whichever command."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Home, Ran
from tests.end_to_end.every_command import cases, commands
from tests.end_to_end.test_privacy import spoken_sample

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "kestrel\x1b]0;owned\x07\x1b[2J\x1b]52;c;QQ==\x1b\\ \x9b31m\x9d0;x\x9c \u202egpj.exe\u2066 "
    "\x7f\x08\r \u2028 \u200e1\u200f2\u061c \u200bzero\u200d end"
)
"""A title, OSC 52 (the clipboard), CSI and OSC of one character, overrides of the direction, and more."""
NAME = HOSTILE.replace("/", "")
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_MAY_WRITE = {
    *("diary/cli/output.py", "diary/provision.py", "diary/__main__.py", "diary/cli/main.py"),
    "diary/cli/emergency.py",  # a fixed sentence, before anything is opened
}
"""The console; set-up, which tells what it does; and what is said before, or instead of, a command."""


def require_quiet(ran: Ran, what: object) -> str:
    said = ran.out + ran.err
    assert "Something is wrong inside diary" not in said, (what, said)
    found = STEERS.search(said)
    assert found is None, (what, said[max(found.start() - 60, 0) : found.end() + 20])
    return said


def told(outside: Path) -> list[tuple[tuple[str, ...], str]]:
    """Commands that put it into every field a person or a file can fill, and those that show it again."""
    attached, notes = outside / NAME, outside / "in.jsonl"
    attached.write_text(f"{HOSTILE}\n" * 9)
    note = {"date": "2025-01-02", "text": HOSTILE, "title": HOSTILE, "tags": [HOSTILE], "id": "x", HOSTILE: 1}
    notes.write_text(json.dumps(note) + "\n" + json.dumps({"date": HOSTILE}) + "\n{" + HOSTILE)
    return [
        (("write", "-", "--title", HOSTILE, "--tag", HOSTILE), f"{HOSTILE} sleep:: 7h, {HOSTILE}:: 3"),
        (("import", str(notes)), ""),
        (("attach", "1", str(attached)), ""),
        (("read", "1"), ""),
        (("--json", "read", "2"), ""),
        (("list",), ""),
        ((HOSTILE,), ""),
    ]


def more_told(outside: Path) -> list[tuple[tuple[str, ...], str]]:
    """Further ones, for the long form."""
    empty, model = outside / f"empty {NAME}", outside / f"model {NAME}"
    empty.mkdir()
    model.mkdir()
    (model / "config.json").write_text("{}")
    fields = [
        (("keys", "add", "--label", HOSTILE, "--new-passphrase-file", "-"), "seven herons and one more\n"),
        (("glossary", "add", HOSTILE, "--instead-of", HOSTILE), ""),
        (("open-attachment", "1"), ""),
        (("import", str(outside / f"none {NAME}")), ""),
        (("edit", "1", "-"), f"{HOSTILE} again"),
        (("models", "import", str(model)), ""),
        (("models", "import", str(empty)), ""),
        (("dictate", str(outside / NAME)), ""),
        (("restore", str(outside / NAME), "--to", str(outside / f"to {NAME}")), ""),
        (("backup", str(empty)), ""),
        (("drill", str(outside / NAME)), ""),
        (("--vault", str(empty), "list"), ""),
        (("find", HOSTILE), ""),
        (("find", "x", "--from", HOSTILE), ""),
        (("find", "--batch"), HOSTILE),
        (("ask", HOSTILE), ""),
        (("write", "-", "--at", HOSTILE), "words"),
        (("voice", "use", HOSTILE), ""),
        (("models", "use", HOSTILE), ""),
    ]
    shown = ("list", "attachments", "read 1", "history 1", "keys list", "import --list", "deleted list")
    further = ("glossary list", "glossary propose", "models list", "voice unfinished", "audit show", "doctor")
    return fields + [
        ((*json_, *words.split()), "") for words in (*shown, *further) for json_ in ((), ("--json",))
    ]


def run_all(home: Home, commands_: list[tuple[tuple[str, ...], str]]) -> str:
    return "".join(require_quiet(home.run(*words, stdin=stdin), words) for words, stdin in commands_)


def test_no_field_that_can_be_filled_steers_a_terminal_when_it_is_shown(home: Home, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    said = run_all(home, told(outside))
    assert said.count("kestrel") > 8, "what was asked for was shown"
    assert "\N{SYMBOL FOR ESCAPE}" in said


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_command_there_is_steers_a_terminal(home: Home, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    run_all(home, told(outside) + more_told(outside))
    again = tmp_path.parent / f"{tmp_path.name}-again"
    again.mkdir()
    there = commands() - {("demo",)}  # which shows words of its own
    story = [case for case in cases(HOSTILE, again) if case.command in there]
    (again / "spoken.wav").write_bytes(spoken_sample())
    for case in story:
        require_quiet(home.run(*case.before, *case.command, *case.words, stdin=case.stdin), case)


def test_only_the_console_writes_to_the_terminal() -> None:
    """And it makes printable what it writes: `print` is refused by the linter."""
    writers = set()
    for path in (ROOT / "diary").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            written = isinstance(node, ast.Attribute) and node.attr in ("write", "writelines", "buffer")
            if written and re.fullmatch(r"sys\.(__)?(stdout|stderr)(__)?", ast.unparse(node.value)):
                writers.add(str(path.relative_to(ROOT)))
    assert writers == _MAY_WRITE
