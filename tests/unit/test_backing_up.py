"""Backups as a habit: when one is due, and where they go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from diary.backing_up import FEW, BackingUp
from diary.errors import UsageError
from diary.model.backup import BackupDue
from diary.settings import BackupHabit
from tests.fakes.stores import FakeStores, fake_stores
from tests.unit.vault.fresh import MORNING, words


@dataclass
class Clock:
    days: int = 0

    def __call__(self) -> datetime:
        return MORNING + timedelta(days=self.days)


def furnished(clock: Clock, entries: int = FEW + 1) -> FakeStores:
    stores = fake_stores(now=clock)
    for number in range(entries):
        stores.entries.add(words(f"entry {number}"))
    return stores


def test_without_any_backup_one_is_due_once_there_is_something_to_lose() -> None:
    clock = Clock()
    stores = furnished(clock, FEW)
    backing = BackingUp(stores, BackupHabit(), now=clock)
    assert backing.due() is None
    stores.entries.add(words("one more"))
    due = backing.due()
    assert due == BackupDue(days=None, folder=False)
    assert due.words == "no backup yet"


def test_one_is_due_when_the_last_good_one_is_older_than_is_wished(tmp_path: Path) -> None:
    clock = Clock()
    stores = furnished(clock)
    backing = BackingUp(stores, BackupHabit(folder=tmp_path, every=timedelta(days=7)), now=clock)
    backing.make()
    clock.days = 7
    assert backing.due() is None
    clock.days = 8
    due = backing.due()
    assert due == BackupDue(days=8, folder=True)
    assert due.words == "last backup 8 days ago"
    backing.make()
    assert backing.due() is None


def test_who_wishes_no_reminder_gets_none() -> None:
    clock = Clock(days=400)
    assert BackingUp(furnished(clock), BackupHabit(every=None), now=clock).due() is None


def test_it_is_told_once_a_day() -> None:
    clock = Clock()
    backing = BackingUp(furnished(clock), BackupHabit(), now=clock)
    assert backing.due_today() is not None
    assert backing.due_today() is None
    assert backing.due() is not None
    clock.days = 1
    assert backing.due_today() is not None
    assert backing.due_today() is None


def test_backups_go_into_the_folder_of_the_settings_and_as_many_stay_as_they_say(tmp_path: Path) -> None:
    clock = Clock()
    stores = furnished(clock)
    with pytest.raises(UsageError, match="no folder for backups"):
        BackingUp(stores, BackupHabit(), now=clock).make()
    backing = BackingUp(stores, BackupHabit(folder=tmp_path, keep=2), now=clock)
    made = [backing.make() for _ in range(4)]
    assert made[3].removed == (made[1].file,)
    assert sorted(tmp_path.iterdir()) == sorted([made[2].file, made[3].file])


def test_a_folder_that_is_not_there_does_not_become_a_file(tmp_path: Path) -> None:
    clock, missing = Clock(), tmp_path / "stick"
    backing = BackingUp(furnished(clock), BackupHabit(folder=missing), now=clock)
    with pytest.raises(UsageError, match=f"{missing}, is not there"):
        backing.make()
    assert not missing.exists()


def test_who_has_chosen_no_folder_is_told_of_the_file_and_of_a_folder_that_may_be_used(
    tmp_path: Path,
) -> None:
    clock = Clock()
    habit = BackupHabit(config=tmp_path / "config.toml", example=Path("/srv/backups"))
    with pytest.raises(UsageError) as told:
        BackingUp(furnished(clock), habit, now=clock).make()
    assert f'[backup] in {tmp_path}/config.toml: folder = "/srv/backups"' in told.value.hint
