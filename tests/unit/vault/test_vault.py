"""The vault as a whole: made, refused, opened by one, closed."""

from __future__ import annotations

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import (
    DiaryError,
    StorageFailed,
    VaultBusy,
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultTooNew,
    VaultUnencrypted,
    WeakPassphrase,
    WrongPassphrase,
)
from diary.model.entry import EntryFilter, Kind
from diary.vault import creating
from diary.vault.anchor import ANCHOR
from diary.vault.ballast import BALLAST
from diary.vault.connection import PAGE_SIZE, Database, open_database
from diary.vault.header import COPY, HEADER
from diary.vault.integrity import findings
from diary.vault.keys import VaultKey
from diary.vault.lock import LOCK
from diary.vault.noted import ATTEMPTS
from diary.vault.presence import UNFINISHED
from diary.vault.schema import SCHEMA_VERSION, create_schema
from diary.vault.unlocking import unlock_header
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.fresh import (
    CHEAPEST,
    MORNING,
    PASSPHRASE,
    fresh_folder,
    fresh_vault,
    never_waiting,
    reopened,
    words,
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def database_of(vault: Vault) -> Database:
    return vault._database


def test_a_new_vault_opens_with_its_passphrase_and_with_its_code(tmp_path: Path) -> None:
    vault, code = Vault.create(tmp_path / "v", PASSPHRASE, kdf=CHEAPEST)
    kept = vault.entries.add(words())
    vault.close()
    for typed in (PASSPHRASE, code):
        with Vault.unlock(tmp_path / "v", typed) as again:
            assert again.entries.get(kept.id) == kept


def test_everything_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        vault, _ = Vault.create(tmp_path / "v", PASSPHRASE, kdf=CHEAPEST)
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav")
        vault.spools.begin(MORNING).append(b"sound")
        for path in (vault.folder, *vault.folder.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path.name
        vault.close()
    finally:
        os.umask(before)


def test_a_wrong_passphrase_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """That it was tried is noted beside, by its time alone."""
    folder, _ = fresh_folder(tmp_path)
    before = contents(folder)
    with pytest.raises(WrongPassphrase):
        Vault.unlock(folder, "something else")
    after = contents(folder)
    assert len(after.pop(ATTEMPTS)) == 8
    assert after == before


@pytest.mark.parametrize("name", [DATABASE, ANCHOR, BALLAST, LOCK])
def test_nobody_waits_for_a_pipe_that_has_the_name_of_a_file_of_the_vault(tmp_path: Path, name: str) -> None:
    folder, code = fresh_folder(tmp_path)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with never_waiting():
        if name == DATABASE:
            with pytest.raises(VaultDamaged, match="no plain file"):
                Vault.unlock(folder, code)
        else:
            with Vault.unlock(folder, code) as opened:
                assert opened.entries.add(words()).id


@pytest.mark.parametrize("empty", ["", " ", "\u3000\t"])
def test_an_empty_passphrase_is_refused_before_anything_is_made(tmp_path: Path, empty: str) -> None:
    with pytest.raises(WeakPassphrase):
        Vault.create(tmp_path / "v", empty, kdf=CHEAPEST)
    assert not (tmp_path / "v").exists()


def test_a_vault_is_never_made_over_another_or_over_a_part_of_one(tmp_path: Path) -> None:
    folder, _ = fresh_folder(tmp_path)
    for lost in ((), (DATABASE,), (HEADER,), (COPY,)):
        for name in lost:
            (folder / name).unlink()
        before = contents(folder)
        if before.keys() & {DATABASE, HEADER, COPY}:
            with pytest.raises(VaultExists):
                Vault.create(folder, PASSPHRASE, kdf=CHEAPEST)
            assert contents(folder) == before


def test_a_folder_without_a_vault_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(VaultMissing):
            Vault.unlock(folder, PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lost", [(DATABASE,), (HEADER, COPY)])
def test_a_vault_without_its_database_or_its_headers_is_told_as_damaged(
    tmp_path: Path, lost: tuple[str, ...]
) -> None:
    folder, code = fresh_folder(tmp_path)
    for name in lost:
        (folder / name).unlink()
    with pytest.raises(VaultDamaged):
        Vault.unlock(folder, code)


@pytest.mark.parametrize("step", ["_fill", "header_file.save", "sync"])
def test_a_vault_half_made_can_be_made_again(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash leaves the files as they are: the tidying after a failure must not have run."""

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(f"diary.vault.creating.{step}", crash)
        patched.setattr(creating, "_clear", lambda folder: None)
        with pytest.raises(Crash):
            Vault.create(tmp_path, PASSPHRASE, kdf=CHEAPEST)
    if step == "sync":  # the database has its name: the vault is whole
        Vault.unlock(tmp_path, PASSPHRASE).close()
        return
    assert (tmp_path / UNFINISHED).exists()
    with pytest.raises(VaultMissing):
        Vault.unlock(tmp_path, PASSPHRASE)
    vault, _ = Vault.create(tmp_path, PASSPHRASE, kdf=CHEAPEST)
    assert vault.check() == []
    vault.close()


def test_a_second_instance_is_told_that_the_diary_is_open(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    with pytest.raises(VaultBusy, match="open in another window"):
        Vault.unlock(vault.folder, PASSPHRASE)
    vault.entries.add(words())
    vault.close()
    Vault.unlock(vault.folder, PASSPHRASE).close()


def test_a_refused_opening_leaves_no_lock_behind(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    with pytest.raises(WrongPassphrase):
        Vault.unlock(folder, "wrong")
    Vault.unlock(folder, code).close()


def test_a_database_that_is_not_encrypted_is_refused(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    (folder / DATABASE).unlink()
    plain = sqlite3.connect(folder / DATABASE)
    plain.execute("CREATE TABLE entries (text)")
    plain.commit()
    plain.close()
    before = contents(folder)
    with pytest.raises(VaultUnencrypted):
        Vault.unlock(folder, code)
    assert contents(folder) == before


def test_a_library_that_cannot_encrypt_is_refused_before_a_byte_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.touch()
    with pytest.raises(VaultUnencrypted):
        open_database(path, VaultKey.random(), connect=sqlite3.connect)
    assert path.read_bytes() == b""


def test_a_database_of_another_vault_is_refused_and_no_key_is_told(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    (tmp_path / "other").mkdir()
    other, _ = Vault.create(tmp_path / "other" / "vault", PASSPHRASE, kdf=CHEAPEST)
    other.close()
    key, _ = unlock_header(folder, code)
    (folder / DATABASE).write_bytes((other.folder / DATABASE).read_bytes())
    with pytest.raises(VaultDamaged) as refused:
        Vault.unlock(folder, code)
    error: BaseException | None = refused.value
    while error is not None:
        assert key.secret.hex()[:64] not in f"{error!r} {error.args}"
        error = error.__context__


@pytest.mark.parametrize("zeroed", [0, 1, 2])
def test_a_damaged_page_is_told_in_a_sentence(tmp_path: Path, zeroed: int) -> None:
    vault = fresh_vault(tmp_path)
    for _ in range(30):
        vault.entries.add(words("long enough " * 300))
    vault.close()
    content = bytearray((vault.folder / DATABASE).read_bytes())
    content[zeroed * PAGE_SIZE + 100] ^= 1
    (vault.folder / DATABASE).write_bytes(content)
    try:
        again = reopened(vault)
    except VaultDamaged:
        return
    assert again.check() != []
    again.close()


def test_a_changed_page_is_counted_though_nothing_else_is_read_of_it(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words("long enough " * 30_000))
        vault._database.checkpoint()
        with (vault.folder / DATABASE).open("r+b", buffering=0) as file:
            file.seek(-5 * PAGE_SIZE, os.SEEK_END)
            file.write(os.urandom(100))
        told = findings(database_of(vault))
        assert "1 pages of the database were changed" in told, (entry.id, told)


def test_a_database_cut_off_between_pages_is_found(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    for _ in range(30):
        vault.entries.add(words("long enough " * 300))
    vault.close()
    os.truncate(vault.folder / DATABASE, PAGE_SIZE * 20)
    try:
        again = reopened(vault)
    except VaultDamaged:
        return
    assert again.check() != []
    again.close()


def test_a_vault_of_a_newer_diary_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    database_of(vault).run(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    vault.close()
    before = contents(vault.folder)
    with pytest.raises(VaultTooNew, match="newer diary"):
        reopened(vault)
    assert contents(vault.folder) == before


def test_the_settings_that_the_guarantees_rest_on_hold_after_every_opening(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    for _ in range(2):
        database = database_of(vault)
        expected = {
            "journal_mode": "wal",
            "synchronous": 2,
            "temp_store": 2,
            "secure_delete": 1,
            "foreign_keys": 1,
            "cipher_page_size": str(PAGE_SIZE),
            "trusted_schema": 0,
        }
        assert {name: database.rows(f"PRAGMA {name}")[0][0] for name in expected} == expected
        assert ("secure-delete", 1) in database.rows("SELECT k, v FROM passages_fts_config")
        vault = reopened(vault)
    vault.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH '/tmp/plain.db' AS plain",
        "ATTACH '/tmp/plain.db' AS plain KEY ''",
        "PRAGMA temp_store = FILE",
        "PRAGMA rekey = 'x'",
        "PRAGMA HEXREKEY = 'aa'",
        "PRAGMA key = 'x'",
        "PRAGMA hexkey = 'aa'",
        "PRAGMA cipher_plaintext_header_size = 32",
        "SELECT load_extension('x')",
    ],
)
def test_ways_to_readable_files_are_denied_while_it_is_open(tmp_path: Path, statement: str) -> None:
    with fresh_vault(tmp_path) as vault, pytest.raises(sqlcipher.Error, match="not authorized"):
        database_of(vault).run(statement)


def test_a_refused_setting_refuses_the_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, code = fresh_folder(tmp_path)
    monkeypatch.setattr("diary.vault.connection._REQUIRED", (("temp_store", "FILE", 2),))
    with pytest.raises(StorageFailed, match="temp_store"):
        Vault.unlock(folder, code)


def test_nothing_is_printed_by_the_database_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder, code = fresh_folder(tmp_path)
    (folder / DATABASE).write_bytes(os.urandom(PAGE_SIZE * 4))
    with pytest.raises(VaultDamaged):
        Vault.unlock(folder, code)
    assert capfd.readouterr() == ("", "")


def test_what_is_done_after_closing_is_told_in_a_sentence(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    vault.close()
    vault.close()
    with pytest.raises(StorageFailed, match="closed"):
        vault.entries.list(EntryFilter())
    with pytest.raises(DiaryError):
        vault.drafts.save("new", "x")


def test_the_log_is_empty_after_closing(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    vault.entries.add(words())
    vault.close()
    assert not (vault.folder / f"{DATABASE}-wal").exists()


def test_a_half_finished_schema_leaves_no_vault(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.touch()
    database = open_database(path, VaultKey.random())
    database.run("CREATE TABLE settings (x)")
    with pytest.raises(sqlcipher.Error):
        create_schema(database)
    assert database.rows("SELECT name FROM sqlite_master WHERE name = 'entries'") == []
    database.close()


def test_threads_share_an_open_vault(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", 4)

        def write(thread: int) -> None:
            for number in range(20):
                entry = vault.entries.add(words(f"{thread} {number}", days=number))
                vault.drafts.save(f"thread {thread}", f"{number}")
                vault.passages.adjacent(entry)
                vault.passages.replace(entry, [])
                vault.passages.table()
                assert vault.entries.get(entry.id) == entry

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(write, thread) for thread in range(4)]:
                done.result()
        assert vault.entries.count() == 80
        assert [draft.text for draft in vault.drafts.list()] == ["19"] * 4
        assert vault.check() == []
