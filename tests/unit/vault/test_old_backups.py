"""Backups as earlier versions made them: frozen files of the form "DIARYBK1", and an incremental on one."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from diary.errors import BackupDamaged
from diary.model.entry import EntryFilter, Kind
from diary.model.progress import Cancelled
from diary.vault.backups import verifying, writing
from diary.vault.backups.container import OLD_WHOLE
from diary.vault.backups.manifest import Manifest, manifest_of, sum_of_rows
from diary.vault.backups.restoring import drill, restore
from diary.vault.connection import Database
from diary.vault.vault import Vault
from tests.unit.vault.backed_up import CODE, furnished
from tests.unit.vault.fresh import MORNING, PASSPHRASE, words

FROZEN = Path(__file__).with_name("old_backups")
WHOLE, AFTER = "diary-2026-05-08T0730.backup", "diary-2026-05-08T0830.backup"
SOUND = bytes(range(256)) * 200


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with both."""
    return Path(shutil.copytree(FROZEN, tmp_path / "stick"))


@pytest.mark.parametrize(("name", "entries"), [(WHOLE, 2), (AFTER, 3)])
def test_an_old_one_restores(tmp_path: Path, old: Path, name: str, entries: int) -> None:
    assert (old / WHOLE).read_bytes().startswith(OLD_WHOLE)
    assert drill(old / name, PASSPHRASE, scratch=tmp_path).contents.entries == entries
    restored = restore(old / name, PASSPHRASE, tmp_path / "again", now=MORNING).drilled
    assert restored.findings == ()
    with Vault.unlock(tmp_path / "again", PASSPHRASE) as again:
        (voice,) = again.entries.list(EntryFilter(kind=Kind.VOICE))
        assert again.recordings.sound(voice.id) == SOUND
        assert again.entries.count() == entries
        assert again.check() == []


@pytest.mark.parametrize("place", [3, 9, 20, 500, 60_000, -40, -10])
def test_an_old_one_that_was_changed_is_refused(tmp_path: Path, old: Path, place: int) -> None:
    content = bytearray((old / WHOLE).read_bytes())
    content[place] ^= 1
    (old / WHOLE).write_bytes(content)
    with pytest.raises(BackupDamaged if place != 3 else Exception, match="Nothing was changed"):
        drill(old / WHOLE, PASSPHRASE, scratch=tmp_path)


def test_a_new_one_goes_on_from_an_old_one_and_replaces_it(tmp_path: Path, old: Path) -> None:
    restore(old / AFTER, PASSPHRASE, tmp_path / "again", now=MORNING)
    (old / AFTER).unlink()
    with Vault.unlock(tmp_path / "again", PASSPHRASE) as again:
        again.entries.add(words("and one more", days=2))
        made = again.backups.make(old)
        assert made.needs == (WHOLE,)
        assert drill(made.file, PASSPHRASE, scratch=tmp_path).contents.entries == 4
        whole = again.backups.make(old / WHOLE)
        assert not (old / WHOLE).read_bytes().startswith(OLD_WHOLE)
        assert drill(old / WHOLE, PASSPHRASE, scratch=tmp_path).contents == whole.contents
        assert again.backups.make(old, keep=1).needs == ()


@pytest.fixture
def of_version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup whose manifest has a sum over all rows and none over the pages, as the first ones had."""

    def manifest(database: Database, made: datetime, tags: bytes) -> Manifest:
        rows, digest = sum_of_rows(database)
        now = manifest_of(database, made, tags)
        return msgspec.structs.replace(now, version=1, rows=rows, digest=digest, pages=0)

    with furnished(tmp_path) as vault, monkeypatch.context() as patched:
        patched.setattr(writing, "manifest_of", manifest)
        for name in ("_require_pages", "_require_same_rows"):
            patched.setattr(verifying, name, lambda *_: None)
        return vault.backups.make(tmp_path / "first.backup").file


def test_one_whose_manifest_sums_rows_restores(tmp_path: Path, of_version_1: Path) -> None:
    assert drill(of_version_1, CODE, scratch=tmp_path).contents.entries == 3
    restore(of_version_1, CODE, tmp_path / "again", now=MORNING)
    with Vault.unlock(tmp_path / "again", CODE) as again:
        assert (again.entries.count(), again.warnings) == (3, ())


def test_one_whose_rows_are_others_is_refused(
    tmp_path: Path, of_version_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_row_more(database: Database, *, cancelled: Cancelled) -> tuple[dict[str, int], str]:
        database.run("INSERT INTO settings(name, value) VALUES ('slipped', 'in')")
        return sum_of_rows(database, cancelled=cancelled)

    monkeypatch.setattr(verifying, "sum_of_rows", one_row_more)
    with pytest.raises(BackupDamaged, match="its entries are not those that were backed up"):
        drill(of_version_1, CODE, scratch=tmp_path)
