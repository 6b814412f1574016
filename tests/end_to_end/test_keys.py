"""The ways into a vault, by the real command behind the real wall."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.conftest import PROGRAM, Home
from tests.tui.terminal import Terminal


def test_a_key_file_is_made_and_opens_the_diary_without_a_passphrase(home: Home, tmp_path: Path) -> None:
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


def test_a_new_vault_key_drops_what_was_not_given_and_prints_a_new_code(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "stick.key"
    home.json("write", "Frost on the weir.")
    home.json("keys", "add", "--key-file", str(file))
    before = (home.vault / "vault.db").read_bytes()
    ran = home.run("keys", "rotate")
    assert ran.status == 0, ran.err
    told = ran.out
    assert "These are dropped" in told
    assert told.index("These are dropped") < told.index("key file") < told.index("Your new recovery code")
    code = next(line.strip() for line in told.splitlines() if line.count("-") == 6)
    assert "Copies made before" in ran.err
    ran = home.run("--json", "--key-file", str(file), "list", passphrase=None)
    assert ran.error["code"] == "wrong-passphrase"
    ran = home.run("--json", "list", passphrase=code)
    assert [entry["text"] for entry in ran.json["entries"]] == ["Frost on the weir."]
    after = (home.vault / "vault.db").read_bytes()
    assert before[:4096] != after[:4096]
    assert sorted(path.name for path in home.vault.iterdir()) == [
        "attachments", "vault.ballast", "vault.db", "vault.header", "vault.header.copy", "vault.lock"
    ]  # fmt: skip


def test_a_passphrase_is_changed_by_two_lines_and_the_last_way_in_stays(home: Home) -> None:
    removed = home.json("keys", "remove", "2")
    assert [key["kind"] for key in removed["keys"]] == ["passphrase"]
    assert home.run("--json", "keys", "remove", "1").error["code"] == "key-refused"
    weak = home.run("--json", "keys", "change", "--new-passphrase-file", "-", stdin="password1\n")
    assert weak.error["code"] == "weak-passphrase"
    changed = home.json("keys", "change", "--new-passphrase-file", "-", stdin="nine geese over the mill\n")
    assert (changed["key"]["number"], changed["key"]["in_use"]) == (1, True)


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
