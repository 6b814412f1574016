"""Every rule of a clinic's policy, tried by a command, on the screen and in a batch: refused in a sentence,
or kept whatever the person's own settings say, and nothing was done. The tries are in `tried_by_command` and
`tried_on_screen`; a rule that has none for one of the three names why.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from diary.tui.commands import COMMANDS
from policies.rules import RULES
from tests.clinic import tried_by_command, tried_on_screen
from tests.clinic.tried import NONE, TRIES, WAYS, Clinic, Way
from tests.end_to_end.every_command import commands

REGISTERED = (tried_by_command, tried_on_screen)
"""By being imported."""
EVERY_DAY = {("export.formats", "screen"), ("export.formats", "batch")}
"""The others are in the long form; `test_rules_kept` tries each without a process and without a screen."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    return Clinic.built(tmp_path_factory.mktemp("clinic") / "first")


@pytest.mark.parametrize(
    ("rule", "way"),
    [pytest.param(*one, marks=() if one in EVERY_DAY else pytest.mark.slow) for one in sorted(TRIES)],
)
async def test_no_rule_is_got_round(
    rule: str, way: Way, first: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, clinic = TRIES[rule, way], first.copied(tmp_path / "copy")
    if inspect.iscoroutinefunction(act):
        await act(clinic, monkeypatch)
    else:
        act(clinic)


def test_every_rule_is_tried_in_each_way_or_says_why_not() -> None:
    asked = {(rule.name, way) for rule in RULES for way in WAYS}
    assert set(TRIES) | set(NONE) == asked
    assert set(TRIES) & set(NONE) == set()
    assert all(len(why.split()) > 4 for why in NONE.values())


def test_what_is_said_of_the_screen_and_of_batches_is_so() -> None:
    """No key of the screen changes ways in or imports; no other command takes lines."""
    said = " ".join(f"{command.action} {command.meaning}".lower() for command in COMMANDS)
    assert not [word for word in ("passphrase", "import", "recovery", "key file") if word in said]
    assert {command[0] for command in commands()} >= {"find", "ask", "import", "keys"}
