"""backup, drill and restore through the real command, behind the wall."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.conftest import PASSPHRASE, Home

SAID = "Walked to the weir, zanahoria."


@pytest.fixture
def written(home: Home) -> Home:
    """A home with one entry, and a folder that stands for a stick."""
    home.json("write", SAID, "--at", "2025-03-04T21:40")
    (home.path / "stick").mkdir()
    return home


def left(home: Home) -> list[str]:
    return sorted(path.name for path in (home.path / "stick").iterdir())


def test_a_diary_is_backed_up_drilled_lost_and_restored(written: Home) -> None:
    stick = written.path / "stick"
    made = written.json("backup", str(stick), "--keep", "1")
    file = Path(made["backup"])
    assert (made["verified"], made["entries"], made["newest"], made["findings"]) == (
        True,
        1,
        "2025-03-04",
        [],
    )
    assert file.parent == stick
    assert made["size"] == file.stat().st_size
    assert b"zanahoria" not in file.read_bytes()
    shutil.rmtree(written.vault)
    drilled = written.json("drill", str(file))
    assert (drilled["drill"], drilled["entries"], drilled["newest"]) == ("passed", 1, "2025-03-04")
    assert not written.vault.exists()
    assert list((written.path / ".cache/diary").iterdir()) == []

    restored = written.json("restore", str(file))
    assert (restored["restored"], restored["aside"]) == (str(written.vault), None)
    assert written.json("read", "1")["text"] == SAID
    assert sorted(path.name for path in written.vault.parent.iterdir()) == ["vault"]


def test_of_a_folder_the_newest_backup_is_restored_with_what_it_goes_on_from(written: Home) -> None:
    stick, new = written.path / "stick", str(written.path / "new")
    written.json("backup", str(stick), "--keep", "7")
    written.json("write", "after the first")
    newest = written.json("backup", str(stick), "--keep", "7")
    assert newest["needs"]
    told = " ".join(written.run("restore", str(stick), "--to", new).out.split())
    assert Path(newest["backup"]).name in told and "2 entries" in told
    assert written.json("--vault", new, "read", "2")["text"] == "after the first"


@pytest.mark.slow
def test_the_last_backup_is_told_and_older_ones_go(written: Home) -> None:
    assert written.json("backup", "--status") == {"last": None, "days": None, "spoilt": None}
    assert "No good backup was made yet" in written.run("backup", "--status").out
    first = written.json("backup", str(written.path / "stick"), "--keep", "1")["backup"]
    later = written.json("backup", str(written.path / "stick"), "--keep", "1")
    assert later["removed"] == [first]
    assert left(written) == [Path(later["backup"]).name]
    status = written.json("backup", "--status")
    assert (status["last"]["file"], status["last"]["entries"], status["days"]) == (later["backup"], 1, 0)
    assert later["backup"] in "".join(written.run("backup", "--status").out.split())


@pytest.mark.slow  # every day: unit/vault/test_unproved.py
def test_what_is_there_of_a_damaged_backup_is_taken_out_and_salvaged(written: Home) -> None:
    file, there = written.path / "stick/mine.backup", str(written.path / "there")
    written.run("backup", str(file))
    content = bytearray(file.read_bytes())
    content[len(content) // 4] ^= 1
    file.write_bytes(content)
    refused = written.run("--json", "restore", str(file), "--to", there)
    assert (refused.status, "--damaged" in refused.error["hint"]) == (1, True)
    alone = written.run("--json", "restore", str(file), "--damaged")
    assert (alone.status, alone.error["code"]) == (2, "usage")
    taken = written.json("restore", str(file), "--to", there, "--damaged")
    assert (taken["taken_out"], taken["proved"]) == (there, False)
    assert written.run("--vault", there, "doctor").status == 1
    out = written.path / "out"
    salvaged = written.run("--vault", there, "--json", "doctor", "--salvage", str(out), "--yes").json
    assert salvaged["salvaged"]["damaged_pages"] <= 1
    assert (out / "entries.jsonl").exists()


@pytest.mark.slow
def test_a_vault_is_replaced_only_when_told_and_then_moved_aside(written: Home) -> None:
    file = written.path / "stick/mine.backup"
    out = written.run("backup", str(file)).out
    assert "read back, opened and compared" in " ".join(out.split())
    written.json("write", "after the backup")
    refused = written.run("--json", "restore", str(file))
    assert (refused.status, refused.error["code"]) == (1, "vault-exists")
    asked = written.run("--json", "restore", str(file), "--replace")
    assert (asked.status, asked.error["code"]) == (2, "usage")
    assert len(written.json("list")["entries"]) == 2
    moved = written.json("restore", str(file), "--replace", "--yes")
    assert len(written.json("list")["entries"]) == 1
    assert len(written.json("--vault", moved["aside"], "list")["entries"]) == 2
    # As a kill between the two renames of a restore leaves it.
    aside = written.vault.rename(written.vault.with_name("vault.before-2026-01-01T000000"))
    missing = written.run("--json", "list")
    assert (missing.status, missing.error["code"]) == (1, "vault-missing")
    assert "Rename it back" in missing.error["hint"]
    aside.rename(written.vault)
    beside = written.json("restore", str(file), "--to", str(written.path / "elsewhere"))
    assert len(written.json("--vault", beside["restored"], "list")["entries"]) == 1


@pytest.mark.slow
def test_refusals_are_sentences_and_leave_nothing(written: Home) -> None:
    stick = written.path / "stick"
    (stick / "mine.txt").write_text("mine")
    cases = {
        ("backup",): (2, "usage"),
        ("backup", str(stick / "a.backup"), "--keep", "2"): (2, "usage"),
        ("backup", str(stick), "--status"): (2, "usage"),
        ("backup", str(stick / "mine.txt")): (1, "file-exists"),
        ("backup", str(written.path / "gone/a.backup")): (1, "storage-failed"),
        ("drill", str(stick / "mine.txt")): (1, "not-a-backup"),
        ("drill", str(stick / "missing")): (1, "not-a-backup"),
        ("restore", str(stick / "mine.txt"), "--to", str(written.path / "new")): (1, "not-a-backup"),
    }
    for arguments, expected in cases.items():
        ran = written.run("--json", *arguments)
        assert (ran.status, ran.error["code"]) == expected, arguments
    assert left(written) == ["mine.txt"]
    assert (stick / "mine.txt").read_text() == "mine"
    assert not (written.path / "new").exists()


def test_a_path_of_any_bytes_is_told_and_a_killed_drill_leaves_nothing(written: Home) -> None:
    left = written.path / ".cache/diary/drill"
    left.mkdir(parents=True)
    (left / "vault.db").write_bytes(b"ciphertext")
    folder = written.path / "stick" / os.fsdecode(b"st\xf6ck")
    folder.mkdir()
    made = written.json("backup", str(folder))
    assert "/st\\xf6ck/diary-" in made["backup"]
    assert not left.exists()
    (first,) = folder.iterdir()
    later = written.json("backup", str(folder))
    assert later["needs"] == [first.name]  # which the wall lets be read, for it lies beside it
    (second,) = set(folder.iterdir()) - {first}
    assert written.json("drill", str(second))["drill"] == "passed"


def test_a_backup_tells_what_is_amiss_with_the_diary(written: Home) -> None:
    """What is told once is not lost because a backup was the first to open the diary."""
    for arguments in (("backup", str(written.path / "stick")), ("backup", "--status")):
        assert written.run("list", passphrase="wrong horse").status == 1
        ran = written.run("--json", *arguments)
        assert (ran.status, "There was a failed attempt to open the diary" in ran.err) == (0, True)
        assert "failed attempt" not in written.run("list").err


@pytest.mark.slow
def test_another_passphrase_opens_no_backup(written: Home) -> None:
    file = written.path / "stick/mine.backup"
    written.json("backup", str(file))
    for command in (["drill", str(file)], ["restore", str(file), "--to", str(written.path / "new")]):
        refused = written.run("--json", *command, passphrase=f"not {PASSPHRASE}")
        assert (refused.status, refused.error["code"]) == (1, "wrong-passphrase")
        assert "backup" in refused.error["message"] + refused.error["hint"]
    assert not (written.path / "new").exists()


def test_the_settings_say_where_backups_go_and_when_to_remind(written: Home) -> None:
    stick = written.path / "stick"
    config = written.path / ".config/diary/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[backup]\nfolder = "{stick}"\nkeep = 1\n')
    lines = "".join(f'{{"date": "2025-04-{day:02}", "text": "day {day}"}}\n' for day in range(1, 13))
    (written.path / "twelve.jsonl").write_text(lines)
    assert "No backup yet: diary backup" in written.run("import", str(written.path / "twelve.jsonl")).err
    assert "No backup yet" not in written.run("list").err  # once a day
    first = written.json("backup")["backup"]
    assert Path(first).parent == stick
    assert written.json("backup")["removed"] == [first]
    stick.rename(written.path / "pulled")
    away = written.run("--json", "backup")
    assert (away.status, away.error["code"]) == (2, "usage")
    assert "is not there" in away.error["message"]
