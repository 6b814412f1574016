"""A power cut while somebody speaks: what was synced is there, of what was not any sectors may be.

The disk is modelled as for whole vaults (`tests.faults.power.disk`), here before each sync of one file.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.vault import spool_file
from diary.vault.spool_file import SpoolFile
from diary.vault.spools import SPOOLS
from tests.faults.power.disk import Fate, File, Wrote
from tests.unit.vault.fresh import MORNING, fresh_vault

KEY, IDENTITY = b"k" * 32, b"vault and file"


class Watched:
    """Stands between the file and the disk, and lets the model of the disk follow.

    :ivar before_the_sync: called when a write is there that is not synced.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = File()
        self.before_the_sync: Callable[[], None] = lambda: None
        self._pwrite, self._fdatasync = os.pwrite, os.fdatasync
        monkeypatch.setattr(spool_file.os, "pwrite", self.pwrite)
        monkeypatch.setattr(spool_file.os, "fdatasync", self.fdatasync)

    def pwrite(self, handle: int, content: bytes, place: int) -> int:
        written = self._pwrite(handle, content, place)
        self.file.since.append(Wrote(0, place, bytes(content)[:written]))
        return written

    def fdatasync(self, handle: int) -> None:
        self.before_the_sync()
        self._fdatasync(handle)
        self.file.sync()


def sizes(dice: random.Random) -> list[int]:
    return [dice.choice([2, 320, 480, 3_200, 8_000, 16_000]) for _ in range(8)]


@pytest.mark.parametrize("seed", range(3))
def test_what_was_appended_survives_a_power_cut_at_any_moment(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    disk = Watched(monkeypatch)
    file = SpoolFile.create(tmp_path / "spool", KEY, IDENTITY)
    acknowledged = b""
    for size in sizes(dice):
        sound = dice.randbytes(size)
        disk.before_the_sync = lambda so_far=acknowledged, sound=sound: require_recovered(
            tmp_path / "found", disk, dice, [so_far, so_far + sound]
        )
        file.append(sound)
        acknowledged += sound
        require_recovered(tmp_path / "found", disk, dice, [acknowledged])
    file.close()


def require_recovered(path: Path, disk: Watched, dice: random.Random, possible: list[bytes]) -> None:
    for _ in range(8):
        path.write_bytes(disk.file.found(dice, Fate.thrown(dice)))
        found = SpoolFile.open(path, KEY, IDENTITY)
        assert found.read(0, 1_000_000) in possible
        assert found.is_whole()
        found.close()


def test_sound_is_synced_before_append_returns_a_second_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Watched(monkeypatch)
    file = SpoolFile.create(tmp_path / "spool", KEY, IDENTITY)
    unsynced = []
    pwrite = disk.pwrite

    def watched(handle: int, content: bytes, place: int) -> int:
        written = pwrite(handle, content, place)
        unsynced.append(len(disk.file.shown()) - len(disk.file.synced))
        return written

    monkeypatch.setattr(spool_file.os, "pwrite", watched)
    for size in (2, 16_000, 100_000):
        file.append(bytes(size))
        assert disk.file.synced == (tmp_path / "spool").read_bytes()
    assert max(unsynced) == spool_file.LONGEST
    file.close()


def test_a_recording_and_its_name_are_on_the_disk_before_its_first_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())

    with fresh_vault(tmp_path) as vault:
        monkeypatch.setattr(os, "fsync", watched)
        running = vault.spools.begin(MORNING)
        monkeypatch.undo()
        folder = vault.folder / SPOOLS
        assert synced == [vault.folder, folder / running.id, folder]
