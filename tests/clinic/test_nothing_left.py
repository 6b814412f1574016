"""A command that is refused leaves nothing of the file that it was to write, whoever refused it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from diary import unnamed
from diary.vault.vault import Vault
from tests.clinic.machine import Machine
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.unit.vault.fresh import CHEAPEST

ANOTHER = f"{PASSPHRASE} and another"
WITHOUT = "from diary import unnamed\nunnamed.made_without_name = lambda _: False"
"""A stick's file system knows no files without a name."""
SLOWLY = [
    "checkpoint",
    *(pytest.param(what, marks=pytest.mark.slow) for what in ("key file", "salvage")),
]
FORBIDDEN = '[export]\nformats = ["markdown"]\n'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Of a clinic that lets neither calendars nor salvage out; what is refused never looks into its vault."""
    made = Machine(Home(tmp_path / "home"), tmp_path / "etc")
    made.home.path.mkdir()
    (made.home.path / "out").mkdir()
    made.home.vault.mkdir(parents=True)
    made.install(FORBIDDEN)
    return made


def unbelieved(machine: Machine) -> None:
    (machine.etc / "policy.toml").write_text("changed")


def nothing(machine: Machine) -> None:
    pass


def wrong_passphrase(machine: Machine) -> None:
    shutil.rmtree(machine.etc)
    machine.home.vault.rmdir()
    Vault.create(machine.home.vault, ANOTHER, kdf=CHEAPEST)[0].close()


COMMANDS = {
    "plan": ("plan", "sleep", "--ics", "out/plan.ics"),
    "salvage": ("doctor", "--salvage", "out/salvaged", "--yes"),
    "checkpoint": ("audit", "checkpoint", "out/checkpoint"),
    "key file": ("keys", "add", "--new-key-file", "out/a.key"),
    "init": ("--vault", "out/vault", "init"),
}


@pytest.mark.parametrize(
    ("what", "why", "said"),
    [
        ("plan", nothing, "forbids this (export.formats)"),
        ("salvage", nothing, "forbids this (export.formats)"),
        ("plan", wrong_passphrase, "passphrase"),
        ("checkpoint", unbelieved, "changed after it was signed"),
        ("key file", unbelieved, "changed after it was signed"),
        ("init", unbelieved, "changed after it was signed"),
        pytest.param("key file", wrong_passphrase, "passphrase", marks=pytest.mark.slow),
    ],
)
def test_a_refused_command_leaves_nothing(
    what: str,
    why: Callable[[Machine], None],
    said: str,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    why(machine)
    monkeypatch.chdir(machine.home.path)
    ran = machine.run(*COMMANDS[what])
    assert ran.status == 1 and said in ran.out, ran.out + ran.err
    assert list((machine.home.path / "out").iterdir()) == []


def test_where_files_need_a_name_the_policy_is_asked_before_one_is_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(machine.home.path)
    ran = replace(machine, first=WITHOUT).run(*COMMANDS["plan"])
    assert ran.status == 1 and "forbids this (export.formats)" in ran.out
    assert list((machine.home.path / "out").iterdir()) == []


def test_a_file_gets_its_name_when_it_is_whole_and_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new"
    if not unnamed.made_without_name(path):
        pytest.skip("this file system knows no files without a name")
    assert list(tmp_path.iterdir()) == [] and unnamed.folders() == (tmp_path,)
    unnamed.finish(path, b"words")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"words", 0o600)
    assert not unnamed.made_without_name(path)
    other = tmp_path / "other"
    assert unnamed.made_without_name(other)
    other.write_bytes(b"of another program")
    with pytest.raises(FileExistsError):
        unnamed.finish(other, b"words")
    assert other.read_bytes() == b"of another program" and unnamed.folders() == ()


@pytest.mark.parametrize("what", SLOWLY)
def test_what_cannot_be_taken_away_behind_the_seal_is_told(
    what: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_passphrase(machine)
    monkeypatch.chdir(machine.home.path)
    ran = replace(machine, first=WITHOUT).run(*COMMANDS[what])
    (left,) = (machine.home.path / "out").iterdir()
    assert left.is_dir() or left.stat().st_size == 0
    error = json.loads(ran.out)["error"]
    assert error["hint"].endswith(f" {left} is left there, empty: remove it, or name it again."), ran.out
    if what == "checkpoint":
        again = replace(machine, first=WITHOUT).run(*COMMANDS[what], passphrase=ANOTHER)
        assert again.status == 0 and "is left there" not in again.out + again.err
        assert left.stat().st_size > 0


def test_what_was_made_before_a_failure_before_the_seal_is_taken_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_passphrase(machine)
    monkeypatch.chdir(machine.home.path)
    ran = replace(machine, first=WITHOUT).run("--key-file", "out/none", *COMMANDS["plan"])
    assert ran.status == 1 and "left there" not in ran.out, ran.out
    assert list((machine.home.path / "out").iterdir()) == []
