"""Where nothing may be written: what is there is read, the log's words included; writing is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.errors import StorageFailed, VaultBusy, VaultReadOnly
from diary.model.entry import EntryChanges, EntryFilter
from diary.vault.doctor import examine
from diary.vault.keyring import KeyRing
from diary.vault.lock import LOCK
from diary.vault.vault import READ_ONLY, Vault, local_now
from tests.unit.vault.fresh import PASSPHRASE, fresh_vault, words

Medium = Callable[[Path], Path]


@pytest.fixture
def medium(tmp_path: Path) -> Iterator[Medium]:
    """Puts a copy of a folder where nothing may be written; by mounting, or where only root may, by modes."""
    with _mounted(tmp_path / "medium") as (place, finish):

        def copy(folder: Path) -> Path:
            there = place / "vault"
            shutil.copytree(folder, there)
            finish()
            return there

        yield copy


@contextmanager
def _mounted(place: Path) -> Iterator[tuple[Path, Callable[[], object]]]:
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode == 0:
        try:
            yield place, lambda: subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
    elif os.geteuid() == 0:
        pytest.skip("root writes whatever the modes are, and may not mount here")
    else:
        everything = [place]
        try:
            yield place, lambda: _modes(everything, place, write=False)
        finally:
            _modes(everything, place, write=True)


def _modes(everything: list[Path], place: Path, *, write: bool) -> None:
    if not write:
        everything += place.rglob("*")
    for path in everything if write else reversed(everything):
        path.chmod((0o700 if write else 0o500) if path.is_dir() else (0o600 if write else 0o400))


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A vault as a crash leaves it: its last words are in the log alone."""
    vault = fresh_vault(tmp_path / "before")
    vault.entries.add(words("In the database"))
    vault._database.checkpoint()
    vault.entries.add(words("In the log"))
    copy = tmp_path / "crashed"
    shutil.copytree(vault.folder, copy)
    vault.close()
    (copy / LOCK).unlink()
    return copy


def test_everything_is_read_and_words_in_the_log_too(crashed: Path, medium: Medium) -> None:
    folder = medium(crashed)
    before = sorted(path.name for path in folder.iterdir())
    with Vault.unlock(folder, PASSPHRASE) as vault:
        texts = {entry.text for entry in vault.entries.list(EntryFilter())}
        assert texts == {"In the database", "In the log"}
        assert vault.warnings == (READ_ONLY,)
        assert vault.check() == []
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_vault_that_was_closed_is_read_without_its_log(tmp_path: Path, medium: Medium) -> None:
    vault = fresh_vault(tmp_path / "before")
    vault.entries.add(words("Kept"))
    vault.close()
    with Vault.unlock(medium(vault.folder), PASSPHRASE) as opened:
        assert [entry.text for entry in opened.entries.list(EntryFilter())] == ["Kept"]
        assert opened.check() == []
        with pytest.raises(VaultReadOnly):
            opened.entries.add(words("More"))


def test_what_is_not_indexed_or_read_yet_stays_so_and_stops_no_search(crashed: Path, medium: Medium) -> None:
    from ingest.observations.pending import read_pending
    from retrieval.indexing import Indexer
    from tests.fakes.models import FakeEmbedder

    with Vault.unlock(medium(crashed), PASSPHRASE) as vault:
        assert vault.passages.pending_count() == vault.observations.unread_count() == 2
        indexer = Indexer(vault.passages, FakeEmbedder())
        assert indexer.run() == indexer.catch_up() == read_pending(vault.observations) == 0
        assert vault.passages.pending_count() == 2


def test_whatever_is_written_is_refused_in_a_sentence(crashed: Path, medium: Medium) -> None:
    with Vault.unlock(medium(crashed), PASSPHRASE) as vault:
        first = vault.entries.list(EntryFilter())[0].id
        for write in (
            lambda: vault.entries.add(words("More")),
            lambda: vault.entries.revise(first, EntryChanges(text="Other")),
            lambda: vault.entries.delete(first),
            lambda: vault.drafts.save("slot", "A word"),
            lambda: vault.imports.add([words("More")], format="jrnl", source="x"),
            lambda: vault.preferences.set("microphone", "m"),
        ):
            with pytest.raises(VaultReadOnly, match="nothing may be written"):
                write()
        assert len(vault.entries.list(EntryFilter())) == 2


def test_nothing_is_called_damaged_there_and_no_backup_is_made_but_a_way_to_one_is_told(
    crashed: Path, medium: Medium, tmp_path: Path
) -> None:
    folder = medium(crashed)
    found = {check.name for check in examine(folder, PASSPHRASE, now=local_now) if check.findings}
    assert found == {"opening"}
    with (
        Vault.unlock(folder, PASSPHRASE) as vault,
        pytest.raises(VaultReadOnly, match="so none was made") as told,
    ):
        vault.backups.make(tmp_path / "one.diarybackup")
    assert f"cp -a {folder} " in told.value.hint
    vault = fresh_vault(tmp_path / "other")
    with vault, pytest.raises(StorageFailed, match=f"There is no folder {folder.parent / 'backups'}"):
        vault.backups.make(folder.parent / "backups")
    assert not (tmp_path / "one.diarybackup").exists()


def test_the_ways_in_are_listed_there_and_none_is_changed(tmp_path: Path, medium: Medium) -> None:
    vault = fresh_vault(tmp_path / "before")
    vault.close()
    with KeyRing.open(medium(vault.folder), PASSPHRASE) as ring:
        assert [key.kind for key in ring.all()] == ["passphrase", "recovery-code"]
        assert ring.emergency_uses() == []
        for change in (ring.add_recovery_code, ring.rotate, lambda: ring.remove("2")):
            with pytest.raises(VaultReadOnly):
                change()


def test_two_may_not_have_it_open_though_no_file_can_be_made_to_lock(crashed: Path, medium: Medium) -> None:
    folder = medium(crashed)
    with Vault.unlock(folder, PASSPHRASE), pytest.raises(VaultBusy):
        Vault.unlock(folder, PASSPHRASE)
