"""Kill -9 at any moment of a backup or a restore: the last good backup is whole, and so is the vault.

The long form is among the two thousand of `test_kill`.
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.faulty_disk import FaultyDisk
from tests.faults.killing import Templates, killed


def test_a_killed_backup_leaves_the_last_good_one_and_the_vault(disk: FaultyDisk, root: Path) -> None:
    tally = killed(disk, "backup", root, Templates(root), times=4)
    assert tally.amid


def test_a_killed_incremental_backup_leaves_every_one_with_what_it_goes_on_from(
    disk: FaultyDisk, root: Path
) -> None:
    tally = killed(disk, "incremental backup", root, Templates(root), times=4)
    assert tally.amid


def test_a_killed_restore_leaves_a_whole_vault(disk: FaultyDisk, root: Path) -> None:
    tally = killed(disk, "restore", root, Templates(root), times=4)
    assert tally.amid
