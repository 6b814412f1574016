"""A new vault key: everything is there under it, nothing opens by the old, a refusal changes nothing."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import DiskFull, KeyRefused, Stopped, StorageFailed, VaultDamaged, WrongPassphrase
from diary.model.entry import EntryFilter, Kind
from diary.model.key import KeyFile, KeyKind
from diary.model.passage import PassageDraft
from diary.model.progress import Progress
from diary.vault import header as header_file
from diary.vault import rotation
from diary.vault.connection import Database, open_database
from diary.vault.files import ASIDE
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.noted import ATTEMPTS
from diary.vault.removal import ATTACHMENTS
from diary.vault.rotation import DATABASE, OLD, ROTATED
from diary.vault.unlocking import unlock_header
from diary.vault.vault import Vault
from tests.unit.vault import version_1
from tests.unit.vault.fresh import MORNING, PASSPHRASE, fresh_folder, words

FILE = KeyFile(bytes(range(64)), made=True)
SOUND = b"0123456789abcdef" * 8192  # two whole pieces of the stream


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An entry that was imported, and two recordings; a key file and a code open it."""
    folder, code = fresh_folder(tmp_path_factory.mktemp("filled"))
    with Vault.unlock(folder, code) as vault:
        vault.imports.add([words("Frost on the weir.", source_id="1")], format="jsonl", source="x")
        for sound in (SOUND, b""):
            vault.recordings.keep(words("", kind=Kind.VOICE), sound, name="a.wav")
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    return folder, code


