"""A backup or a restore that finds no room, or no disk: a sentence, and everything before is as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from diary.errors import DiskFull, StorageFailed
from diary.model.entry import Kind
from diary.vault.backups import blocks, container, making, writing
from diary.vault.backups.restoring import drill, restore
from diary.vault.vault import Vault
from tests.faults.test_disk_full import fill
from tests.faults.test_disk_full import small_disk as small_disk
from tests.unit.vault.backed_up import CODE, furnished, names
from tests.unit.vault.fresh import MORNING, words

STEP = 4096


def backups_at(disk: Path, elsewhere: Path, positions: Iterable[int] | None) -> None:
    """Back up with so much room left, for each; None: at every page up to where it succeeds."""
    vault = furnished(disk)
    (disk / "stick").mkdir()
    file = vault.backups.make(disk / "stick/a.backup").file
    good, last = file.read_bytes(), vault.backups.last()
    vault.entries.add(words("more"))
    vault._database.checkpoint()
    refused, made = 0, False
    for leave in positions if positions is not None else range(0, 8_000_000, STEP):
        filler = fill(disk, leave=leave)
        try:
            vault.backups.make(file)
            made = True
        except (DiskFull, StorageFailed) as error:
            refused += 1
            assert "are as they were" in str(error) or "saved before is safe" in str(error), leave
            assert file.read_bytes() == good, leave
            assert vault.backups.last() == last
        filler.unlink()
        assert names(disk / "stick") == ["a.backup"]
        assert making.SCRATCH not in names(vault.folder)
        if made:
            break
    assert made
    assert refused > 2
    assert drill(file, CODE, scratch=elsewhere).contents.entries == 4
    assert vault.check() == []
    vault.close()


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that does not say beforehand how much room there is, as one with quotas does not."""
    monkeypatch.setattr(writing, "_require_room", lambda *_: None)


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.mark.usefixtures("unasked")
def test_a_backup_that_finds_no_room_leaves_the_last_good_one(small_disk: Path, elsewhere: Path) -> None:
    backups_at(small_disk, elsewhere, [0, STEP, 300_000, 850_000, 1_200_000, 1_800_000, 8_000_000])


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("unasked")
def test_a_backup_that_finds_no_room_at_any_page_leaves_the_last_good_one(
    small_disk: Path, elsewhere: Path
) -> None:
    backups_at(small_disk, elsewhere, None)


def test_too_little_room_is_told_before_the_copy(small_disk: Path) -> None:
    with furnished(small_disk) as vault:
        (small_disk / "stick").mkdir()
        vault._database.checkpoint()
        told: list[object] = []
        fill(small_disk, leave=400_000)
        with pytest.raises(DiskFull, match="the backups before are as they were"):
            vault.backups.make(small_disk / "stick", report=told.append)
        assert told == []
        assert names(small_disk / "stick") == []


def test_a_restore_that_finds_no_room_leaves_the_vault_that_was(small_disk: Path) -> None:
    vault = furnished(small_disk)
    (small_disk / "stick").mkdir()
    file = vault.backups.make(small_disk / "stick/a.backup").file
    vault.close()
    for leave in (0, STEP, 200_000, 700_000, 900_000):
        filler = fill(small_disk, leave=leave)
        with pytest.raises(DiskFull, match="nothing was changed"):
            restore(file, CODE, vault.folder, now=MORNING, replace=True)
        filler.unlink()
        assert names(small_disk) == ["stick", "vault"]
    with Vault.unlock(vault.folder, CODE) as same:
        assert same.entries.count() == 3
        assert same.check() == []


def test_a_stick_that_goes_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with furnished(tmp_path) as vault:
        stick = tmp_path / "stick"
        stick.mkdir()
        opens = writing._opened

        def pulled(path: Path) -> AbstractContextManager[int]:
            shutil.rmtree(stick, ignore_errors=True)
            return opens(path)

        monkeypatch.setattr(writing, "_opened", pulled)
        with pytest.raises(StorageFailed, match="no backup was made"):
            vault.backups.make(stick)
        assert vault.backups.last() is None
        assert making.SCRATCH not in names(vault.folder)
        assert vault.check() == []


def test_a_stick_that_gives_back_something_else_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After all of it came back once: the first page, the list of contents, and the footer."""
    (tmp_path / "stick").mkdir()
    with furnished(tmp_path) as vault:
        good = vault.backups.make(tmp_path / "stick/a.backup").file.read_bytes()
        opens = container.Container.open
        for place in (40, 16_000, len(good) - 300, len(good) - 120, len(good) - 80, len(good) - 20):

            def forgets(path: Path, place: int = place) -> container.Container:
                with path.open("r+b") as file:
                    file.seek(place)
                    file.write(bytes(16))
                return opens(path)

            monkeypatch.setattr(container.Container, "open", forgets)
            with pytest.raises(StorageFailed, match="does not come back"):
                vault.backups.make(tmp_path / "stick/a.backup")
            assert (tmp_path / "stick/a.backup").read_bytes() == good
            assert names(tmp_path / "stick") == ["a.backup"]


@pytest.mark.parametrize("target", ["a.backup", "."])
def test_a_disk_that_keeps_something_else_is_told_wherever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """All of it is compared as it is read back, and not once more."""
    (tmp_path / "stick").mkdir()
    with furnished(tmp_path) as vault:
        vault.recordings.keep(words("said", kind=Kind.VOICE), bytes(3_000_000), name="a.wav")
        vault.backups.make(tmp_path / "stick")
        vault.recordings.keep(words("more", kind=Kind.VOICE), bytes(1_000_000), name="b.wav")
        before = names(tmp_path / "stick")
        size = 1_200_000 if target == "." else 4_600_000
        forces = os.fdatasync
        for place in (0, 40, size // 3, size // 2, size - 300_000):

            def forgets(handle: int, place: int = place) -> None:
                forces(handle)
                with Path(f"/proc/self/fd/{handle}").open("r+b", buffering=0) as file:
                    os.pwrite(file.fileno(), os.urandom(16), place)

            with monkeypatch.context() as patch:
                patch.setattr(blocks.os, "fdatasync", forgets)
                with pytest.raises(StorageFailed, match="does not come back"):
                    vault.backups.make(tmp_path / "stick" / target)
            assert names(tmp_path / "stick") == before


def test_a_read_only_stick_is_told(small_disk: Path, elsewhere: Path) -> None:
    with furnished(elsewhere) as vault:
        file = vault.backups.make(small_disk / "a.backup").file
        good = file.read_bytes()
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        for target in (file, small_disk):
            with pytest.raises(StorageFailed, match=r"EROFS.*no backup was made"):
                vault.backups.make(target)
        assert file.read_bytes() == good
        assert drill(file, CODE, scratch=elsewhere).contents.entries == 3
