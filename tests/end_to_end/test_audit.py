"""The log of what was done, by the real commands: what is in it, and that it cannot be rewritten unseen."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from diary.vault.noted import ATTEMPTS
from tests.end_to_end.conftest import PASSPHRASE, Home

DATABASE = ("vault.db", "vault.anchor")


def events(home: Home) -> list[str]:
    return [one["event"] for one in home.json("audit", "show")["events"]]


def test_writing_logs_the_unlocking_and_nothing_of_the_words(home: Home) -> None:
    words = ("write", "Slept badly, headache at noon.", "--title", "Restless")
    assert home.run(*words, passphrase=PASSPHRASE).status == 0
    shown = home.json("audit", "show")
    assert [one["event"] for one in shown["events"]] == ["vault made", "unlocked", "unlocked"]
    assert shown["events"][1]["details"] == {"way": "passphrase"}
    assert shown["size"] == 3
    text = json.dumps(shown)
    assert "headache" not in text and "Restless" not in text


@pytest.mark.slow
def test_what_was_done_is_shown_in_words(home: Home, tmp_path: Path) -> None:
    home = replace(home, secret=PASSPHRASE)
    taken = tmp_path / "in.jsonl"
    taken.write_text(json.dumps({"id": "1", "date": "2025-01-02T08:00:00Z", "text": "The weir."}))
    batch = home.json("import", str(taken))["batch"]
    home.json("import", "--undo", str(batch))
    (tmp_path / "letter.txt").write_text("words")
    home.json("write", "With a letter.", "--attach", str(tmp_path / "letter.txt"))
    home.json("open-attachment", "1", "--export", str(tmp_path / "out.txt"))
    home.json("backup", str(tmp_path / "one.backup"))
    home.json("delete", "2", "--erase", "--yes")
    home.json("keys", "add", "--recovery")
    ran = home.run("audit", "show", "-n", "20")
    for words in (
        "unlocked with a passphrase",
        "imported: 1 entry, format jsonl",
        "import undone: 1 entry, format jsonl",
        "exported: 1 file, format attachment",
        "backed up: 1 entry, kind full",
        "erased: by person, 1 entry",
        "keys changed: a recovery code added",
    ):
        assert words in ran.out, ran.out
    assert home.run("audit", "show", "-n", "1").out.count("\n") == 2


def test_failed_attempts_are_told_once_and_stay_in_the_log(home: Home) -> None:
    for _ in range(2):
        assert home.run("list", passphrase="wrong horse").status == 1
    first = home.run("list")
    assert "There were 2 failed attempts to open the diary since" in first.err
    assert not (home.vault / ATTEMPTS).exists()
    assert "failed attempt" not in home.run("list").err
    (failed,) = [one for one in home.json("audit", "show")["events"] if one["event"] == "unlock failed"]
    assert failed["details"]["attempts"] == 2
    assert failed["details"]["first"] <= failed["details"]["last"]


def test_a_checkpoint_agrees_and_is_never_written_over(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    made = home.json("audit", "checkpoint", str(file))
    assert json.loads(file.read_text())["size"] == made["size"] == 2
    before = file.read_bytes()
    assert home.run("--json", "audit", "checkpoint", str(file)).error["code"] == "file-exists"
    assert file.read_bytes() == before
    home.json("write", "More.")
    for given in (str(file), made["code"], made["code"].lower()):
        assert home.json("audit", "verify", given)["findings"] == []
    assert home.json("audit", "verify")["against"] is None


def test_a_database_put_back_is_found_against_a_checkpoint(home: Home, tmp_path: Path) -> None:
    """With the anchor of that time, which the vault itself does not miss."""
    home.json("write", "One.")
    older = tmp_path / "older"
    older.mkdir()
    for name in DATABASE:
        shutil.copy(home.vault / name, older)
    for words in ("Two.", "Three."):
        home.json("write", words)
    made = home.json("audit", "checkpoint", str(tmp_path / "kept.json"))
    for name in DATABASE:
        shutil.copy(older / name, home.vault)
    for given, kind in ((str(tmp_path / "kept.json"), "file"), (made["code"], "code")):
        ran = home.run("--json", "audit", "verify", given)
        assert ran.status == 1
        assert ran.json["against"] == kind
        assert "it was shortened" in ran.json["findings"][0]
    for _ in range(3):  # until it is as long again, with another past
        home.json("list")
    ran = home.run("audit", "verify", made["code"])
    assert ran.status == 1
    assert "changed, removed or put in another order" in ran.out


def test_what_is_no_checkpoint_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    wrong = home.run("--json", "audit", "verify", str(tmp_path / "other.json"))
    assert wrong.error["code"] == "checkpoint-wrong"
    neither = home.run("--json", "audit", "verify", "no-such-file")
    assert neither.status == 2
    assert "neither a file" in neither.error["message"]


@pytest.mark.slow
def test_the_log_goes_on_through_a_new_key_and_a_restored_backup(home: Home, tmp_path: Path) -> None:
    home = replace(home, secret=PASSPHRASE)
    home.json("write", "One.")
    kept = tmp_path / "kept.json"
    home.json("audit", "checkpoint", str(kept))
    home.json("keys", "rotate", "--yes")
    assert home.json("audit", "verify", str(kept))["findings"] == []
    home.json("backup", str(tmp_path / "one.backup"))
    home.json("restore", str(tmp_path / "one.backup"), "--replace", "--yes")
    assert home.json("audit", "verify", str(kept))["findings"] == []
    found = events(home)
    assert found.count("vault key changed") == 1
    assert found.count("restored from a backup") == 1
    assert "keys changed" not in found


@pytest.mark.slow
def test_models_are_logged_though_they_open_no_vault(home: Home) -> None:
    home.json("models", "verify")
    found = home.json("audit", "show")["events"]
    changes = [one["details"] for one in found if one["event"] == "model changed"]
    installed = home.json("models", "list")["models"]
    assert {one["hash"] for one in changes} == {one["identity"].rpartition("@")[2] for one in installed}
    assert {one["what"] for one in changes} <= {"verified"}
