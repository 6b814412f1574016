"""What a try of a passphrase costs, and that no key of ours is left in memory when it was used."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diary.errors import DiaryError, VaultDamaged, VaultTooNew, WrongPassphrase
from diary.model.key import KeyFile
from diary.vault import keyring, keys, slots, vault
from diary.vault.backups.restoring import drill, restore
from diary.vault.doctor import examine
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.keys import VaultKey
from diary.vault.rescue.salvage import salvage
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import MORNING, PASSPHRASE, fresh_folder, template

FILE = KeyFile(bytes(range(64)), made=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the slow derivation is asked for, which is not paid for."""
    told: list[dict[str, Any]] = []

    class Told:
        def __init__(self, **costs: Any) -> None:
            self.salt = costs.pop("salt")
            told.append(costs)

        def derive_into(self, secret: bytes, derived: bytearray) -> None:
            derived[:] = hashlib.sha256(self.salt + bytes(secret)).digest()

    monkeypatch.setattr(slots, "Argon2id", Told)
    return told


def test_a_try_costs_256_mib_and_three_passes(tmp_path: Path, asked: list[dict[str, Any]]) -> None:
    """Of the passphrase a vault is made with, one that is added or changed, and a file that was there."""
    made, code = Vault.create(tmp_path / "vault", PASSPHRASE)
    made.close()
    with KeyRing.open(made.folder, code) as keys:
        keys.add_passphrase("nine loud geese over the mill")
        keys.add_key_file(KeyFile(os.urandom(100)))
        keys.change("1", "seven quiet herons by the weir")
    asked.clear()
    with pytest.raises(WrongPassphrase):
        Vault.unlock(made.folder, "another one")
    with pytest.raises(WrongPassphrase):
        Vault.unlock(made.folder, KeyFile(os.urandom(100)))
    assert asked == [{"length": 32, "iterations": 3, "lanes": 4, "memory_cost": 256 * 1024}] * 3


@pytest.fixture
def keys_there_were(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[VaultKey]]:
    """Every vault key that was opened or made."""
    made: list[VaultKey] = []

    class Kept(VaultKey):
        __slots__ = ()

        def __init__(self, secret: bytearray) -> None:
            super().__init__(secret)
            made.append(self)

    for module in (slots, keyring, vault):
        monkeypatch.setattr(module, "VaultKey", Kept)
    yield made


def test_what_is_derived_of_the_key_leaves_no_copy_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    class Told:
        def derive_into(self, secret: memoryview, derived: bytearray) -> None:
            given.append(secret.obj)
            derived[:] = secret

    key = VaultKey(bytearray(range(48)))
    # RFC 5869 with SHA-256, no salt: extracted, then one block for "diary|header".
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")
    assert key.derive(b"header") == hmac.digest(extracted, b"diary|header\x01", "sha256")
    monkeypatch.setattr(keys, "_hkdf", lambda _: Told())
    assert key.derive(b"header") == bytes(range(32))
    assert given[0] is key.secret


def with_wrong_page(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"\xff" * 32_768)


def of_a_newer_diary(folder: Path) -> None:
    with Vault.unlock(folder, FILE) as opened:
        opened._database.run("PRAGMA user_version = 99")


def changed_by_somebody(folder: Path) -> None:
    """Of another generation, with the plain sum set right."""
    content = (folder / HEADER).read_bytes()[:-32].replace(b'"generation":', b'"generation":1')
    content = content[:8] + (int.from_bytes(content[8:12], "big") + 1).to_bytes(4, "big") + content[12:]
    for name in (HEADER, COPY):
        (folder / name).write_bytes(content + hashlib.sha256(content).digest())


OPENINGS: dict[str, tuple[Callable[[Path], None], type[DiaryError] | None]] = {
    "closed": (lambda _: None, None),
    "damaged": (with_wrong_page, VaultDamaged),
    "newer": (of_a_newer_diary, VaultTooNew),
    "changed": (changed_by_somebody, VaultDamaged),
}


@pytest.mark.parametrize(("spoil", "error"), OPENINGS.values(), ids=OPENINGS.keys())
def test_the_key_is_overwritten_when_a_vault_is_closed_or_refused(
    tmp_path: Path,
    keys_there_were: list[VaultKey],
    spoil: Callable[[Path], None],
    error: type[DiaryError] | None,
) -> None:
    folder, code = fresh_folder(tmp_path)
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    spoil(folder)
    keys_there_were.clear()
    if error is None:
        Vault.unlock(folder, FILE).close()
    else:
        with pytest.raises(error):
            Vault.unlock(folder, FILE)
    assert len(keys_there_were) == 1
    assert not [key for key in keys_there_were if any(key.secret)]


def test_every_key_is_overwritten_when_the_ways_in_were_changed(
    tmp_path: Path, keys_there_were: list[VaultKey]
) -> None:
    folder, code = fresh_folder(tmp_path)
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    with KeyRing.open(folder, FILE) as keys:
        keys.prove(code)
        with pytest.raises(DiaryError, match="opens the vault already"):
            keys.add_key_file(FILE)
        code = keys.rotate().recovery_code
    with pytest.raises(WrongPassphrase, match="typing error in group 1"):
        Vault.unlock(folder, ("2" if code[0] != "2" else "3") + code[1:])
    assert len(keys_there_were) > 5
    assert not [key for key in keys_there_were if any(key.secret)]


def test_the_key_is_overwritten_when_a_vault_was_looked_at_salvaged_or_restored(
    tmp_path: Path, keys_there_were: list[VaultKey]
) -> None:
    code = template()[1]
    with furnished(tmp_path) as opened:
        file = opened.backups.make(tmp_path / "a.backup").file
    examine(opened.folder, code, now=lambda: MORNING)
    salvage(opened.folder, code, tmp_path / "out")
    with pytest.raises(DiaryError, match="Stopped"):
        salvage(opened.folder, code, tmp_path / "none", cancelled=lambda: True)
    drill(file, code, scratch=tmp_path)
    restore(file, code, tmp_path / "again", now=MORNING)
    assert len(keys_there_were) >= 6
    assert not [key for key in keys_there_were if any(key.secret)]
