"""Emergency access by the real program behind the real wall, on a machine that a clinic looks after."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.cli.emergency import READING
from policies.emergency import load_key, new_key, public_bytes
from tests.clinic.machine import Machine
from tests.end_to_end.conftest import PASSPHRASE, Home, Ran
from tests.end_to_end.every_command import commands
from tests.tui.terminal import Terminal

_SECRET = "Frost on the weir."


@pytest.fixture(scope="session")
def clinic_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A clinic's key file, whose passphrase is that of all tests, and the public key."""
    file = tmp_path_factory.mktemp("clinic") / "emergency.key"
    file.write_bytes(new_key(PASSPHRASE))
    return file, public_bytes(load_key(file.read_bytes(), PASSPHRASE)).hex()


@pytest.fixture
def machine(home: Home, tmp_path: Path, clinic_key: tuple[Path, str]) -> Machine:
    machine = Machine(home, tmp_path / "etc")
    machine.install(f'[people]\nbreak_glass = "{clinic_key[1]}"\n')
    return machine


def in_need(machine: Machine, key: Path, *arguments: str) -> Ran:
    given = ("--emergency-key", str(key), "--reason", "Patient unconscious.")
    return machine.run(*given, *arguments, passphrase=PASSPHRASE)


def test_the_clinic_reads_for_a_reason_and_the_owner_is_told_before_and_after(
    machine: Machine, clinic_key: tuple[Path, str]
) -> None:
    file, public = clinic_key
    wrote = machine.run("write", _SECRET)
    assert wrote.status == 0 and "can open this diary in an emergency" in wrote.err
    listed = in_need(machine, file, "list")
    assert [one["text"] for one in listed.json["entries"]] == [_SECRET]
    assert "This is emergency access" in listed.err and "can open this diary" not in listed.err
    for refused in (("write", "More."), ("keys", "list")):
        ran = in_need(machine, file, *refused)
        assert (ran.status, ran.error["code"]) == (1, "emergency-refused"), refused
    told = machine.run("list")
    assert "opened once with a clinic's emergency key" in told.err
    assert "Patient unconscious." in told.err and public[:16] in told.err
    keys = machine.run("keys", "list").json
    assert [use["reason"] for use in keys["emergency_uses"]] == ["Patient unconscious."]
    assert [(key["kind"], key["sealed_to"]) for key in keys["keys"]][-1] == ("break-glass", public)


def test_what_it_was_used_for_is_in_the_log_and_an_export_as_one(
    machine: Machine, tmp_path: Path, clinic_key: tuple[Path, str]
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text(_SECRET)
    assert machine.run("write", _SECRET, "--attach", str(file)).status == 0
    assert in_need(machine, clinic_key[0], "find", "frost").status == 0
    out = tmp_path / "out.txt"
    assert in_need(machine, clinic_key[0], "open-attachment", "1", "--export", str(out)).status == 0
    assert out.read_text() == _SECRET
    shown = machine.run("audit", "show").json["events"]
    found = [(one["event"], one["details"]) for one in shown]
    asked = [details["asked"] for event, details in found if event == "opened by emergency access"]
    assert asked == ["find", "open-attachment 1 --export"]
    assert ("exported", {"by": "emergency", "files": 1, "format": "attachment"}) in found
    assert "frost" not in str(found).lower()
    told = machine.run("list").err
    assert "to open-attachment 1 --export: “Patient unconscious.”" in told


@pytest.mark.slow
def test_a_new_diary_has_it_from_the_beginning_and_its_making_says_so(
    empty_home: Home, tmp_path: Path, clinic_key: tuple[Path, str]
) -> None:
    machine = Machine(empty_home, tmp_path / "etc")
    machine.install(f'[people]\nbreak_glass = "{clinic_key[1]}"\n')
    made = machine.run("init")
    assert made.status == 0
    under, opens = made.json["warnings"][-2:]
    assert "under the policy of" in under and "can open this diary in an emergency" in opens
    assert in_need(machine, clinic_key[0], "list").json["entries"] == []
    assert "opened once with a clinic's emergency key" in machine.run("list").err


@pytest.mark.slow
def test_every_command_that_reads_works_and_no_other(machine: Machine, clinic_key: tuple[Path, str]) -> None:
    file = clinic_key[0]
    machine.run("write", _SECRET)
    machine.run("find", "frost")
    assert in_need(machine, file, "read", "1").status == 0
    assert [hit["entry"] for hit in in_need(machine, file, "find", "frost").json["hits"]] == [1]
    for reads in (("history", "1"), ("attachments",), ("ask", "Where was frost?"), ("review", "year")):
        assert in_need(machine, file, *reads).status == 0, reads
    for other in sorted(commands()):
        if other[0] not in READING:
            words = {"detach": ("1",), "edit": ("1",), "delete": ("1",), "attach": ("1", "f")}.get(
                other[0], ()
            )
            ran = in_need(machine, file, *other, *words)
            assert ran.status in (1, 2) and _SECRET not in ran.out + ran.err, other
            assert ran.error["code"] in ("emergency-refused", "usage"), other
    unexplained = machine.run("--emergency-key", str(file), "list")
    assert (unexplained.status, unexplained.error["code"]) == (2, "usage")
    assert "opened 6 times" in machine.run("list").err
    assert machine.run("keys", "remove", "3", "--yes").error["code"] == "policy-forbids"


@pytest.mark.slow
def test_a_file_that_is_no_emergency_key_or_another_one_opens_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run("write", _SECRET)
    other, none = tmp_path / "other.key", tmp_path / "none.key"
    other.write_bytes(new_key(PASSPHRASE))
    none.write_text("{}")
    for file, code in (
        (other, "wrong-passphrase"), (none, "emergency-refused"), (tmp_path / "gone", "emergency-refused")
    ):  # fmt: skip
        ran = machine.run("--emergency-key", str(file), "--reason", "why", "list", passphrase=PASSPHRASE)
        assert (ran.status, ran.error["code"]) == (1, code), ran.out
        assert _SECRET not in ran.out + ran.err
    assert "EMERGENCY ACCESS" not in machine.run("list").err


@pytest.mark.slow
def test_on_a_terminal_it_is_told_once_and_on_the_screen_until_it_is_answered(
    machine: Machine, clinic_key: tuple[Path, str]
) -> None:
    machine.run("write", _SECRET)
    in_need(machine, clinic_key[0], "list")
    for _ in range(2):
        screen = Terminal(machine.command, machine.home.environment())
        try:
            screen.sees("assphrase")
            screen.types(PASSPHRASE + "\r")
            screen.sees("Patient unconscious.")
            screen.types("\x11")
            assert screen.process.wait(20) == 0
        finally:
            screen.end()
    shown = Terminal([*machine.command, "list"], machine.home.environment())
    try:
        shown.sees("assphrase")
        shown.types(PASSPHRASE + "\r")
        shown.sees("Patient unconscious.")
        assert shown.process.wait(20) == 0
    finally:
        shown.end()
    assert "Patient unconscious." not in machine.run("list").err
