"""Backups of an open vault: made, proved, replaced, rotated, restored."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest

from diary.durable import sync
from diary.errors import (
    FileExists,
    Stopped,
    StorageFailed,
    VaultDamaged,
)
from diary.model.entry import EntryFilter, Kind
from diary.model.progress import Progress
from diary.vault.backups import making, reading, writing
from diary.vault.backups.container import FOOTER_BYTES, OPENING, Container
from diary.vault.backups.manifest import Manifest
from diary.vault.backups.places import UNFINISHED
from diary.vault.backups.restoring import drill, restore
from diary.vault.connection import Database
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.backed_up import CODE, LOGGED, furnished, names
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, reopened, words
from tests.unit.vault.test_removal_and_recordings import CANARY, VECTOR, everything


def restored(vault: Vault, file: Path) -> Vault:
    folder = vault.folder.with_name("again")
    restore(file, CODE, folder, now=MORNING)
    return Vault.unlock(folder, CODE)


def test_a_restored_backup_is_the_diary_as_it_was(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    before = everything(vault, without=LOGGED)
    made = vault.backups.make(out / "a.backup")
    vault.entries.add(words("written after the backup"))
    again = restored(vault, made.file)
    assert everything(again, without=LOGGED) == before
    (spool,) = again.spools.unfinished()
    assert again.spools.read(spool.id, 0, 99_999) == b"spoken" * 9000
    (voice,) = again.entries.list(EntryFilter(kind=Kind.VOICE))
    assert again.recordings.sound(voice.id) == CANARY.encode() * 9000
    assert again.check() == []
    assert made.contents.entries == again.entries.count() == 3
    assert (made.contents.recordings, made.contents.unsaved) == (1, 1)
    assert made.contents.size == made.file.stat().st_size
    again.close()
    vault.close()


def test_no_word_is_readable_in_a_backup_or_in_what_is_beside_it(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def look(*arguments: object, **more: object) -> object:
        for path in tmp_path.rglob("*"):
            if path.is_file():
                seen.append(path)
                content = path.read_bytes()
                assert CANARY.encode() not in content, path.name
                assert VECTOR not in content, path.name
                assert b"SQLite format" not in content, path.name
        return same(*arguments, **more)

    same = making.require_as_written
    with furnished(tmp_path) as vault:
        monkeypatch.setattr(making, "require_as_written", look)
        vault.backups.make(out / "a.backup")
    found = {path.parent.relative_to(tmp_path) for path in seen}
    assert {Path("vault", making.SCRATCH, SPOOLS), Path(out.name)} <= found
    look_again = (out / "a.backup").read_bytes()
    assert CANARY.encode() not in look_again


def test_a_name_is_taken_only_once_the_restored_copy_was_compared(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with furnished(tmp_path) as vault:
        file = vault.backups.make(out / "a.backup").file
        good = file.read_bytes()
        vault.entries.add(words("more"))

        def finds_a_difference(container: Container, *_: object, **__: object) -> object:
            assert file.read_bytes() == good
            assert names(out) == ["a.backup", "a.backup" + UNFINISHED]
            raise container.damaged("it differs")

        monkeypatch.setattr(making, "require_as_written", finds_a_difference)
        with pytest.raises(VaultDamaged):
            vault.backups.make(file)
        assert file.read_bytes() == good
        assert names(out) == ["a.backup"]
        assert not (vault.folder / making.SCRATCH).exists()
        last = vault.backups.last()
        assert last is not None
        assert last.entries == 3  # of the good one


def test_a_copy_that_lacks_a_row_is_told_apart(tmp_path: Path, out: Path) -> None:
    """The sum over all pages: each authenticates, and it is still not the diary that was backed up."""
    with furnished(tmp_path) as vault:
        kept: list[Manifest] = []
        same = writing.manifest_of
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(writing, "manifest_of", lambda *given: kept.append(same(*given)) or kept[0])
            vault.backups.make(out / "a.backup").file.unlink()
            vault.preferences.set("one", "more")
            with pytest.raises(VaultDamaged):
                vault.backups.make(out / "a.backup")
        assert names(out) == []


def test_other_threads_write_while_a_backup_is_made(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with furnished(tmp_path) as vault:
        before = everything(vault, without=LOGGED)
        opens = writing._opened

        def writes_meanwhile(path: Path) -> AbstractContextManager[int]:
            for day in range(30):
                vault.entries.add(words("meanwhile " * 2000, days=day))
            vault._database.checkpoint()
            return opens(path)

        monkeypatch.setattr(writing, "_opened", writes_meanwhile)
        made = vault.backups.make(out / "a.backup")
        assert made.contents.entries == 3
        assert vault.entries.count() > 3
        again = restored(vault, made.file)
        assert everything(again, without=LOGGED) == before
        again.close()
        # The log is emptied into the main file again, as before.
        wal = vault.folder / f"{DATABASE}-wal"
        vault._database.checkpoint()
        assert wal.stat().st_size == 0


def test_rows_are_summed_as_of_the_moment_of_the_copy(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with furnished(tmp_path) as vault:
        same = writing.manifest_of

        def sums_late(reader: Database, made: datetime, tags: bytes) -> Manifest:
            vault.entries.add(words("meanwhile"))
            vault._database.checkpoint()
            return same(reader, made, tags)

        monkeypatch.setattr(writing, "manifest_of", sums_late)
        assert vault.backups.make(out / "a.backup").contents.entries == 3
        assert vault.entries.count() == 4


def test_a_recording_removed_under_the_copy_begins_it_again(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with furnished(tmp_path) as vault:
        (voice,) = vault.entries.list(EntryFilter(kind=Kind.VOICE))
        opens = writing._opened

        def removes_meanwhile(path: Path) -> AbstractContextManager[int]:
            if path.parent.name == ATTACHMENTS and vault.entries.count() == 3:
                vault.entries.delete(voice.id)
            return opens(path)

        monkeypatch.setattr(writing, "_opened", removes_meanwhile)
        made = vault.backups.make(out / "a.backup")
        assert (made.contents.entries, made.contents.recordings) == (2, 0)
        assert drill(made.file, CODE, scratch=tmp_path).findings == ()


def test_only_a_backup_of_the_same_diary_is_replaced(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        for name, content in (("mine.txt", b"my words"), ("empty", b"")):
            (out / name).write_bytes(content)
            with pytest.raises(FileExists):
                vault.backups.make(out / name)
            assert (out / name).read_bytes() == content
        (out / "link").symlink_to(out / "mine.txt")
        with pytest.raises(FileExists, match="link is a link, so nothing"):
            vault.backups.make(out / "link")
        file = vault.backups.make(out / "a.backup").file
        other = bytearray(file.read_bytes())
        other[-FOOTER_BYTES - 10] ^= 1  # of the vault's id
        (out / "theirs.backup").write_bytes(other)
        with pytest.raises(FileExists, match="another diary"):
            vault.backups.make(out / "theirs.backup")
        first = file.read_bytes()
        vault.backups.make(file)
        assert file.read_bytes() != first
        assert names(out) == ["a.backup", "empty", "link", "mine.txt", "theirs.backup"]
        assert file.stat().st_mode & 0o777 == 0o600


def test_what_has_the_unfinished_name_and_is_not_ours_is_left(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        (out / f"a.backup{UNFINISHED}").write_bytes(b"somebody's own, longer than an opening is")
        with pytest.raises(FileExists, match="in the way"):
            vault.backups.make(out / "a.backup")
        assert names(out) == [f"a.backup{UNFINISHED}"]


def test_unfinished_files_that_kills_left_are_removed(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        whole = vault.backups.make(out).file
        left = [out / f"diary-2026-01-01T0000.backup{UNFINISHED}", out / f"a.backup{UNFINISHED}"]
        good = whole.read_bytes()
        opening = good[-FOOTER_BYTES - OPENING.size : -FOOTER_BYTES]
        for content in (good, opening.ljust(4096, b"\0") + good[4096:-500], opening, b""):
            for path in left:
                path.write_bytes(content)
            vault.backups.make(out / "a.backup")
            assert not left[1].exists()
            second = vault.backups.make(out).file
            assert names(out) == sorted([whole.name, second.name, "a.backup"])
            second.unlink()


def test_rotation_keeps_the_newest_and_leaves_others_alone(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        made = [vault.backups.make(out, full=True).file for _ in range(4)]
        broken = made[1]
        broken.write_bytes(broken.read_bytes()[:-1])
        theirs, _ = Vault.create(tmp_path / "theirs", PASSPHRASE, kdf=CHEAPEST, now=lambda: MORNING)
        with theirs:
            theirs.backups.make(out / "diary-2020-01-01T0000.backup")
        (out / "renamed.backup").write_bytes(made[0].read_bytes())
        last = vault.backups.make(out, keep=2, full=True)
        assert last.removed == (made[2], made[0])
        left = [broken, made[3], last.file, out / "diary-2020-01-01T0000.backup", out / "renamed.backup"]
        assert names(out) == sorted(path.name for path in left)


def test_a_spoilt_recording_is_told_and_such_a_backup_replaces_nothing(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        whole = vault.backups.make(out).file
        good = whole.read_bytes()
        (recording,) = (vault.folder / ATTACHMENTS).iterdir()
        recording.write_bytes(recording.read_bytes()[:-1] + b"\0")
        with pytest.raises(FileExists, match="1 file was missing or spoilt"):
            vault.backups.make(whole)
        assert whole.read_bytes() == good
        made = vault.backups.make(out, keep=1)
        assert made.findings == ("1 file was missing or spoilt in the diary already",)
        assert made.removed == ()
        assert drill(made.file, CODE, scratch=tmp_path).findings == made.findings
        recording.unlink()
        (spool,) = (vault.folder / SPOOLS).iterdir()
        spool.unlink()
        assert len(vault.backups.make(out / "b.backup").findings) == 2


def test_a_damaged_vault_does_not_replace_its_last_good_backup(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    file = vault.backups.make(out / "a.backup").file
    good = file.read_bytes()
    vault._database.checkpoint()
    with (vault.folder / DATABASE).open("r+b") as database:
        database.seek(-100, 2)
        database.write(b"\0" * 50)
        sync(vault.folder / DATABASE)
    with pytest.raises(VaultDamaged):
        vault.backups.make(file)
    assert file.read_bytes() == good
    assert names(out) == ["a.backup"]
    vault.close()


def test_a_database_that_ends_within_a_page_is_told(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        vault._database.checkpoint()
        with (vault.folder / DATABASE).open("ab") as database:
            database.write(b"more")
        with pytest.raises(VaultDamaged, match="ends within a page"):
            vault.backups.make(out)
        assert names(out) == []


def test_a_backup_is_not_put_into_the_vault_or_nowhere(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        for target in (vault.folder, vault.folder / "x.backup", out / "missing" / "a.backup"):
            with pytest.raises(StorageFailed, match=r"made|no folder"):
                vault.backups.make(target)
        assert making.SCRATCH not in names(vault.folder)


def test_a_backup_can_be_stopped_and_leaves_nothing(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        for looks in range(0, 6):
            left = iter(range(looks))
            with pytest.raises(Stopped):
                vault.backups.make(out / "a.backup", cancelled=lambda left=left: next(left, None) is None)
            assert names(out) == []
            assert making.SCRATCH not in names(vault.folder)
        told: list[Progress] = []
        vault.backups.make(out / "a.backup", report=told.append)
        assert [one.task for one in told if one.done == one.total] == [writing.COPYING, making.VERIFYING]


def test_a_backup_of_what_is_not_in_the_cache_is_the_diary_as_it_was(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read past the cache where that can be done; stopped on the way, no thread goes on."""
    with furnished(tmp_path) as vault:
        before, threads = everything(vault, without=LOGGED), set(threading.enumerate())
        monkeypatch.setattr(reading, "_WORTH_ASKING", reading.ALIGNED)
        monkeypatch.setattr(reading, "_is_cached", lambda *_: False)
        for looks in (1, 2):
            left = iter(range(looks))
            with pytest.raises(Stopped):
                vault.backups.make(out / "a.backup", cancelled=lambda left=left: next(left, None) is None)
        made = vault.backups.make(out / "a.backup")
        assert set(threading.enumerate()) <= threads
        with restored(vault, made.file) as again:
            assert everything(again, without=LOGGED) == before


