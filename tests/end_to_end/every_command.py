"""A canary's way through every command there is, in the order of a story. Commands come from the grammar: one
that has no case here fails `test_privacy`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from diary.cli.arguments import _parser
from tests.end_to_end.conftest import PASSPHRASE, Home

Command = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One run.

    :ivar words: what stands after the command.
    :ivar ends: exit statuses that are right here, where some want a model or a microphone.
    :ivar quick: whether it is in the everyday form too.
    """

    command: Command
    words: tuple[str, ...] = ()
    stdin: str = ""
    ends: tuple[int, ...] = (0,)
    quick: bool = False
    before: tuple[str, ...] = field(default=())

    def run(self, home: Home) -> str:
        """Run it; what it said. Its words are in no sentence of a fault."""
        ran = home.run(*self.before, *self.command, *self.words, stdin=self.stdin)
        assert ran.status in self.ends, f"{self.command}: {ran.status} {ran.out} {ran.err}"
        assert "Something is wrong inside diary" not in ran.out + ran.err, f"{self.command}: {ran.err}"
        return ran.out


def commands() -> set[Command]:
    """Every command and action of the grammar."""
    return set(_below(_parser(), ()))


def _below(parser: argparse.ArgumentParser, path: Command) -> Iterator[Command]:
    choices = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield path
    for action in choices:
        for name, child in action.choices.items():
            yield from _below(child, (*path, name))


def cases(canary: str, outside: Path) -> list[Case]:
    """The story.

    :param outside: a folder outside the home, with what a person has there: files to take in, and a place
        for what is given out.
    """
    imported, recording, attached = outside / "in.jsonl", outside / "spoken.wav", outside / "letter.txt"
    note = {"id": "x1", "date": "2025-01-02T08:00:00Z", "text": f"Imported {canary}. I must ring the bank."}
    imported.write_text(json.dumps(note))
    attached.write_text(f"{canary}, seen at the weir\n" * 9_000)  # several of the pieces it is kept in
    question = json.dumps({"q": f"Where was the {canary}?"}) + "\n"
    return [
        Case(
            ("write",), ("-", "--tag", "bird", "--title", "Seen"), f"Saw a {canary}. sleep:: 7h", quick=True
        ),
        Case(("edit",), ("1", "-"), f"Saw a {canary} twice. sleep:: 7h", quick=True),
        Case(("import",), (str(imported),), quick=True),
        Case(("find",), ("--batch",), question, quick=True),
        Case(("ask",), ("--batch",), question, quick=True),
        Case(("list",)),
        Case(("read",), ("1",), quick=True),
        Case(("history",), ("1",)),
        Case(("policy", "check"), ("--report", str(outside / "statement.json"))),
        Case(("policy", "verify"), (str(outside / "statement.json"),)),
        Case(("policy", "show")),
        *_policies(outside),
        Case(("plan",), ("the bank", "--save", "--ics", str(outside / "plan.ics"))),
        Case(("review",), ("2025",)),
        Case(("glossary", "propose")),
        Case(("glossary", "add"), ("Kestrel", "--instead-of", "castrol")),
        Case(("glossary", "list")),
        Case(("glossary", "change"), ("1", "Common", "kestrel")),
        Case(("glossary", "remove"), ("1",)),
        Case(("dictate",), (str(recording),), quick=True),
        Case(("attach",), ("1", str(attached)), quick=True),
        Case(("attachments",), ("1",)),
        Case(("open-attachment",), ("1",), quick=True),
        Case(("detach",), ("1", "--yes")),
        Case(("write",), ("-", "--at", "yesterday"), f"Gone, the {canary}.", quick=True),
        Case(("delete",), ("4",), quick=True),
        Case(("deleted", "list")),
        Case(("deleted", "restore"), ("4",)),
        Case(("delete",), ("4",)),
        Case(("deleted", "erase"), ("--all", "--yes")),
        Case(("retention",), ("--apply", "--yes")),
        *_house(outside),
        *_without_a_place(outside, recording),
    ]


def _policies(outside: Path) -> list[Case]:
    """What a clinic does."""
    key, policy, link = str(outside / "clinic.key"), outside / "policy.toml", str(outside / "succession")
    policy.write_text('version = 1\nclinic = "A clinic"\nissued = 2026-11-21\n')
    return [
        Case(("policy", "key"), (key,)),
        Case(("policy", "sign"), (str(policy), "--key", key)),
        Case(("policy", "verify"), (str(policy),)),
        Case(
            ("policy", "succeed"),
            (link, "--old-key", key, "--new-key", key, "--new-passphrase-file", "-"),
            f"{PASSPHRASE}\n",
        ),
    ]


def _house(outside: Path) -> list[Case]:
    """What keeps the diary itself."""
    again, new = f"{PASSPHRASE}, again", f"{PASSPHRASE}, and new"
    return [
        Case(("backup",), (str(outside / "one.backup"),)),
        Case(("drill",), (str(outside / "one.backup"),)),
        Case(("restore",), (str(outside / "one.backup"), "--to", str(outside / "restored"))),
        Case(("doctor",), ends=(0, 1)),
        Case(("audit", "show")),
        Case(("audit", "verify")),
        Case(("audit", "checkpoint"), ends=(0, 1, 2)),
        Case(("keys", "list")),
        Case(("keys", "add"), ("--new-passphrase-file", "-"), f"{again}\n"),
        Case(("keys", "change"), ("3", "--new-passphrase-file", "-"), f"{new}\n"),
        Case(("keys", "remove"), ("3", "--yes")),
        Case(("keys", "rotate"), ("--yes",)),
        Case(("init",), before=("--vault", str(outside / "second"))),
        Case(("people",), ends=(1,)),
        Case(("demo",)),
    ]


def _without_a_place(outside: Path, recording: Path) -> Iterator[Case]:
    """Commands that want a microphone, a model or a recording that is not there; they say so."""
    yield Case(("models", "list"))
    yield Case(("models", "import"), (str(outside / "letter.txt"),), ends=(1,))
    for action in ("use", "remove"):
        yield Case(("models", action), ("none-such",), ends=(1,))
    yield Case(("models", "verify"))
    for action in ("exam", "bench"):
        yield Case(("models", action), ends=(0, 1))
    yield Case(("voice", "test"), ("--file", str(recording)), ends=(0, 1))
    yield Case(("voice", "list"), ends=(0, 1))
    yield Case(("voice", "use"), ("none-such",), ends=(1,))
    yield Case(("voice", "unfinished"))
    for action in ("save", "discard"):
        yield Case(("voice", action), ends=(1,))
