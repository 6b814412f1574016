"""The page for a clinic's IT person says what is so: its commands, its policies and its rules."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import policies
from diary.cli.arguments import parse
from diary.cli.emergency import READING
from policies.reading import read_policy
from policies.rules import RULES

PAGE = (Path(policies.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_is_understood() -> None:
    commands = re.findall(r"^    diary (.+)$", PAGE, re.MULTILINE)
    assert len(commands) > 8
    for command in commands:
        assert parse(shlex.split(command)).command in ("policy", "audit", "people", "keys", *READING)


def test_every_policy_of_the_page_can_be_signed() -> None:
    found = [read_policy(text.encode()) for text in re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)]
    assert [one.release for one in found] == [False, True]


def test_the_page_names_every_rule_and_no_other() -> None:
    assert re.findall(r"^\| `([a-z_.0-9]+)` \|", PAGE, re.MULTILINE) == [rule.name for rule in RULES]
