"""What everything that makes backups must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.errors import Stopped, StorageFailed
from diary.model.progress import Progress
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words


class BackupMakerContract:
    def test_the_last_good_backup_is_remembered_with_what_it_holds(
        self, stores: Stores, tmp_path: Path
    ) -> None:
        assert stores.backups.last() is None
        stores.entries.add(words("one"))
        told: list[Progress] = []
        made = stores.backups.make(tmp_path, report=told.append)
        last = stores.backups.last()
        assert last is not None
        assert (last.file, last.entries, last.findings) == (str(made.file), 1, ())
        assert last.made == made.contents.made
        assert made.file.parent == tmp_path
        assert made.file.is_file()
        assert told[-1].done == told[-1].total

    def test_as_many_stay_as_are_wished_for(self, stores: Stores, tmp_path: Path) -> None:
        first, second, third = (stores.backups.make(tmp_path, keep=1) for _ in range(3))
        assert (second.removed, third.removed) == ((first.file,), (second.file,))
        assert list(tmp_path.glob("*.backup")) == [third.file]

    def test_one_that_is_stopped_or_has_no_place_leaves_nothing(self, stores: Stores, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        with pytest.raises(Stopped):
            stores.backups.make(tmp_path / "out", cancelled=lambda: True)
        with pytest.raises(StorageFailed, match="no backup was made"):
            stores.backups.make(tmp_path / "none" / "there")
        assert list((tmp_path / "out").iterdir()) == []
        assert stores.backups.last() is None
