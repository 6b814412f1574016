"""What the disk refuses after a change was made is not told as if nothing had been done, and what a library
says without a code is told all the same.
"""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import DiskFull, StorageFailed, VaultBusy, VaultDamaged
from diary.model.entry import EntryFilter
from diary.model.key import KeyFile
from diary.vault import header as header_file
from diary.vault import rotation
from diary.vault.ballast import BALLAST, SIZE, Ballast
from diary.vault.failures import of_the_disk, told_to_the_reader
from diary.vault.files import replace_synced, shred
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from tests.unit.vault.fresh import fresh_folder, fresh_vault, words

FILE = KeyFile(bytes(range(64)), made=True)


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder, code = fresh_folder(tmp_path)
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    return folder


def require_opened_by(folder: Path, code: str) -> None:
    for secret in (FILE, code):
        with Vault.unlock(folder, secret) as vault:
            assert vault.check() == []


@pytest.mark.parametrize("step", ["_switch", "shred"])
def test_a_new_key_that_the_header_names_is_told_when_the_disk_refuses_the_rest(
    folder: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new recovery code would be lost, with the old one good for nothing."""
    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(rotation, step, refuse)
        code = keys.rotate().recovery_code
    require_opened_by(folder, code)
    assert not (folder / rotation.OLD).exists() and not (folder / rotation.ROTATED).exists()


def test_a_header_that_both_copies_hold_is_told_when_the_disk_refuses_after_that(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = header_file.save

    def saved_and_refused(*given: object) -> None:
        save(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(header_file, "replace_synced", refuse)
        refuse()

    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(rotation.header_file, "save", saved_and_refused)
        code = keys.rotate().recovery_code
    monkeypatch.undo()
    require_opened_by(folder, code)


def refused_with_one_copy(folder: Path, patched: pytest.MonkeyPatch) -> str:
    """A new key whose header took the place of one copy, and of no other any more; the code of before."""
    with KeyRing.open(folder, FILE) as keys:
        code = keys.add_recovery_code()[1]
        replace = header_file.replace_synced

        def one_copy(path: Path, content: bytes) -> None:
            if path.name == HEADER or content == (folder / HEADER).read_bytes():
                refuse()
            replace(path, content)

        patched.setattr(header_file, "replace_synced", one_copy)
        with pytest.raises(StorageFailed):
            keys.rotate()
    return code


@pytest.mark.parametrize("first", ["file", "code"])
def test_a_new_key_that_one_copy_of_the_header_names_is_refused_and_the_old_code_opens_the_vault(
    folder: Path, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens it first: nobody has seen the new one."""
    with monkeypatch.context() as patched:
        code = refused_with_one_copy(folder, patched)
    for secret in (FILE, code) if first == "file" else (code, FILE):
        with Vault.unlock(folder, secret) as vault:
            assert vault.check() == []
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes()


@pytest.fixture
def undecided(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A vault between two headers, as a kill leaves it; the recovery code of before."""
    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_take_back", refuse)
        code = refused_with_one_copy(folder, patched)
    assert (folder / HEADER).read_bytes() != (folder / COPY).read_bytes()
    return code


def test_a_vault_between_two_headers_opens_on_a_full_disk(
    folder: Path, undecided: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballast, replace = Ballast(folder), header_file.replace_synced
    ballast.keep()

    def without_room(path: Path, content: bytes) -> None:
        if (folder / BALLAST).stat().st_size == SIZE:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(header_file, "replace_synced", without_room)
        Vault.unlock(folder, undecided).close()
    ballast.release()
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes()


def test_a_rotation_that_cannot_clear_up_tells_why_it_was_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(rotation, "_copy", lambda *_: patched.setattr(rotation, "_discard", refuse))
        with pytest.raises((StorageFailed, VaultDamaged), match=r"saved before is safe|Nothing was changed"):
            keys.rotate()
    with Vault.unlock(folder, FILE) as vault:
        assert vault.check() == []


def test_old_bytes_that_cannot_be_overwritten_do_not_refuse_what_took_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", refuse)
        replace_synced(path, b"after")
        assert path.read_bytes() == b"after"
        shred(path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("database or disk is full", DiskFull),
        ("disk I/O error", StorageFailed),
        ("attempt to write a readonly database", StorageFailed),
        ("unable to open database file", StorageFailed),
        ("database disk image is malformed", VaultDamaged),
        ("file is not a database", VaultDamaged),
        ("database is locked", VaultBusy),
    ],
)
def test_what_sqlite_says_without_its_code_is_told_in_a_sentence(said: str, error: type[Exception]) -> None:
    """As `Connection.backup` does."""
    with pytest.raises(error, match=r"safe|changed|not done"), told_to_the_reader():
        raise sqlcipher.OperationalError(said)


def test_an_import_is_taken_back_with_what_was_deleted_of_it_in_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_vault(tmp_path) as vault:
        outcome = vault.imports.add([words("one"), words("two")], format="jsonl", source="x")
        vault.deleted.take_out(outcome.added[0], kept_for=timedelta(days=30))
        with monkeypatch.context() as patched:
            patched.setattr(vault.imports._removal, "_erase_deleted_one", refuse)
            with pytest.raises(StorageFailed):
                vault.imports.undo(outcome.batch)
        assert [entry.text for entry in vault.entries.list(EntryFilter())] == ["two"]
        assert len(vault.deleted.list()) == 1
        assert vault.imports.undo(outcome.batch) == 1
        assert vault.deleted.list() == vault.entries.list(EntryFilter()) == []


@pytest.mark.parametrize(("code", "told"), [(15, StorageFailed), (10, StorageFailed), (26, None)])
def test_what_says_nothing_of_the_content_is_told_of_the_disk_and_not_as_damage(
    code: int, told: type[Exception] | None
) -> None:
    """15 is SQLITE_PROTOCOL: of a disk that may only be read since a moment ago."""
    error = sqlcipher.OperationalError("refused")
    error.sqlite_errorcode = code  # type: ignore[attr-defined]
    found = of_the_disk(error)
    assert found is None if told is None else isinstance(found, told)


def test_an_import_that_is_refused_at_its_end_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull("no room")

    with fresh_vault(tmp_path) as vault:
        with monkeypatch.context() as patched:
            patched.setattr(vault.audit, "log_within", full)
            with pytest.raises(DiskFull):
                vault.imports.add([words(f"{day}", days=day) for day in range(3)], format="x", source="x")
        assert (vault.entries.count(), list(vault.imports.batches()), vault.check()) == (0, [], [])
