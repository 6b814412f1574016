"""A backup of an older database that was put back takes the place of none, until that is accepted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diary.errors import FileExists
from diary.vault.backups.restoring import drill
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.unit.vault.backed_up import CODE
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import fresh_folder, words
from tests.unit.vault.test_manifest import OLDER, unlocked


def test_a_backup_of_what_was_put_back_replaces_nothing_until_it_is_accepted(
    tmp_path: Path, out: Path
) -> None:
    folder, _ = fresh_folder(tmp_path)
    older = Path(shutil.copyfile(folder / DATABASE, tmp_path / "older"))
    with unlocked(folder) as vault:
        vault.entries.add(words("Only in the backups, soon."))
        whole, dated = vault.backups.make(out / "a.backup").file, vault.backups.make(out).file
    good = whole.read_bytes()
    shutil.copyfile(older, folder / DATABASE)
    for _ in range(2):  # what one opening found counts at the next
        with unlocked(folder) as vault:
            with pytest.raises(FileExists, match=OLDER):
                vault.backups.make(whole)
            made = vault.backups.make(out, keep=1)
            assert ([OLDER in one for one in made.findings], made.removed) == ([True], ())
            assert vault.backups.last() is None
    assert (whole.read_bytes(), dated.exists()) == (good, True)
    assert drill(whole, CODE, scratch=tmp_path).contents.entries == 1
    with Vault.unlock(folder, CODE) as vault:
        vault.accept()
        accepted = vault.backups.make(whole)
        assert (accepted.findings, accepted.contents.entries) == ((), 0)
