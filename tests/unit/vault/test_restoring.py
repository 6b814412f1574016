"""The drill, and restoring: what is there stays, what comes back is whole."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from diary.errors import (
    BackupDamaged,
    DiaryError,
    FileExists,
    NotABackup,
    StorageFailed,
    VaultBusy,
    VaultExists,
    WrongPassphrase,
)
from diary.vault.backups.restoring import RESTORING, drill, restore, sweep
from diary.vault.lock import InstanceLock
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.backed_up import CODE, furnished, names
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import MORNING, reopened, words


def test_a_drill_leaves_nothing_and_needs_no_vault(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    made = vault.backups.make(out / "a.backup")
    vault.close()
    shutil.rmtree(vault.folder)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    drilled = drill(made.file, CODE, scratch=scratch)
    assert drilled.contents == made.contents
    assert names(scratch) == []
    with pytest.raises(WrongPassphrase, match="does not open this backup"):
        drill(made.file, "another passphrase", scratch=scratch)
    assert names(scratch) == []


@pytest.mark.parametrize("within", ["copy", "attachments/copy"])
def test_no_vault_is_restored_inside_another(tmp_path: Path, out: Path, within: str) -> None:
    vault = furnished(tmp_path)
    file = vault.backups.make(out / "a.backup").file
    before = names(vault.folder)
    with pytest.raises(FileExists, match="inside the vault"):
        restore(file, CODE, vault.folder / within, now=MORNING)
    assert names(vault.folder) == before


def test_a_vault_that_is_there_is_not_touched_unless_told(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    file = vault.backups.make(out / "a.backup").file
    vault.entries.add(words("after the backup"))
    with pytest.raises(VaultExists):
        restore(file, CODE, vault.folder, now=MORNING)
    with pytest.raises(VaultBusy):
        restore(file, CODE, vault.folder, now=MORNING, replace=True)
    with reopened(vault) as same:
        assert same.entries.count() == 4
    moved = restore(file, CODE, vault.folder, now=MORNING, replace=True)
    assert moved.aside == tmp_path / "vault.before-2026-05-08T073000"
    with Vault.unlock(vault.folder, CODE) as older, Vault.unlock(moved.aside, CODE) as newer:
        assert (older.entries.count(), newer.entries.count()) == (3, 4)
        assert newer.check() == []
    assert names(tmp_path) == ["stick", "vault", "vault.before-2026-05-08T073000"]


def test_what_is_restored_is_readable_by_its_owner_only(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
    before = os.umask(0)
    try:
        folder = restore(file, CODE, tmp_path / "again", now=MORNING).folder
    finally:
        os.umask(before)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path.name


def test_a_vault_whose_place_cannot_be_taken_is_there_again(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = furnished(tmp_path)
    file = vault.backups.make(out / "a.backup").file
    vault.entries.add(words("after the backup"))
    vault.close()
    real = Path.rename

    def refuses(path: Path, target: Path) -> Path:
        if path.name.endswith(RESTORING):
            raise OSError(5, "Input/output error")
        return real(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuses)
        with pytest.raises(StorageFailed, match="Nothing was changed"):
            restore(file, CODE, vault.folder, now=MORNING, replace=True)
    assert names(tmp_path) == ["stick", "vault"]
    with reopened(vault) as same:
        assert same.entries.count() == 4


def test_two_vaults_moved_aside_within_one_second_are_both_kept(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
    aside = [restore(file, CODE, vault.folder, now=MORNING, replace=True).aside for _ in range(3)]
    assert [path and path.name for path in aside] == [
        "vault.before-2026-05-08T073000",
        "vault.before-2026-05-08T073000-2",
        "vault.before-2026-05-08T073000-3",
    ]
    assert names(tmp_path) == sorted(["stick", "vault", *(path.name for path in aside if path)])


def test_what_a_killed_drill_left_is_swept_and_one_that_runs_is_not(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
    left = tmp_path / "cache/drill"
    left.mkdir(parents=True)
    (left / DATABASE).write_bytes(b"ciphertext")
    running = InstanceLock(left)
    sweep(tmp_path / "cache")
    assert names(left) == [DATABASE, "vault.lock"]
    running.release()
    sweep(tmp_path / "cache")
    assert names(tmp_path / "cache") == []
    sweep(tmp_path / "cache")
    left.mkdir()
    (left / "mine.txt").write_text("mine")
    sweep(tmp_path / "cache")
    assert names(left) == ["mine.txt"]
    assert file.exists()


def test_a_folder_with_other_things_is_left_and_an_empty_one_is_taken(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(FileExists):
            restore(file, CODE, other, now=MORNING, replace=replace)
    (other / "mine.txt").unlink()
    restore(file, CODE, other, now=MORNING)
    with Vault.unlock(other, CODE) as again:
        assert again.entries.count() == 3


def test_a_restore_that_fails_changes_nothing(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    file = vault.backups.make(out / "a.backup").file
    vault.close()
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    file.write_bytes(content)
    before = {path: path.stat().st_mtime_ns for path in vault.folder.rglob("*")}
    with pytest.raises(BackupDamaged):
        restore(file, CODE, vault.folder, now=MORNING, replace=True)
    with pytest.raises(NotABackup):
        restore(vault.folder / DATABASE, CODE, tmp_path / "new", now=MORNING)
    assert {path: path.stat().st_mtime_ns for path in vault.folder.rglob("*")} == before
    assert names(tmp_path) == ["stick", "vault"]


def test_what_a_killed_restore_left_is_taken_away_and_another_folder_is_not(
    tmp_path: Path, out: Path
) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
    new = tmp_path / "new"
    left = new.with_name(new.name + RESTORING)
    left.mkdir()
    (left / DATABASE).write_bytes(b"half")
    restore(file, CODE, new, now=MORNING)
    assert not left.exists()
    shutil.rmtree(new)
    left.mkdir()
    (left / "mine.txt").write_text("mine")
    with pytest.raises(FileExists):
        restore(file, CODE, new, now=MORNING)
    assert names(left) == ["mine.txt"]


def test_every_refusal_is_a_sentence_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DiaryError, match="Nothing was changed"):
        drill(tmp_path / "missing.backup", CODE, scratch=tmp_path)


def test_the_clock_of_a_backup_keeps_its_offset(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        made = vault.backups.make(out / "a.backup").contents.made
        kept = drill(out / "a.backup", CODE, scratch=tmp_path).contents.made
        assert kept == made
        assert kept.utcoffset() == made.utcoffset() == timedelta(hours=2)
