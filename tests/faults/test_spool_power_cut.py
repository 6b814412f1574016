"""A power cut while somebody speaks: what was synced is there, of what was not any sectors may be.

Model: bytes written before a sync that returned are on the disk; each 512-byte sector written since may be or
not, in any order, and the file may have its old length or the new one, with zeros where nothing arrived.
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
from tests.unit.vault.fresh import MORNING, fresh_vault

SECTOR = 512
KEY, IDENTITY = b"k" * 32, b"vault and file"


class Disk:
    """Stands between the file and the disk, and remembers what was synced.

    :ivar synced: the file as it certainly is. :ivar written: the file as the operating system shows it.
    :ivar before_the_sync: called when a write is there that is not synced.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced = b""
        self.written = b""
        self.before_the_sync: Callable[[], None] = lambda: None
        self._pwrite, self._fdatasync = os.pwrite, os.fdatasync
        monkeypatch.setattr(spool_file.os, "pwrite", self.pwrite)
        monkeypatch.setattr(spool_file.os, "fdatasync", self.fdatasync)

    def pwrite(self, handle: int, content: bytes, place: int) -> int:
        content = bytes(content)
        shown = self.written.ljust(place + len(content), b"\0")
        self.written = shown[:place] + content + shown[place + len(content) :]
        return self._pwrite(handle, content, place)

    def fdatasync(self, handle: int) -> None:
        self.before_the_sync()
        self._fdatasync(handle)
        self.synced = self.written

    def after_a_cut(self, dice: random.Random) -> bytes:
        """One of the files that may be found."""
        length = dice.choice([len(self.synced), len(self.written), dice.randint(0, len(self.written))])
        found = bytearray(self.synced.ljust(max(length, len(self.synced)), b"\0"))
        for start in range(0, len(found), SECTOR):
            if dice.random() < 0.5:
                arrived = self.written[start : min(start + SECTOR, len(found))]
                found[start : start + len(arrived)] = arrived
        return bytes(found)


def sizes(dice: random.Random) -> list[int]:
    return [dice.choice([2, 320, 480, 3_200, 8_000, 16_000]) for _ in range(8)]


@pytest.mark.parametrize("seed", range(3))
def test_what_was_appended_survives_a_power_cut_at_any_moment(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    disk = Disk(monkeypatch)
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


def require_recovered(path: Path, disk: Disk, dice: random.Random, possible: list[bytes]) -> None:
    for _ in range(8):
        path.write_bytes(disk.after_a_cut(dice))
        found = SpoolFile.open(path, KEY, IDENTITY)
        assert found.read(0, 1_000_000) in possible
        assert found.is_whole()
        found.close()


def test_sound_is_synced_before_append_returns_a_second_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    file = SpoolFile.create(tmp_path / "spool", KEY, IDENTITY)
    unsynced = []
    pwrite = disk.pwrite

    def watched(handle: int, content: bytes, place: int) -> int:
        written = pwrite(handle, content, place)
        unsynced.append(len(disk.written) - len(disk.synced))
        return written

    monkeypatch.setattr(spool_file.os, "pwrite", watched)
    for size in (2, 16_000, 100_000):
        file.append(bytes(size))
        assert disk.synced == (tmp_path / "spool").read_bytes()
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
