"""The ballast takes room, gives it back in parts, and leaves some for words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from diary.errors import DiskFull
from diary.vault.ballast import BALLAST, SIZE, Ballast
from diary.vault.doctor import examine
from diary.vault.surroundings import NEARLY_FULL
from diary.vault.vault import Vault, local_now
from tests.unit.vault.fresh import fresh_folder

QUARTER = SIZE // 4


class SmallDisk:
    """Room for so many bytes in the ballast."""

    def __init__(self, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._write = os.pwrite
        self.room = room
        monkeypatch.setattr(os, "pwrite", self.write)

    def write(self, handle: int, content: bytes, place: int) -> int:
        if place >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(handle, content[: self.room - place], place)


def size(folder: Path) -> int:
    path = folder / BALLAST
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize(
    ("room", "taken"),
    [
        (2 * SIZE, SIZE),
        (SIZE + QUARTER, SIZE),
        (SIZE + QUARTER - 1, SIZE - QUARTER),
        (2 * QUARTER + 5, QUARTER),
        (2 * QUARTER - 1, 0),
        (0, 0),
    ],
)
def test_it_takes_whole_quarters_and_leaves_one_free(
    tmp_path: Path, room: int, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    SmallDisk(room, monkeypatch)
    Ballast(tmp_path).keep()
    assert size(tmp_path) == taken
    assert (tmp_path / BALLAST).exists() == bool(taken)


def test_it_grows_again_and_never_gives_up_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballast, disk = Ballast(tmp_path), SmallDisk(3 * QUARTER, monkeypatch)
    ballast.keep()
    disk.room = 2 * QUARTER
    ballast.keep()
    assert size(tmp_path) == 2 * QUARTER
    disk.room = 3 * SIZE
    ballast.keep()
    assert size(tmp_path) == SIZE
    content = (tmp_path / BALLAST).read_bytes()
    ballast.keep()
    assert (tmp_path / BALLAST).read_bytes() == content
    assert bytes(4096) not in content


def test_it_is_given_back_a_quarter_at_a_time_or_whole(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path)
    ballast.keep()
    sizes = []
    while ballast.release_some():
        sizes.append(size(tmp_path))
    assert sizes == [3 * QUARTER, 2 * QUARTER, QUARTER, 0]
    assert not ballast.release() and not ballast.release_some()
    ballast.keep()
    assert ballast.release()
    assert size(tmp_path) == 0


def test_what_takes_away_is_done_again_with_the_room_and_once_only(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path)
    ballast.keep()
    tried = []

    def removal() -> str:
        tried.append(size(tmp_path))
        if len(tried) == 1:
            raise DiskFull("full")
        return "removed"

    assert ballast.make_room_for(removal) == "removed"
    assert tried == [SIZE, 0]

    def hopeless() -> str:
        raise DiskFull("full")

    with pytest.raises(DiskFull):
        ballast.make_room_for(hopeless)


@pytest.mark.parametrize("room", [2 * SIZE, SIZE])
def test_who_opens_a_diary_on_a_disk_that_is_nearly_full_is_told(
    tmp_path: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    (folder / BALLAST).unlink()  # it is yet to be made, on that disk
    SmallDisk(room, monkeypatch)
    with Vault.unlock(folder, code) as vault:
        assert (NEARLY_FULL in vault.warnings) == (room == SIZE)
    found = {check.name: check.findings for check in examine(folder, code, now=local_now)}
    assert (found["opening"], bool(found["room"])) == ((), room == SIZE)
