"""The ways into a vault: each opens it, none can be the last to go, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from diary.errors import (
    DiskFull,
    KeyNotFound,
    KeyRefused,
    VaultBusy,
    VaultDamaged,
    WeakPassphrase,
    WrongPassphrase,
)
from diary.model.key import KeyFile, KeyKind, Secret
from diary.vault import header as header_file
from diary.vault.header import COPY, HEADER, MOST_SLOTS
from diary.vault.keyring import KeyRing
from diary.vault.rotation import DATABASE
from diary.vault.slots import open_slot
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, fresh_folder

SECOND = "nine loud geese over the mill"
FILE = KeyFile(bytes(range(64)), made=True)


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, str]:
    return fresh_folder(tmp_path)


def opened(folder: Path, secret: Secret) -> KeyRing:
    return KeyRing.open(folder, secret, now=lambda: MORNING)


def opens(folder: Path, secret: Secret) -> bool:
    try:
        KeyRing.open(folder, secret).close()
    except WrongPassphrase:
        return False
    return True


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_ways_in_are_listed_with_their_cost_and_the_one_in_use(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        passphrase, recovery = keys.all()
    assert (passphrase.number, passphrase.kind, passphrase.in_use) == (1, KeyKind.PASSPHRASE, False)
    assert passphrase.cost is not None
    assert passphrase.cost.memory_kib == CHEAPEST.memory_kib
    assert (recovery.number, recovery.kind, recovery.in_use) == (2, KeyKind.RECOVERY_CODE, True)
    assert recovery.cost is None


def test_each_way_in_that_was_added_opens_the_vault(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        assert keys.add_passphrase(SECOND, label="laptop", kdf=CHEAPEST).label == "laptop"
        assert keys.add_key_file(FILE).made == MORNING
        _, second_code = keys.add_recovery_code()
    for secret in (SECOND, FILE, second_code, code):
        with opened(folder, secret) as keys:
            assert [key.number for key in keys.all() if key.in_use] != []
    assert not opens(folder, KeyFile(bytes(64)))


def test_a_key_file_is_no_passphrase_and_a_passphrase_no_key_file(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        keys.add_key_file(KeyFile(SECOND.encode() * 2, made=True))
    assert not opens(folder, SECOND * 2)
    assert not opens(folder, KeyFile(PASSPHRASE.encode()))


def test_each_try_of_a_file_that_was_there_before_costs_what_one_of_a_passphrase_does(
    vault: tuple[Path, str],
) -> None:
    folder, code = vault
    there_before = KeyFile(bytes(range(7, 77)))
    with opened(folder, code) as keys:
        assert keys.add_key_file(FILE).cost is None
        added = keys.add_key_file(there_before, kdf=CHEAPEST)
        assert added.cost is not None and added.cost.memory_kib == CHEAPEST.memory_kib
    assert opens(folder, there_before) and opens(folder, FILE)
    header = header_file.load(folder)[0].header
    slot = header.slots[-1]
    assert open_slot(slot, there_before.content, vault_id=header.vault_id) is not None
    for other in (msgspec.structs.replace(slot, kdf=None), msgspec.structs.replace(slot, kind="passphrase")):
        assert open_slot(other, there_before.content, vault_id=header.vault_id) is None
    with opened(folder, there_before) as keys:
        keys.rotate()
    assert opens(folder, there_before)
    assert header_file.load(folder)[0].header.slots[0].kdf == CHEAPEST


def test_what_was_removed_opens_nothing_and_the_rest_does(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        keys.add_key_file(FILE)
        assert keys.remove("2").in_use
        assert [key.kind for key in keys.all()] == [KeyKind.PASSPHRASE, KeyKind.KEY_FILE]
    assert not opens(folder, code)
    assert opens(folder, FILE)


def test_a_removed_way_in_is_in_neither_copy_of_the_header(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        keys.add_key_file(FILE)
        gone = keys.remove("1")
    for name in (HEADER, COPY):
        assert gone.id.encode() not in (folder / name).read_bytes()


def test_the_last_way_in_cannot_be_removed(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        keys.remove("1")
        before = files(folder)
        with pytest.raises(KeyRefused, match="last way into the vault"):
            keys.remove("1")
    assert files(folder) == before
    assert opens(folder, code)


def test_a_slot_that_a_newer_diary_made_is_kept_and_counts_for_no_way_in(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        keys.add_key_file(FILE)
        slots = keys._opened.header.slots
        later = (*slots[1:2], msgspec.structs.replace(slots[2], kind="chip"))
        keys._save(later)
        assert [key.kind for key in keys.all()] == ["recovery-code", "chip"]
        with pytest.raises(KeyRefused):
            keys.remove("1")
        keys.add_key_file(KeyFile(bytes(range(100, 164)), made=True))
        assert [key.kind for key in keys.all()] == ["recovery-code", "chip", "key-file"]


def test_a_changed_passphrase_takes_the_place_of_the_old(vault: tuple[Path, str]) -> None:
    folder, _ = vault
    with opened(folder, PASSPHRASE) as keys:
        slots = keys._opened.header.slots
        keys._save((msgspec.structs.replace(slots[1], id="00000000"), *slots))
        changed = keys.change(None, SECOND, kdf=CHEAPEST)
        assert (changed.number, changed.in_use) == (2, True)
        assert keys.kept_by_rotation()[0] == [changed]
    assert not opens(folder, PASSPHRASE)
    assert opens(folder, SECOND)


REFUSED: dict[str, tuple[type[Exception], Callable[[KeyRing], object]]] = {
    "an unknown number": (KeyNotFound, lambda keys: keys.remove("7")),
    "a change of no passphrase": (KeyRefused, lambda keys: keys.change("2", SECOND)),
    "a change of the code in use": (KeyRefused, lambda keys: keys.change(None, SECOND)),
    "a weak passphrase": (WeakPassphrase, lambda keys: keys.add_passphrase("password1")),
    "a weak change": (WeakPassphrase, lambda keys: keys.change("1", "password1")),
    "under a floor that was raised": (WeakPassphrase, lambda keys: keys.add_passphrase(SECOND, floor=40)),
    "a passphrase that is one already": (KeyRefused, lambda keys: keys.add_passphrase(PASSPHRASE)),
    "a proof that proves nothing": (WrongPassphrase, lambda keys: keys.prove(FILE)),
    "a new vault key for a code alone": (KeyRefused, lambda keys: keys.rotate()),
}


@pytest.mark.parametrize(("error", "act"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_changes_nothing(
    vault: tuple[Path, str], error: type[Exception], act: Callable[[KeyRing], object]
) -> None:
    folder, code = vault
    before = files(folder)
    with opened(folder, code) as keys, pytest.raises(error):
        act(keys)
    assert files(folder) == before


def test_there_are_no_more_ways_in_than_a_header_may_have(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code) as keys:
        slots = keys._opened.header.slots
        keys._save((*slots[:1], *slots[1:] * (MOST_SLOTS - 2)))
        with pytest.raises(KeyRefused, match="no more may be"):
            keys.add_recovery_code()
        with pytest.raises(KeyRefused, match="no more may be"):
            keys.add_key_file(FILE)
    assert len(header_file.load(folder)[0].header.slots) == MOST_SLOTS - 1  # one is for a clinic's
    assert opens(folder, code)


def test_the_ways_in_can_be_changed_whatever_state_the_database_is_in(vault: tuple[Path, str]) -> None:
    folder, code = vault
    (folder / DATABASE).write_bytes(b"\xff" * 4096)
    with opened(folder, code) as keys:
        keys.add_key_file(FILE)
    with opened(folder, FILE) as keys, pytest.raises(VaultDamaged):
        keys.rotate()
    assert (folder / DATABASE).read_bytes() == b"\xff" * 4096


def test_nobody_else_has_the_vault_meanwhile(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with opened(folder, code), pytest.raises(VaultBusy):
        Vault.unlock(folder, code)
    with Vault.unlock(folder, code), pytest.raises(VaultBusy):
        opened(folder, code)
    with pytest.raises(WrongPassphrase):
        opened(folder, FILE)
    assert opens(folder, code)


def test_a_full_disk_leaves_the_ways_in_as_they_were(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = vault
    before = files(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with opened(folder, code) as keys:
        monkeypatch.setattr(header_file, "replace_synced", full)
        with pytest.raises(DiskFull):
            keys.remove("1")
    assert files(folder) == before


def test_a_backup_made_with_hard_links_keeps_its_header(vault: tuple[Path, str], tmp_path: Path) -> None:
    folder, code = vault
    kept = tmp_path / "backup.header"
    kept.hardlink_to(folder / HEADER)
    before = kept.read_bytes()
    with opened(folder, code) as keys:
        keys.add_key_file(FILE)
    assert kept.read_bytes() == before


def test_the_old_header_is_overwritten_where_it_lay(vault: tuple[Path, str]) -> None:
    folder, code = vault
    with (folder / HEADER).open("rb") as old, opened(folder, code) as keys:
        before = old.read()
        keys.add_key_file(FILE)
        old.seek(0)
        assert old.read()[:8] != before[:8]


def test_a_copy_of_a_file_of_the_vault_is_no_key_file(vault: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = vault
    own = [path for path in folder.iterdir() if path.is_file() and path.stat().st_size >= 32]
    assert {path.name for path in own} >= {"vault.header", "vault.header.copy", "vault.db"}
    with opened(folder, PASSPHRASE) as ring:
        old_header = (folder / "vault.header").read_bytes()
        ring.add_recovery_code()
        backups = [b"DIARYBK%d" % form + bytes(range(100)) for form in (1, 2, 3)]
        copies = [*(path.read_bytes()[:4096] for path in own), old_header, *backups]
        for content in copies:
            with pytest.raises(KeyRefused, match="copy of one of the vault's own"):
                ring.add_key_file(KeyFile(content))
        assert ring.add_key_file(KeyFile(bytes(range(100)))).kind == "key-file"


def test_a_label_is_one_line_of_signs_that_can_be_seen(vault: tuple[Path, str]) -> None:
    with opened(vault[0], PASSPHRASE) as ring:
        key, _ = ring.add_recovery_code(label="in the\r\n\x1b[2Jred\t\u202etin ")
        assert key.label == "in the [2Jred tin"
        assert ring.add_recovery_code(label="\n\x00")[0].label is None


def test_a_new_vault_key_asks_for_room_before_anything_else(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from diary.vault import rotation

    with opened(vault[0], PASSPHRASE) as ring:
        before = files(vault[0])
        monkeypatch.setattr(rotation, "open_database", lambda *_, **__: pytest.fail("opened"))
        monkeypatch.setattr(rotation.shutil, "disk_usage", lambda _: SimpleNamespace(free=4_000_000))
        for step in (ring.kept_by_rotation, ring.rotate):
            with pytest.raises(DiskFull, match=r"needs room for a second vault: .* there are 4 MB"):
                step()
        assert files(vault[0]) == before
