"""A vault remembers the clinic that it was opened under, whatever opens it, and opens under no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import DiaryError, KeyRefused, PolicyForbids, PolicyRefused
from diary.model.audit import Event
from diary.model.key import KeyFile
from diary.model.progress import silent
from diary.rules import NO_CLINIC, Effective
from diary.vault import doctor
from diary.vault.audit import AuditLog
from diary.vault.backups import restoring
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.rescue.salvage import salvage
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.clinic.signed import CLINIC, OTHER, effective
from tests.unit.vault.fresh import CHEAPEST, MORNING, closed_by_mode, fresh_folder, words

FIRST = "[lock]\nafter_minutes = 5\n"


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, str]:
    """A vault that was opened under version 3 of a policy, and its recovery code."""
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code, policy=effective(FIRST, version=3)) as opened:
        opened.entries.add(words())
    return folder, code


def opening(folder: Path, code: str, policy: Effective) -> None:
    Vault.unlock(folder, code, policy=policy).close()


def keys(folder: Path, code: str, policy: Effective) -> None:
    KeyRing.open(folder, code, policy=policy).close()


def look(folder: Path, code: str, policy: Effective) -> None:
    doctor.examine(folder, code, now=lambda: MORNING, policy=policy)


def save_what_can_be_read(folder: Path, code: str, policy: Effective) -> None:
    salvage(folder, code, folder.parent / "new", policy=policy)


def of_a_backup(act: Callable[[Path, str, Path, Effective], None]) -> Callable[[Path, str, Effective], None]:
    def run(folder: Path, code: str, policy: Effective) -> None:
        file = folder.parent / "backup"
        with Vault.unlock(folder, code, policy=effective(FIRST, version=3)) as opened:
            opened.backups.make(file)
        act(file, code, folder.parent, policy)

    return run


def drill(file: Path, code: str, place: Path, policy: Effective) -> None:
    restoring.drill(file, code, scratch=place / "scratch", policy=policy)


def restore(file: Path, code: str, place: Path, policy: Effective) -> None:
    restoring.restore(file, code, place / "new", now=MORNING, policy=policy)


def onto_an_unbound_vault(file: Path, code: str, place: Path, policy: Effective) -> None:
    (place / "other").mkdir()
    unbound, _ = fresh_folder(place / "other")
    restoring.restore(file, code, unbound, now=MORNING, replace=True, policy=policy)


def a_copy(folder: Path, code: str, policy: Effective) -> None:
    opening(Path(shutil.copytree(folder, folder.parent / "copy")), code, policy)


def after_a_new_vault_key(folder: Path, code: str, policy: Effective) -> None:
    with KeyRing.open(folder, code, policy=effective(FIRST, version=3)) as ring:
        ring.add_passphrase("seven quiet herons by the weir", kdf=CHEAPEST)
    with KeyRing.open(folder, "seven quiet herons by the weir", policy=effective(FIRST, version=3)) as ring:
        ring.rotate(report=silent)
    opening(folder, "seven quiet herons by the weir", policy)


WAYS = {
    "open": opening,
    "keys": keys,
    "doctor": look,
    "salvage": save_what_can_be_read,
    "drill": of_a_backup(drill),
    "restore": of_a_backup(restore),
    "restore onto another": of_a_backup(onto_an_unbound_vault),
    "copy": a_copy,
    "rotate": after_a_new_vault_key,
}
POLICIES = [
    (NO_CLINIC, "none is installed here"),
    (effective(FIRST, version=2), "older"),
    (effective("", version=3), "another one of the same version"),
    (effective(FIRST, version=4, key=OTHER), "another key"),
]


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_bound_vault_opens_by_no_way_without_its_clinic(
    vault: tuple[Path, str], way: Callable[[Path, str, Effective], None]
) -> None:
    with pytest.raises(PolicyRefused, match=CLINIC):
        way(*vault, NO_CLINIC)
    opening(*vault, effective(FIRST, version=3)) if way is not after_a_new_vault_key else None
    assert not (vault[0].parent / "new").exists()


def test_the_ways_in_of_a_bound_vault_are_only_listed_while_its_database_cannot_be_read(
    vault: tuple[Path, str],
) -> None:
    folder, code = vault
    whole = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(b"\xff" * 20_000 + whole[20_000:])
    before = {name: (folder / name).read_bytes() for name in (HEADER, COPY)}
    with KeyRing.open(folder, code) as ring:
        assert len(ring.all()) == 2
        for act in (
            lambda: ring.add_key_file(KeyFile(bytes(range(64)), made=True)),
            lambda: ring.add_passphrase("seven quiet herons by the weir", kdf=CHEAPEST),
            ring.add_recovery_code,
            lambda: ring.change("1", "seven quiet herons by the weir", kdf=CHEAPEST),
            lambda: ring.remove("1"),
            ring.rotate,
        ):
            with pytest.raises(KeyRefused, match="has a clinic"):
                act()
    assert before == {name: (folder / name).read_bytes() for name in (HEADER, COPY)}
    (folder / DATABASE).write_bytes(whole)
    with KeyRing.open(folder, code, policy=effective(FIRST, version=3)) as ring:
        assert ring.add_recovery_code()
    opening(folder, code, effective("release = true\n", version=4))
    assert b'"bound"' not in (folder / HEADER).read_bytes()


def test_a_vault_whose_folder_the_person_closed_before_it_was_bound_is_not_opened(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    policy = effective(FIRST, version=3)
    with closed_by_mode(folder), pytest.raises(PolicyForbids, match="not opened under it yet"):
        opening(folder, code, policy)
    opening(folder, code, policy)
    with closed_by_mode(folder):
        opening(folder, code, policy)


@pytest.mark.parametrize(("policy", "says"), POLICIES, ids=["none", "older", "same version", "own key"])
def test_a_bound_vault_opens_under_no_other_policy(
    vault: tuple[Path, str], policy: Effective, says: str
) -> None:
    for way in (opening, keys, look, save_what_can_be_read):
        with pytest.raises(PolicyRefused, match=says):
            way(*vault, policy)


def test_a_refusal_changes_no_byte_of_the_vault(vault: tuple[Path, str]) -> None:
    def content() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in vault[0].iterdir() if path.is_file()}

    before = content()
    with pytest.raises(PolicyRefused):
        opening(*vault, NO_CLINIC)
    assert content() == before


def test_a_new_clinic_and_a_new_version_are_told_once_and_logged(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)

    def told(policy: Effective) -> str | None:
        with Vault.unlock(folder, code, policy=policy) as vault:
            return vault.policy_notice()

    assert told(NO_CLINIC) is None
    assert CLINIC in (told(effective(FIRST)) or "")
    assert told(effective(FIRST)) is None
    assert "version, 2" in (told(effective(FIRST, version=2)) or "")
    assert "let go" in (told(effective("release = true\n", version=3)) or "")
    with Vault.unlock(folder, code) as vault:
        log = AuditLog(vault._database, vault_id=bytes(16), now=lambda: MORNING)
        changes = [one.details for one in log.events() if one.event is Event.POLICY_CHANGED]
    assert [one and one["change"] for one in changes] == ["bound", "new version", "released"]


def test_a_new_vault_is_bound_from_the_beginning(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    made, code = Vault.create(folder, "seven quiet herons by the weir", kdf=CHEAPEST, policy=effective(FIRST))
    made.close()
    with pytest.raises(PolicyRefused):
        opening(folder, code, NO_CLINIC)


def test_a_vault_that_is_to_be_thrown_away_is_not_bound(tmp_path: Path) -> None:
    from dataclasses import replace

    folder, code = fresh_folder(tmp_path)
    opening(folder, code, replace(effective(FIRST), binds=False))
    opening(folder, code, NO_CLINIC)


def test_the_ways_in_are_changed_only_where_the_vault_may_be_opened(vault: tuple[Path, str]) -> None:
    with pytest.raises(DiaryError, match="none is installed"), KeyRing.open(*vault) as ring:
        ring.add_recovery_code()