def test_a_backup_that_is_interrupted_leaves_nothing(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupts(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    with furnished(tmp_path) as vault:
        for step in ("write_backup", "take_out", "require_as_written", "take_name"):
            with monkeypatch.context() as patch:
                patch.setattr(making, step, interrupts)
                with pytest.raises(KeyboardInterrupt):
                    vault.backups.make(out / "a.backup")
            assert names(out) == []
            assert making.SCRATCH not in names(vault.folder)
        vault.backups.make(out / "a.backup")


def test_the_last_good_backup_is_remembered(tmp_path: Path, out: Path) -> None:
    vault = furnished(tmp_path)
    assert vault.backups.last() is None
    made = vault.backups.make(out / "a.backup")
    with pytest.raises(FileExists):
        (out / "b").write_bytes(b"x")
        vault.backups.make(out / "b")
    with reopened(vault) as again:
        last = again.backups.last()
        assert last is not None
        assert (last.made, last.file, last.entries) == (made.contents.made, str(made.file), 3)


def test_a_backup_of_a_diary_that_lost_something_is_not_remembered_as_the_last_good_one(
    tmp_path: Path, out: Path
) -> None:
    with furnished(tmp_path) as vault:
        good = vault.backups.make(out / "a.backup")
        (recording,) = (vault.folder / ATTACHMENTS).iterdir()
        content = recording.read_bytes()
        recording.unlink()
        spoilt = vault.backups.make(out / "b.backup")
        last, later = vault.backups.last(), vault.backups.last_spoilt()
        assert last is not None
        assert (last.file, last.findings) == (str(good.file), ())
        assert later is not None
        assert (later.file, later.findings) == (str(spoilt.file), spoilt.findings)
        recording.write_bytes(content)
        vault.backups.make(out / "c.backup")
        assert vault.backups.last_spoilt() is None


def test_a_name_of_any_bytes_is_remembered_so_that_it_can_be_recognised(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        vault.backups.make(out / os.fsdecode(b"st\xf6ck.backup"))
        last = vault.backups.last()
        assert last is not None
        assert last.file.endswith("st\\xf6ck.backup")


def test_what_a_kill_left_of_a_proof_is_swept_at_the_next_opening(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    (vault.folder / making.SCRATCH).mkdir()
    (vault.folder / making.SCRATCH / DATABASE).write_bytes(b"x")
    with reopened(vault) as again:
        assert making.SCRATCH not in names(again.folder)
