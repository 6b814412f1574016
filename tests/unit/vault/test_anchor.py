"""Nothing keeps the anchor from being written, or it is told; and so an older database put back is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.vault.anchor import ANCHOR
from diary.vault.files import ASIDE
from diary.vault.manifest_tree import MAC_BYTES
from diary.vault.rotation import DATABASE
from diary.vault.settings import forget_setting
from diary.vault.vault import Vault
from diary.vault.watch import ANCHORED, UNANCHORED, manifest_of
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import fresh_folder, words
from tests.unit.vault.test_manifest import OLDER, kept_copy, put_back, unlocked


def test_nothing_in_the_way_of_the_anchor_keeps_it_from_being_written(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    (vault.folder / (ANCHOR + ASIDE)).mkdir()
    kept = kept_copy(vault, tmp_path / "kept")
    for text in ("later", "later still"):
        with unlocked(vault.folder) as again:
            assert again.warnings == ()
            again.entries.add(words(text))
        assert again.warnings == ()
    put_back(kept, vault.folder)
    with unlocked(vault.folder) as rolled_back:
        assert [OLDER in sentence for sentence in rolled_back.warnings] == [True]
    assert [path.name for path in vault.folder.iterdir() if path.name.endswith(ASIDE)] == [ANCHOR + ASIDE]


def test_what_was_found_is_told_after_a_kill_too_though_the_database_went_on(tmp_path: Path) -> None:
    """By then it is newer than the anchor, and nothing else would tell it."""
    vault = furnished(tmp_path)
    kept = kept_copy(vault, tmp_path / "kept")
    with unlocked(vault.folder) as again:
        again.entries.add(words("later"))
    put_back(kept, vault.folder)
    with unlocked(vault.folder) as rolled_back:
        for number in range(9):
            rolled_back.entries.add(words(f"and on {number}"))
        killed = Path(shutil.copytree(vault.folder, tmp_path / "killed"))
    with unlocked(killed) as again:
        assert [OLDER in sentence for sentence in again.warnings] == [True]


def test_an_anchor_that_cannot_be_written_is_told_when_the_diary_is_closed(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    vault.entries.add(words("with nothing amiss"))
    vault.close()
    assert vault.warnings == ()
    for in_the_way in (_a_folder_in_its_place, _a_reader_of_the_database):
        opened = unlocked(vault.folder)
        opened.entries.add(words("and more"))
        with in_the_way(opened.folder):
            opened.close()
        assert UNANCHORED in opened.warnings, in_the_way
    with unlocked(vault.folder) as again:
        assert again.warnings == ()


@contextmanager
def _a_folder_in_its_place(folder: Path) -> Iterator[None]:
    kept = (folder / ANCHOR).rename(folder / "kept")
    (folder / ANCHOR / "in it").mkdir(parents=True)
    yield
    shutil.rmtree(folder / ANCHOR)
    kept.rename(folder / ANCHOR)


@contextmanager
def _a_reader_of_the_database(folder: Path) -> Iterator[None]:
    """Another process that holds a place in the log, without any key: a byte of the shared memory locked."""
    reads = "import fcntl, sys; f = open(sys.argv[1], 'rb'); fcntl.lockf(f, fcntl.LOCK_SH, 5, 123)"
    program = f"{reads}; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(folder / f"{DATABASE}-shm")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdin is not None
        child.stdout.readline()
        yield
        child.stdin.close()


def test_without_an_anchor_from_the_beginning_it_is_told_at_every_opening(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code) as opened, opened._database.transaction():
        forget_setting(opened._database, ANCHORED)
    (folder / ANCHOR).unlink()
    (folder / ANCHOR / "in it").mkdir(parents=True)
    for _ in range(2):
        with Vault.unlock(folder, code) as opened:
            assert any(sentence.startswith(UNANCHORED) for sentence in opened.warnings)
            assert opened.entries.add(words("saved all the same")).id


def test_a_root_that_was_written_without_the_key_is_none(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    database, manifest = vault._database, vault._watch.manifest
    ((stored,),) = database.rows("SELECT mac FROM manifest WHERE part = '' AND level = 2")
    forged = bytearray(stored)
    forged[MAC_BYTES + 1] ^= 1  # the generation, which is what the anchor goes by
    assert manifest.state() is not None
    with pytest.raises(KeyError), database.transaction():
        database.run("UPDATE manifest SET mac = ? WHERE part = '' AND level = 2", (bytes(forged),))
        assert manifest_of(database, vault._key).state() is None
        raise KeyError
    vault.close()
