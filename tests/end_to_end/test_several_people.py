"""Several people on one machine: each vault is its owner's alone, and nothing names another's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diary.vault.vault import Vault
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.end_to_end.every_command import commands
from tests.unit.vault.fresh import CHEAPEST

_OTHER = "zephyrine-quillfeather"


@pytest.fixture
def shared(home: Home) -> Path:
    """A folder that holds two people's vaults, as their homes may stand side by side, and their backups."""
    folder = home.path / "people"
    shutil.copytree(home.vault, folder / "anna")
    other = folder / _OTHER
    Vault.create(other, "nine geese over the mill", kdf=CHEAPEST)[0].close()
    shutil.copytree(other, folder / f"{_OTHER}.before-20260101")
    (folder / f"{_OTHER}.key").write_bytes(bytes(range(64)))
    return folder


def test_no_command_names_another_person_s_vault(home: Home, shared: Path) -> None:
    mine = ("--vault", str(shared / "anna"))
    quick = {("doctor",), ("keys", "list"), ("list",)}
    said = [home.run(*mine, *command) for command in sorted(quick)]
    said.append(home.run("--vault", str(shared / "nobody"), "list"))
    assert [ran.status for ran in said] == [0, 0, 0, 1]
    for ran in said:
        assert _OTHER not in ran.out + ran.err


@pytest.mark.slow
def test_no_command_of_the_whole_grammar_does(home: Home, shared: Path) -> None:
    for command in sorted(commands() - {("demo",), ("dictate",), ("voice", "test")}):
        ran = home.run("--vault", str(shared / "anna"), *command)
        assert _OTHER not in ran.out + ran.err, command


def test_the_passphrase_of_one_opens_no_vault_of_another(home: Home, shared: Path) -> None:
    ran = home.run("--json", "--vault", str(shared / _OTHER), "list", passphrase=PASSPHRASE)
    assert ran.error["code"] == "wrong-passphrase"


def test_what_others_can_get_at_is_told_at_the_opening_and_by_the_doctor(home: Home) -> None:
    home.vault.chmod(0o755)
    assert "Other users of this machine can get at the diary's files" in home.run("list").err
    told = " ".join(home.run("doctor").out.split())
    assert "✗ permissions" in told
    home.vault.chmod(0o700)
    assert "✓ permissions" in " ".join(home.run("doctor").out.split())


@pytest.mark.slow
def test_the_folders_that_the_program_makes_are_for_their_owner_alone(empty_home: Home) -> None:
    assert empty_home.run("init").status == 0
    vault = empty_home.vault
    for path in (vault, *vault.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert empty_home.run("backup", str(empty_home.path / "backups")).status == 0
    for path in (empty_home.path / "backups").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.slow
def test_so_is_what_the_demo_and_the_drill_leave(home: Home) -> None:
    assert home.run("backup", str(home.path / "one.backup")).status == 0
    assert home.run("drill", str(home.path / "one.backup")).status == 0
    assert home.run("demo", passphrase=None).status in (0, 1)
    cache = home.path / ".cache/diary"
    assert cache.stat().st_mode & 0o777 == 0o700
    assert not list(cache.glob("demo-*"))