@pytest.fixture
def vault(filled: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    return Path(shutil.copytree(filled[0], tmp_path / "vault")), filled[1]


def state(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("vault.ballast", ATTEMPTS)
    }


def require_there(folder: Path, secret: str | KeyFile) -> None:
    with Vault.unlock(folder, secret) as vault:
        assert vault.check() == []
        assert [one.text for one in vault.entries.list(EntryFilter(kind=Kind.NOTE))] == ["Frost on the weir."]
        voices = vault.entries.list(EntryFilter(kind=Kind.VOICE))
        assert sorted(vault.recordings.sound(voice.id) for voice in voices) == [b"", SOUND]


def test_everything_is_there_under_the_new_key_and_nothing_is_left_over(vault: tuple[Path, str]) -> None:
    folder, code = vault
    names = set(state(folder))
    told: list[Progress] = []
    with KeyRing.open(folder, FILE) as keys:
        done = keys.rotate(report=told.append)
        assert [key.kind for key in keys.all()] == [KeyKind.KEY_FILE, KeyKind.RECOVERY_CODE]
    assert (done.files, done.damaged) == (2, 0)
    assert [key.kind for key in done.dropped] == [KeyKind.PASSPHRASE]
    assert list(dict.fromkeys(one.task for one in told)) == [
        "Comparing the rows with the manifest",
        "Encrypting the diary anew (MB)",
        "Encrypting files anew",
        "Checking the new vault",
    ]
    for secret in (FILE, done.recovery_code):
        require_there(folder, secret)
    with pytest.raises(WrongPassphrase):
        Vault.unlock(folder, code)
    after = set(state(folder))
    assert {name for name in after if ATTACHMENTS not in name} == {
        name for name in names if ATTACHMENTS not in name
    }
    assert len(after) == len(names)


def test_the_old_key_opens_neither_the_database_nor_a_recording_and_an_old_header_nothing(
    vault: tuple[Path, str],
) -> None:
    folder, code = vault
    old_headers = {name: (folder / name).read_bytes() for name in (HEADER, COPY)}
    old_key, header = unlock_header(folder, FILE)
    before = state(folder)
    with Vault.unlock(folder, FILE) as open_vault:
        old_keys = open_vault._database.rows("SELECT file, key FROM recordings")
    with KeyRing.open(folder, FILE) as keys:
        keys.rotate()
    after = state(folder)
    assert not {value for name, value in before.items() if value} & set(after.values())
    assert not {f"{ATTACHMENTS}/{file}" for file, _ in old_keys} & set(after)
    with pytest.raises(VaultDamaged):
        open_database(folder / DATABASE, old_key, page_size=header.page_size)
    with Vault.unlock(folder, FILE) as open_vault:
        new_keys = open_vault._database.rows("SELECT file, key FROM recordings")
    assert not {key for _, key in old_keys} & {key for _, key in new_keys}
    for name, content in old_headers.items():
        (folder / name).write_bytes(content)
    with pytest.raises(VaultDamaged, match="its key does not open it"):
        Vault.unlock(folder, code)


def test_an_import_is_recognised_after_it_and_after_the_next(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    for _ in range(2):
        with KeyRing.open(folder, FILE) as keys:
            keys.rotate()
        with Vault.unlock(folder, FILE) as open_vault:
            again = open_vault.imports.add([words("Frost on the weir.")], format="jrnl", source="y")
            assert again.added == ()


def test_what_is_proven_is_kept_and_the_rest_is_dropped(vault: tuple[Path, str]) -> None:
    folder, code = vault
    second = KeyFile(bytes(range(1, 65)), made=True)
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(second, label="stick")
    with KeyRing.open(folder, second) as keys:
        keys.prove(PASSPHRASE)
        kept, dropped = keys.kept_by_rotation()
        done = keys.rotate()
    assert [key.kind for key in kept] == ["passphrase", "key-file"]
    assert [key.kind for key in dropped] == ["key-file"]
    assert dropped == list(done.dropped)
    assert [(key.kind, key.label) for key in done.kept] == [
        ("passphrase", None), ("key-file", "stick"), ("recovery-code", None)
    ]  # fmt: skip
    require_there(folder, PASSPHRASE)


def test_a_vault_of_the_first_version_and_of_other_pages_gets_a_new_key(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_1.FOLDER, tmp_path / "vault"))
    with KeyRing.open(folder, version_1.CODE.read_text()) as keys:
        keys.add_key_file(FILE)
    with KeyRing.open(folder, FILE) as keys:
        assert keys.rotate().files == 1
    with Vault.unlock(folder, FILE) as vault:
        voice, imported, first = vault.entries.list(EntryFilter())
        assert (first.text, imported.text) == ("Edited words.", "Imported words.")
        assert vault.recordings.sound(voice.id) == version_1.SOUND
        assert vault.imports.known(words("Imported words.", days=1), "another format")
        assert vault.check() == []


def test_a_damaged_recording_stays_as_it_is_and_is_told(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    largest = max((folder / ATTACHMENTS).iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[-1] ^= 1
    largest.write_bytes(content)
    with KeyRing.open(folder, FILE) as keys:
        done = keys.rotate()
    assert (done.files, done.damaged) == (1, 1)
    assert largest.read_bytes() == content
    with Vault.unlock(folder, FILE) as open_vault:
        assert open_vault.check() == []


def test_unsaved_recordings_come_first(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    with Vault.unlock(folder, FILE) as open_vault:
        open_vault.spools.begin(MORNING).append(b"\0\0" * 100)
    before = state(folder)
    with KeyRing.open(folder, FILE) as keys, pytest.raises(KeyRefused, match="unsaved recordings"):
        keys.rotate()
    assert state(folder) == before


def test_without_room_for_a_second_vault_nothing_is_begun(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = vault
    before = state(folder)
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(rotation.shutil, "disk_usage", lambda _: usage(16 * 1024 * 1024))
    with KeyRing.open(folder, FILE) as keys, pytest.raises(DiskFull, match="room for a second vault"):
        keys.rotate()
    assert state(folder) == before


@pytest.mark.parametrize("polls", [0, 2])
def test_stopped_at_any_moment_the_old_vault_is_as_it_was(vault: tuple[Path, str], polls: int) -> None:
    folder, code = vault
    before = state(folder)
    left = iter([False] * polls)
    with KeyRing.open(folder, FILE) as keys, pytest.raises(Stopped, match="nothing was changed"):
        keys.rotate(cancelled=lambda: next(left, True))
    assert state(folder) == before
    require_there(folder, code)


def test_a_vault_that_is_not_whole_keeps_its_key(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    content = bytearray((folder / DATABASE).read_bytes())
    content[-20_000] ^= 1
    (folder / DATABASE).write_bytes(content)
    before = state(folder)
    with KeyRing.open(folder, FILE) as keys, pytest.raises(VaultDamaged):
        keys.rotate()
    assert state(folder) == before


DAMAGE: dict[str, Callable[[Database, Path], object]] = {
    "a lost entry": lambda copy, _: copy.run("DELETE FROM entries WHERE id = 1"),
    "a lost row that nothing needs": lambda copy, _: copy.run("DELETE FROM pending"),
    "a lost index": lambda copy, _: copy.run("INSERT INTO passages_fts(passages_fts) VALUES ('delete-all')"),
    "a cut": lambda copy, path: (copy.close(), os.truncate(path, path.stat().st_size - 16384)),
    "a changed bit": lambda copy, path: (copy.close(), flip(path, -30_000)),
}


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_copy_that_is_not_what_was_copied_never_takes_the_place_of_the_old(
    vault: tuple[Path, str], damage: Callable[[Database, Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = vault
    with Vault.unlock(folder, code) as open_vault:
        index(open_vault)
    before = state(folder)
    real = Database.copy_to

    def spoilt(source: Database, copy: Database, *, step: Callable[[int, int], None]) -> None:
        real(source, copy, step=step)
        damage(copy, folder / ROTATED)

    monkeypatch.setattr(Database, "copy_to", spoilt)
    with KeyRing.open(folder, FILE) as keys, pytest.raises(VaultDamaged):
        keys.rotate()
    assert state(folder) == before


def test_all_that_the_new_header_stands_for_is_on_the_disk_before_it(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = vault
    old = {path.name for path in (folder / ATTACHMENTS).iterdir()}
    real, synced, forced = os.fsync, list[Path](), b""

    def fsync(handle: int) -> None:
        nonlocal forced
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        if synced[-1] == folder / ROTATED:
            forced = synced[-1].read_bytes()
        real(handle)

    with KeyRing.open(folder, FILE) as keys:
        monkeypatch.setattr(os, "fsync", fsync)
        keys.rotate()
    decided = synced.index(folder / (COPY + ASIDE))
    database = max(place for place, path in enumerate(synced) if path == folder / ROTATED)
    assert forced == (folder / DATABASE).read_bytes()  # as it is, not as it was begun
    assert folder in synced[database:decided]
    new = {path.name for path in (folder / ATTACHMENTS).iterdir()} - old
    assert new == {path.name for path in synced[:decided] if path.parent.name == ATTACHMENTS}
    assert folder / ATTACHMENTS in synced[:decided]
    erased = synced.index(folder / OLD)  # after the database's name, which came after the old header
    assert synced[erased - 2 : erased] == [folder / f"{HEADER} (deleted)", folder]


def index(vault: Vault) -> None:
    (entry, *_) = vault.passages.pending(limit=10)
    passage = PassageDraft(
        ordinal=0, start=0, end=5, header="[x]", text="Frost", context="", own=b"1" * 16, window=b"1" * 16
    )
    vault.passages.use_model("tiny", 16)
    vault.passages.replace(entry, [passage])


@pytest.fixture
def decided(vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, bytes]:
    """Ended right after the spare copy of the header was replaced; and the old header."""
    folder, code = vault
    old = (folder / HEADER).read_bytes()

    def ended(_: Path) -> None:
        raise KeyboardInterrupt

    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(rotation, "_switch", ended)
        with pytest.raises(KeyboardInterrupt):
            keys.rotate()
    (folder / HEADER).write_bytes(old)
    assert (folder / ROTATED).exists()
    return folder, code, old


def test_between_the_copies_of_the_header_the_old_code_takes_it_back(
    decided: tuple[Path, str, bytes],
) -> None:
    folder, code, old = decided
    require_there(folder, code)
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes() == old
    assert not (folder / ROTATED).exists()
    require_there(folder, FILE)


def test_between_the_copies_of_the_header_what_was_kept_finishes_it(decided: tuple[Path, str, bytes]) -> None:
    folder, code, old = decided
    require_there(folder, FILE)
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes() != old
    assert not (folder / ROTATED).exists()
    assert not (folder / OLD).exists()
    with pytest.raises(WrongPassphrase):
        Vault.unlock(folder, code)


@pytest.mark.parametrize("secret", ["old", "new"])
def test_the_vault_stays_shut_until_both_copies_of_the_header_agree(
    decided: tuple[Path, str, bytes], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """Or words written into one database would be lost when the other header is used."""
    folder, code, _ = decided

    def refused(*_: object) -> None:
        raise OSError(5, "Input/output error")

    before = state(folder)
    with monkeypatch.context() as patched:
        patched.setattr(header_file, "replace_synced", refused)
        with pytest.raises(StorageFailed):
            Vault.unlock(folder, FILE if secret == "new" else code)
    assert state(folder) == before
    require_there(folder, FILE)


def test_a_copy_of_the_database_with_hard_links_is_not_overwritten(
    vault: tuple[Path, str], tmp_path: Path
) -> None:
    folder, code = vault
    shutil.copytree(folder, tmp_path / "backup")
    (tmp_path / "backup" / DATABASE).unlink()
    (tmp_path / "backup" / DATABASE).hardlink_to(folder / DATABASE)
    with KeyRing.open(folder, FILE) as keys:
        keys.rotate()
    require_there(tmp_path / "backup", code)


def test_the_old_database_is_overwritten_where_it_lay(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    with (folder / DATABASE).open("rb") as old, KeyRing.open(folder, FILE) as keys:
        before = old.read()
        keys.rotate()
        old.seek(0)
        after = old.read()
    pages = range(0, len(before), 4096)
    assert all(before[start : start + 4096] != after[start : start + 4096] for start in pages)
