"""Kill -9 at any moment of a backup or a restore: the last good backup is whole, and so is the vault."""

from __future__ import annotations

import multiprocessing
import random
import shutil
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from diary.vault.backups.making import SCRATCH
from diary.vault.backups.places import SUFFIX, UNFINISHED
from diary.vault.backups.restoring import BEFORE, RESTORING, drill
from diary.vault.vault import Vault
from tests.faults.backer import back_up_until_killed, restore_until_killed
from tests.unit.vault.fresh import fresh_folder
from tests.unit.vault.test_removal_and_recordings import canary_everywhere


def run_and_kill(work: Callable[..., None], folder: Path, code: str, run: int, dice: random.Random) -> int:
    """Start it, kill it after some acknowledgements and up to 60 ms; the last it told, or -1."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.backer"])
    hear, tell = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(folder, code, run, tell))
    process.start()
    tell.close()
    last = -1
    for _ in range(dice.randrange(0, 4)):
        last = hear.recv()
    if hear.poll(dice.uniform(0, 0.06)):
        last = hear.recv()
    process.kill()
    for told in _rest(hear):
        last = told
    process.join()
    assert process.exitcode == -9  # it must not have ended by itself
    return last


def _rest(hear: Connection) -> list[int]:
    rest: list[int] = []
    try:
        while True:
            rest.append(hear.recv())
    except (EOFError, OSError):
        return rest


def furnished_folder(tmp_path: Path) -> tuple[Path, str]:
    folder, code = fresh_folder(tmp_path)
    (tmp_path / "stick").mkdir()
    with Vault.unlock(folder, code) as vault:
        canary_everywhere(vault)
        vault.backups.make(tmp_path / "stick/one.backup")
    return folder, code


def kill_backups(tmp_path: Path, times: int) -> None:
    folder, code = furnished_folder(tmp_path)
    stick, dice, good = tmp_path / "stick", random.Random(41), 0
    left_unfinished = 0
    for run in range(times):
        good = max(run_and_kill(back_up_until_killed, folder, code, run, dice), good)
        for file in stick.glob(f"*{SUFFIX}"):
            drill(file, code, scratch=tmp_path)  # each that has its name is whole
        left_unfinished += sum(1 for _ in stick.glob(f"*{UNFINISHED}"))
        newest = max(
            drill(file, code, scratch=tmp_path).contents.entries for file in stick.glob(f"*{SUFFIX}")
        )
        assert newest >= good
        with Vault.unlock(folder, code) as vault:
            assert vault.check() == []
            assert vault.entries.count() >= good
            assert not (folder / SCRATCH).exists()
    with Vault.unlock(folder, code) as vault:
        for target in (stick / "one.backup", stick):
            vault.backups.make(target, keep=2 if target == stick else None)
    assert list(stick.glob(f"*{UNFINISHED}")) == []
    assert left_unfinished or times < 20  # the kills did come in the middle


def kill_restores(tmp_path: Path, times: int) -> None:
    folder, code = furnished_folder(tmp_path)
    dice = random.Random(42)
    for run in range(times):
        run_and_kill(restore_until_killed, folder, code, run, dice)
        drill(tmp_path / "stick/one.backup", code, scratch=tmp_path)
        aside = sorted(folder.parent.glob(f"{folder.name}{BEFORE}*"))
        if not folder.exists():  # between two renames: both are beside it
            aside.pop().rename(folder)
        for whole in [folder, *aside[-1:]]:
            with Vault.unlock(whole, code) as vault:
                assert vault.check() == []
                assert vault.entries.count() == 3
        for old in aside:
            shutil.rmtree(old)
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"stick", folder.name, folder.name + RESTORING}


def test_a_killed_backup_leaves_the_last_good_one_and_the_vault(tmp_path: Path) -> None:
    kill_backups(tmp_path, 5)


def test_a_killed_restore_leaves_a_whole_vault(tmp_path: Path) -> None:
    kill_restores(tmp_path, 5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_killed_backups_leave_the_last_good_one_and_the_vault(tmp_path: Path) -> None:
    kill_backups(tmp_path, 100)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_killed_restores_leave_a_whole_vault(tmp_path: Path) -> None:
    kill_restores(tmp_path, 100)
