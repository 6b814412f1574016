"""Backups as earlier versions made them: frozen files of the form "DIARYBK1", and an incremental on one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diary.errors import BackupDamaged
from diary.model.entry import EntryFilter, Kind
from diary.vault.backups.container import OLD_WHOLE
from diary.vault.backups.restoring import drill, restore
from diary.vault.vault import Vault
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
