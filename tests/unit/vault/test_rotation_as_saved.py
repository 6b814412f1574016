"""A new vault key lists all rows anew: so there is none while they are not as they were last saved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diary.errors import KeyRefused
from diary.model.entry import EntryFilter
from diary.model.key import KeyFile
from diary.vault.keyring import KeyRing
from diary.vault.rotation import DATABASE, ROTATED
from diary.vault.vault import Vault
from tests.unit.vault.fresh import fresh_folder, words
from tests.unit.vault.test_manifest import OLDER, behind_its_back

FILE = KeyFile(bytes(range(64)), made=True)


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, str]:
    """Closed, with one entry; a key file and a code open it."""
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code) as opened:
        opened.entries.add(words("Frost on the weir."))
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    return folder, code


def test_no_new_key_hides_an_older_database_put_back(vault: tuple[Path, str], tmp_path: Path) -> None:
    """Under a new key the rows are listed anew: as they are then, whatever they were."""
    folder, code = vault
    older = Path(shutil.copyfile(folder / DATABASE, tmp_path / "older"))
    with Vault.unlock(folder, code) as opened:
        opened.entries.add(words("Lost again."))
    shutil.copyfile(older, folder / DATABASE)
    before = (folder / DATABASE).read_bytes()
    with KeyRing.open(folder, FILE) as keys, pytest.raises(KeyRefused) as refused:
        keys.rotate()
    assert OLDER in refused.value.message
    assert "diary doctor --accept" in refused.value.hint
    assert ((folder / DATABASE).read_bytes(), (folder / ROTATED).exists()) == (before, False)
    with Vault.unlock(folder, code) as opened:
        assert any(OLDER in warning for warning in opened.warnings)
        opened.accept()
    with KeyRing.open(folder, FILE) as keys:
        keys.rotate()
    with Vault.unlock(folder, FILE) as opened:
        assert (opened.warnings, opened.check()) == ((), [])


def test_no_new_key_hides_a_row_that_no_opening_finds(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with Vault.unlock(folder, code) as opened:
        first = next(one for one in opened.entries.list(EntryFilter()) if one.text)
        with opened._database.transaction(), behind_its_back(opened._database):
            opened._database.run("UPDATE entries SET text = 'Other.' WHERE id = ?", (first.id,))
    with KeyRing.open(folder, FILE) as keys, pytest.raises(KeyRefused, match=rf"\(number {first.id}\)"):
        keys.rotate()
