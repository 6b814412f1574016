"""The ways into a vault, by the real command behind the real wall."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal


@pytest.fixture
def home(home: Home) -> Home:
    """Opened by its passphrase, for a recovery code may do less."""
    return replace(home, secret=PASSPHRASE)


def test_a_key_file_opens_the_diary_until_a_new_vault_key_drops_it(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "stick.key"
    added = home.json("keys", "add", "--key-file", str(file), "--label", "stick")
    assert added["key_file"] == {"path": str(file), "new": True}
    assert (file.stat().st_size, file.stat().st_mode & 0o777) == (64, 0o600)
    wrote = home.run("--json", "--key-file", str(file), "write", "Frost on the weir.", passphrase=None)
    assert wrote.json["entry"] == 1
    keys = home.run("--json", "keys", "list", "--key-file", str(file), passphrase=None).json["keys"]
    assert [(key["number"], key["kind"], key["label"], key["in_use"]) for key in keys] == [
        (1, "passphrase", None, False), (2, "recovery-code", None, False), (3, "key-file", "stick", True)
    ]  # fmt: skip
    assert keys[0]["kdf"] == {"name": "argon2id", "memory_kib": 65536, "iterations": 1, "lanes": 4}

    before = (home.vault / "vault.db").read_bytes()
    ran = home.run("keys", "rotate", "--yes")
    assert ran.status == 0, ran.err
    told = ran.out
    assert told.index("These are dropped") < told.index("“stick”") < told.index("Your new recovery code")
    assert "Copies made before" in ran.err
    code = next(line.strip() for line in told.splitlines() if line.count("-") == 6)
    listed = home.run("--json", "list", passphrase=code)
    assert [entry["text"] for entry in listed.json["entries"]] == ["Frost on the weir."]
    assert before[:4096] != (home.vault / "vault.db").read_bytes()[:4096]
    assert sorted(path.name for path in home.vault.iterdir()) == [
        "attachments", "vault.anchor", "vault.ballast", "vault.db", "vault.header", "vault.header.copy",
        "vault.lock",
    ]  # fmt: skip


def test_key_files_that_are_no_good_are_refused_and_make_no_key(home: Home, tmp_path: Path) -> None:
    before = (home.vault / "vault.header").read_bytes()
    zeros = tmp_path / "zeros"
    zeros.write_bytes(bytes(100))
    for path in (home.vault / "inside.key", zeros, tmp_path / "no" / "folder"):
        ran = home.run("--json", "keys", "add", "--key-file", str(path))
        assert (ran.status, ran.error["code"]) == (1, "key-file-unfit"), path
    ran = home.run("--json", "--key-file", str(tmp_path / "gone"), "list", passphrase=None)
    assert ran.error["code"] == "key-file-unfit"
    assert not (home.vault / "inside.key").exists()
    assert (home.vault / "vault.header").read_bytes() == before


def test_a_key_file_made_for_a_key_that_was_refused_is_gone(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    ran = home.run("keys", "add", "--key-file", str(file), passphrase="not this one at all")
    assert ran.status == 1 and not file.exists()
    assert "opens nothing" not in ran.err


def test_a_new_passphrase_that_nobody_can_type_is_asked_for_by_its_own_option(home: Home) -> None:
    error = home.run("--json", "keys", "add").error
    assert error["message"].startswith("A new passphrase is needed")
    assert "--new-passphrase-file FILE" in error["hint"]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("keys", "add", "--recovery"), ["passphrase", "recovery-code"]),
        (("--json", "keys", "rotate", "--yes"), ["passphrase"]),  # which writes nothing before the code
    ],
    ids=["add", "rotate"],
)
def test_a_recovery_code_that_could_not_be_shown_opens_nothing(
    home: Home, words: tuple[str, ...], left: list[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [str(PROGRAM), "--passphrase-file", "-", *words],
        input=PASSPHRASE.encode(), stdout=writer, stderr=subprocess.PIPE,
        env=home.environment(), timeout=110, check=False,
    )  # fmt: skip
    os.close(writer)
    assert ran.returncode == 1
    assert b"it was taken away again" in ran.stderr or words[0] == "--json"
    assert [key["kind"] for key in home.json("keys", "list")["keys"]] == left


def test_the_last_way_in_stays(home: Home) -> None:
    passphrase, _ = home.json("keys", "list")["keys"]
    other = home.json("keys", "add", "--recovery")["key"]
    assert other["id"] in home.run("keys", "list").out
    said = " ".join(home.run("keys", "remove", "2", "--yes").out.split())
    assert "Key 2 is removed: recovery code, made" in said
    assert f"Numbers are others now, for those that came after it: 1 {passphrase['id']}" in said
    assert f" 2 {other['id']} recovery code" in said
    removed = home.json("keys", "remove", other["id"], "--yes")
    assert [key["kind"] for key in removed["keys"]] == ["passphrase"]
    assert home.run("--json", "keys", "remove", "1", "--yes").error["code"] == "key-refused"


@pytest.mark.slow
def test_the_new_passphrase_may_be_the_second_line_of_standard_input(home: Home) -> None:
    weak = home.run("--json", "keys", "change", "--new-passphrase-file", "-", stdin="password1\n")
    assert weak.error["code"] == "weak-passphrase"
    changed = home.json("keys", "change", "--new-passphrase-file", "-", stdin="nine geese over the mill\n")
    assert (changed["key"]["number"], changed["key"]["in_use"]) == (1, True)
    assert home.run("--json", "list").error["code"] == "wrong-passphrase"
    assert home.run("--json", "list", passphrase="nine geese over the mill").status == 0


@pytest.mark.slow
def test_the_screen_opens_with_the_key_file_again_after_a_lock(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "stick.key"
    home.json("keys", "add", "--key-file", str(file))
    screen = Terminal([str(PROGRAM), "--key-file", str(file)], home.environment())
    try:
        screen.sees("Enter for the key file")
        screen.types("\r")
        screen.sees("0 entries")
        before = len(screen.written)
        screen.types("\x0c")
        screen.sees("Enter for the key file", after=before)
        before = len(screen.written)
        screen.types("\r")
        screen.sees("0 entries", after=before)
    finally:
        screen.end()


@pytest.mark.slow
def test_a_passphrase_that_is_given_beside_a_key_file_is_kept_with_it(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "stick.key"
    home.json("keys", "add", "--key-file", str(file))
    told = home.json("--key-file", str(file), "keys", "rotate", "--yes")
    assert [key["kind"] for key in told["keys"]] == ["passphrase", "key-file", "recovery-code"]
    assert told["dropped"] == []
    assert home.run("list").status == 0
    assert home.run("--key-file", str(file), "list", passphrase=None).status == 0
