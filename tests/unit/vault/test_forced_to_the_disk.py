"""What was acknowledged was forced to the disk: each file's bytes and each folder's names, before it returns.

The long simulation of power cuts (`tests.faults.test_power_cut`) says what comes of it; here each safeguard
is looked at by itself. The database's own files are SQLite's to force, and are not looked at.
"""

from __future__ import annotations

import io
import os
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from diary.attached import outgoing
from diary.key_file import fill_or_read, ready_for_new
from diary.model.attachment import AttachmentDraft
from diary.model.entry import EntryChanges, Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.key import KeyFile
from diary.vault import vault as vault_module
from diary.vault.backups.restoring import restore
from diary.vault.ballast import BALLAST
from diary.vault.connection import Database
from diary.vault.header import COPY, HEADER, Header
from diary.vault.keyring import KeyRing
from diary.vault.keys import VaultKey
from diary.vault.lock import LOCK
from diary.vault.rescue.salvage import salvage
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, fresh_vault, template, words

CODE = template()[1]
LOGS = {f"{DATABASE}-wal", f"{DATABASE}-shm"}
NOT_OURS = {DATABASE, *LOGS, LOCK, BALLAST}
"""Whose content SQLite forces, or that have none that counts."""


def ids(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_dev, about.st_ino


class Disk:
    """What would be found after a power cut at this moment: what was forced, and nothing else."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], bytes | set[str]] = {}

    def force(self, handle: int) -> None:
        """As fsync."""
        path = Path(f"/proc/self/fd/{handle}")
        self.kept[ids(path)] = set(os.listdir(handle)) if path.is_dir() else path.read_bytes()

    def names(self, folder: Path) -> set[str]:
        """In the folder, as it was forced."""
        kept = self.kept.get(ids(folder))
        return kept if isinstance(kept, set) else set()

    def lacks(self, folder: Path) -> list[str]:
        """Of a folder and all in it: files that are other than what was forced, and names that were not."""
        found = []
        for path in (folder, *folder.rglob("*")):
            about = path.stat()
            kept = self.kept.get((about.st_dev, about.st_ino))
            if path.is_dir():
                names = {one.name for one in path.iterdir()} - LOGS - {LOCK, BALLAST}
                found += [
                    f"{path.name}/{name}" for name in names - (kept if isinstance(kept, set) else set())
                ]
            elif path.name not in NOT_OURS and kept != path.read_bytes():
                found.append(path.name)
        return sorted(found)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, made.force)
    return made


def test_a_new_vault(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the moment that its database has its name, before anything else is forced."""
    real = vault_module.write_new

    def build(folder: Path, key: VaultKey, header: Header) -> None:
        real(folder, key, header)
        assert disk.lacks(tmp_path) == []

    monkeypatch.setattr(vault_module, "write_new", build)
    Vault.create(tmp_path / "vault", PASSPHRASE, kdf=CHEAPEST)[0].close()
    assert disk.lacks(tmp_path) == []


def test_both_copies_of_the_header_are_there_before_the_database_has_its_name(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if target.name == DATABASE:
            assert {ids(target.parent / name) for name in (HEADER, COPY)} <= disk.kept.keys()
            assert {HEADER, COPY} <= disk.names(target.parent)
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    Vault.create(tmp_path / "vault", PASSPHRASE, kdf=CHEAPEST)[0].close()


def test_files_and_sound_that_are_kept(tmp_path: Path, disk: Disk) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound" * 40_000, name="a.wav")
        file = AttachmentDraft(name="a", media_type="text/plain", content=io.BytesIO(b"words" * 40_000))
        vault.attachments.add(vault.entries.add(words()).id, [file])
        assert disk.lacks(vault.folder / "attachments") == []
        running = vault.spools.begin(MORNING)
        assert disk.lacks(vault.folder / "spools") == []
        for _ in range(2):
            running.append(b"spoken" * 9_000)
            assert disk.lacks(vault.folder / "spools") == []
        assert "spools" in disk.names(vault.folder)


def test_rows_of_words_and_of_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By SQLite, in transactions that last; what can be made again from the words need not."""
    lasting, real = list[bool](), Database.transaction

    def transaction(database: Database, **more: bool) -> AbstractContextManager[None]:
        lasting.append(more.get("lasting", True))
        return real(database, **more)

    with fresh_vault(tmp_path) as vault:
        monkeypatch.setattr(Database, "transaction", transaction)
        entry = vault.entries.add(words())
        vault.entries.revise(entry.id, EntryChanges(text="other words"))
        vault.drafts.save("new", "unsaved")
        vault.drafts.discard("new")
        vault.imports.add([words("imported", days=3)], format="jsonl", source="x")
        vault.glossary.add(TermDraft(text="Dr Okafor", kind=TermKind.PERSON))
        vault.preferences.set("microphone", "mine")
        voice = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
        vault.recordings.set_transcript(voice, "said", Transcript.TRANSCRIBED, [], "whisper")
        file = AttachmentDraft(name="a", media_type="text/plain", content=io.BytesIO(b"words"))
        vault.attachments.add(entry.id, [file])
        spools = [vault.spools.begin(MORNING).id for _ in range(2)]
        vault.recordings.keep_spool(words("", days=2, kind=Kind.VOICE), spools[0], name="b.wav")
        vault.spools.discard(spools[1])
        vault.deleted.take_out(entry.id, kept_for=timedelta(days=30))
        vault.deleted.restore(entry.id)
        vault.entries.delete(entry.id)
    assert len(lasting) > 17 and all(lasting)


def test_ways_in_that_are_changed(tmp_path: Path, disk: Disk) -> None:
    with furnished(tmp_path) as vault:
        for one in vault.spools.unfinished():
            vault.spools.discard(one.id)
    key, new = fill_or_read(ready_for_new(tmp_path / "a.key", vault.folder))
    assert new
    with KeyRing.open(vault.folder, CODE) as keys:
        keys.add_key_file(KeyFile(key.content, made=True))
        kept = {
            (path.stat().st_dev, path.stat().st_ino) for path in (vault.folder / HEADER, vault.folder / COPY)
        }
        assert kept <= disk.kept.keys()
    with KeyRing.open(vault.folder, key) as keys:
        keys.rotate()
    assert disk.lacks(vault.folder) == []


def test_a_new_key_file(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "stick").mkdir()
    fill_or_read(ready_for_new(tmp_path / "stick" / "a.key", tmp_path / "vault"))
    assert disk.lacks(tmp_path / "stick") == []


def test_the_anchor_at_closing(tmp_path: Path, disk: Disk) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.entries.add(words())
        disk.kept.clear()
    left = disk.lacks(vault.folder)
    assert "vault.anchor" not in left
    assert f"{vault.folder.name}/vault.anchor" not in left


def test_a_backup_and_a_vault_that_is_restored_of_it(tmp_path: Path, disk: Disk) -> None:
    for name in ("stick", "home"):
        (tmp_path / name).mkdir()
    with furnished(tmp_path) as vault:
        file = vault.backups.make(tmp_path / "stick").file
    assert disk.lacks(tmp_path / "stick") == []
    restored = restore(file, CODE, tmp_path / "home" / "again", now=MORNING)
    database = restored.folder / DATABASE
    assert disk.kept[ids(database)] == database.read_bytes()  # which is ours to write here
    (restored.folder / "vault.noted").unlink()  # that it was restored, which may be lost
    assert disk.lacks(tmp_path / "home") == []


def test_what_is_salvaged_or_given_out(tmp_path: Path, disk: Disk) -> None:
    with furnished(tmp_path) as vault:
        pass
    (tmp_path / "out").mkdir()
    salvage(vault.folder, CODE, tmp_path / "out" / "salvaged")
    outgoing.write(iter([b"words", b"and more"]), tmp_path / "out" / "a.txt", replace=False)
    assert disk.lacks(tmp_path / "out") == []
