"""An empty, missing or cut off database, a lost header and a closed file are each told as what they are, with
what helps then; and whatever opens the vault tells the same.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.errors import (
    DiaryError,
    DiskFull,
    StorageFailed,
    VaultDamaged,
    VaultMissing,
    VaultReadOnly,
    VaultTooNew,
)
from diary.model.entry import EntryFilter
from diary.vault.backups.restoring import told_of_restoring
from diary.vault.doctor import MAY_NOT_READ, examine
from diary.vault.failures import told_to_the_reader
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.removal import ATTACHMENTS
from diary.vault.rescue.salvage import salvage
from diary.vault.rotation import DATABASE
from diary.vault.vault import NO_LOOKING_IN, Vault, local_now
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import fresh_folder, fresh_vault, template, words

CODE = template()[1]
SOMEBODY = 65534
PAGE = 16 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fresh_folder(tmp_path)[0]


def findings(folder: Path) -> dict[str, tuple[str, ...]]:
    checks = examine(folder, CODE, now=local_now)
    return {check.name: check.findings for check in checks if check.findings}


def refusals(folder: Path, out: Path) -> set[str]:
    told = set()
    for use in (Vault.unlock, KeyRing.open, lambda folder, code: salvage(folder, code, out)):
        with pytest.raises(VaultDamaged) as refused:
            use(folder, CODE)
        told.add(f"{refused.value.message} {refused.value.hint}")
    assert not out.exists()
    return told


def test_a_database_that_was_emptied_is_told_as_empty(folder: Path, tmp_path: Path) -> None:
    (folder / DATABASE).write_bytes(b"")
    (told,) = refusals(folder, tmp_path / "out")
    assert "vault.db, is empty" in told and "diary restore FILE" in told
    assert findings(folder)["pages"] == ("The database is empty",)
    assert (folder / DATABASE).stat().st_size == 0


def test_words_in_the_log_of_an_emptied_database_are_got_back_and_nothing_else_touches_it(
    tmp_path: Path,
) -> None:
    vault = fresh_vault(tmp_path / "before")
    vault.entries.add(words("Frost on the weir."))
    folder = Path(shutil.copytree(vault.folder, tmp_path / "crashed"))
    vault.close()
    os.truncate(folder / DATABASE, 0)
    log = (folder / f"{DATABASE}-wal").read_bytes()
    for use in (Vault.unlock, KeyRing.open):
        with pytest.raises(VaultDamaged, match="is empty") as refused:
            use(folder, CODE)
        assert "diary doctor --salvage DIR" in refused.value.hint
    assert findings(folder)["pages"]
    assert (folder / f"{DATABASE}-wal").read_bytes() == log
    assert salvage(folder, CODE, tmp_path / "out").damaged_pages
    assert "Frost on the weir." in (tmp_path / "out" / "entries.jsonl").read_text()


@pytest.mark.parametrize("left", [1, PAGE - 1])
def test_a_database_without_a_whole_page_is_no_empty_one(folder: Path, tmp_path: Path, left: int) -> None:
    os.truncate(folder / DATABASE, left)
    with pytest.raises(VaultDamaged, match="not one page"):
        salvage(folder, CODE, tmp_path / "out")


def test_a_database_that_is_missing_is_told_as_missing(folder: Path, tmp_path: Path) -> None:
    (folder / DATABASE).unlink()
    (told,) = refusals(folder, tmp_path / "out")
    assert "vault.db, is missing" in told
    found = findings(folder)
    assert found["pages"] == ("The database, vault.db, is missing",)
    assert "Everything saved before is safe" not in str(found)


def test_a_database_that_is_cut_off_is_told_with_the_pages_that_are_missing(tmp_path: Path) -> None:
    with furnished(tmp_path) as vault:
        folder = vault.folder
    pages = (folder / DATABASE).stat().st_size // PAGE
    os.truncate(folder / DATABASE, (pages - 3) * PAGE)
    found = findings(folder)
    assert found["pages"] == (f"The database is cut off: 3 of {pages} pages are missing",)
    assert "cut off" in found["opening"][0]
    made = salvage(folder, CODE, tmp_path / "out")
    assert (made.pages, made.damaged_pages) == (pages, 3)


def test_a_database_of_which_no_page_opens_is_no_diary_without_entries(folder: Path, tmp_path: Path) -> None:
    (folder / DATABASE).write_bytes(os.urandom(4 * PAGE))
    with pytest.raises(VaultDamaged, match="not one page"):
        salvage(folder, CODE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_a_salvage_left_when_the_disk_was_full_is_named_as_readable_and_not_all(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("diary.vault.rescue.salvage.os.fsync", no_room)
    with pytest.raises(DiskFull) as refused:
        salvage(folder, CODE, tmp_path / "out")
    assert f"is in {tmp_path / 'out'}, not encrypted, and is not all" in refused.value.message
    assert "Remove that" in refused.value.hint


def test_a_lost_header_is_told_with_the_way_back_and_that_of_a_backup_opens_what_came_after_it(
    folder: Path, tmp_path: Path
) -> None:
    backup = shutil.copytree(folder, tmp_path / "restored")
    with Vault.unlock(folder, CODE) as vault:
        vault.entries.add(words("Written after the backup."))
    for name in (HEADER, COPY):
        (folder / name).unlink()
    (told,) = refusals(folder, tmp_path / "out")
    assert "both copies of its header are missing" in told
    assert "copy vault.header from DIR into this folder" in told
    assert findings(folder)["keys"] == ("Nothing opens it without a header",)
    shutil.copy(backup / HEADER, folder / HEADER)
    with Vault.unlock(folder, CODE) as vault:
        assert [one.text for one in vault.entries.list(EntryFilter())] == ["Written after the backup."]
        assert (vault.warnings, vault.check()) == ((), [])


def test_a_folder_without_anything_of_a_vault_is_none(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing):
        findings(tmp_path)


def test_a_vault_of_a_newer_diary_is_not_told_as_damage(folder: Path) -> None:
    with Vault.unlock(folder, CODE) as vault:
        vault._database.run("PRAGMA user_version = 99")
    with pytest.raises(VaultTooNew):
        findings(folder)


def test_a_place_to_restore_to_that_may_only_be_read_is_told_as_that() -> None:
    with pytest.raises(VaultReadOnly, match="where the diary was to be restored"), told_of_restoring():
        raise OSError(30, "Read-only file system")


def test_what_this_user_may_not_read_is_no_fault_of_the_disk() -> None:
    with pytest.raises(StorageFailed) as refused, told_to_the_reader():
        raise PermissionError(13, "Permission denied")
    assert "This user may not read" in refused.value.message and "chown" in refused.value.hint


def test_a_closed_folder_of_files_keeps_nobody_from_their_words(tmp_path: Path) -> None:
    with furnished(tmp_path) as vault:
        vault.entries.add(words("Still read."))
    with _as_somebody(vault.folder) as folder:
        (folder / ATTACHMENTS).chmod(0)
        with Vault.unlock(folder, CODE) as opened:
            assert opened.warnings == (NO_LOOKING_IN,)
            assert "Still read." in [one.text for one in opened.entries.list(EntryFilter())]
            opened.entries.add(words("And written."))
        assert findings(folder)["permissions"] == (f"{MAY_NOT_READ} {ATTACHMENTS}",)
        (folder / ATTACHMENTS).chmod(0o600)  # listed, and none of it reached
        assert findings(folder)["permissions"] == (f"{MAY_NOT_READ} {ATTACHMENTS}",)
        (folder / ATTACHMENTS).chmod(0o700)
        assert findings(folder) == {}


def test_headers_that_this_user_may_not_read_are_not_told_as_damage(folder: Path) -> None:
    with _as_somebody(folder) as closed:
        for name in (HEADER, COPY):
            (closed / name).chmod(0)
        with pytest.raises(DiaryError) as refused:
            Vault.unlock(closed, CODE)
        assert isinstance(refused.value, StorageFailed)
        assert findings(closed)["header"] == (f"{MAY_NOT_READ} {HEADER}, {COPY}",)


@contextmanager
def _as_somebody(vault: Path) -> Iterator[Path]:
    """A copy of the vault as that of an ordinary user, where the tests run as root: root reads all."""
    root = os.getuid() == 0
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(vault, Path(place) / "vault")
        if root:
            for path in (Path(place), folder, *folder.rglob("*")):
                os.chown(path, SOMEBODY, SOMEBODY)
            os.setresuid(SOMEBODY, SOMEBODY, 0)
        try:
            yield folder
        finally:
            if root:
                os.setresuid(0, 0, 0)
            (folder / ATTACHMENTS).chmod(0o700)
