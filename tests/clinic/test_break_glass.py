"""Emergency access: a slot that the clinic alone opens, to read, and never without a trace."""

from __future__ import annotations

import errno
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from diary.errors import (
    DiaryError,
    KeyNotFound,
    PolicyForbids,
    VaultDamaged,
    WrongPassphrase,
)
from diary.model.key import KeyKind
from diary.rules import NO_CLINIC, Effective
from diary.vault import header as header_file
from diary.vault.backups import restoring
from diary.vault.files import ASIDE
from diary.vault.header import MOST_SLOTS
from diary.vault.keyring import KeyRing
from diary.vault.slots import BREAK_GLASS, open_slot
from diary.vault.unlocking import open_header
from diary.vault.vault import Vault
from policies.emergency import open_secret, public_bytes, seal_secret
from tests.clinic.in_an_emergency import (
    CLINIC_KEY,
    OTHER_KEY,
    POLICY,
    emergency,
    listed,
    naming,
    notices,
    read,
    slots,
    vault_under_policy,
)
from tests.clinic.signed import CLINIC, effective
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, closed_by_mode, fresh_folder


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, str]:
    """A vault with an entry, under a policy that names an emergency key, and its recovery code."""
    return vault_under_policy(tmp_path)


# The slot


def test_a_vault_under_a_policy_that_names_a_key_gets_one_slot_and_its_owner_is_told_until_it_was_seen(
    tmp_path: Path,
) -> None:
    folder, code = fresh_folder(tmp_path)
    assert slots(folder)[1] == []
    for _ in range(2):
        (told,) = notices(folder, code)
        assert CLINIC in told and "8520f0098930a754" not in told
        assert public_bytes(CLINIC_KEY).hex()[:16] in told
    with Vault.unlock(folder, code, policy=POLICY) as opened:
        opened.emergencies.told()
    assert notices(folder, code) == []
    (key,) = listed(folder, code)
    assert key.sealed_to == public_bytes(CLINIC_KEY).hex()
    assert [slot.sealed_to for slot in slots(folder)[1]] == [public_bytes(CLINIC_KEY)]


def test_a_new_vault_has_it_from_the_beginning_and_its_owner_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    made, code = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST, policy=POLICY)
    with made:
        (told,) = made.emergencies.notices()
        assert CLINIC in told and made.warnings == ()
    assert [slot.sealed_to for slot in slots(folder)[1]] == [public_bytes(CLINIC_KEY)]
    assert read(folder) == []
    assert told in notices(folder, code)
    throw_away = replace(POLICY, binds=False)
    Vault.create(tmp_path / "demo", PASSPHRASE, kdf=CHEAPEST, policy=throw_away)[0].close()
    assert slots(tmp_path / "demo")[1] == []


def test_without_such_a_policy_there_is_none(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    assert notices(folder, code, NO_CLINIC) == [] and slots(folder)[1] == []
    assert notices(folder, code, naming(None)) == [] and slots(folder)[1] == []


def test_another_key_of_the_clinic_takes_the_place_of_the_first_which_opens_nothing_then(
    vault: tuple[Path, str],
) -> None:
    changed = naming(OTHER_KEY, version=2)
    (told,) = notices(*vault, changed)
    assert "another emergency key" in told
    assert [slot.sealed_to for slot in slots(vault[0])[1]] == [public_bytes(OTHER_KEY)]
    with pytest.raises(WrongPassphrase):
        read(vault[0], changed)
    assert read(vault[0], changed, key=OTHER_KEY) == ["Frost on the weir."]


@pytest.mark.parametrize(
    "after", [naming(None, version=2), effective("release = true\n", version=2)], ids=["unnamed", "released"]
)
def test_the_slot_goes_when_the_policy_names_none_or_lets_go(
    vault: tuple[Path, str], after: Effective
) -> None:
    (told,) = notices(*vault, after)
    assert "taken away" in told and slots(vault[0])[1] == []
    with pytest.raises(WrongPassphrase):
        read(vault[0], after)


def test_a_public_key_that_is_none_makes_no_slot_and_keeps_nobody_out(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    spoilt = effective(f'[people]\nbreak_glass = "{"00" * 32}"\n')
    with Vault.unlock(folder, code, policy=spoilt) as opened:
        assert any("nobody can use it" in one for one in opened.warnings)
    assert slots(folder)[1] == []


def test_a_kill_between_what_is_told_and_the_slot_has_it_made_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("diary.vault.break_glass.header_file.save", _stop)
        Vault.unlock(folder, code, policy=POLICY)
    assert slots(folder)[1] == []
    assert len(notices(folder, code)) == 1 and len(slots(folder)[1]) == 1


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_no_other_secret_opens_the_slot_and_what_it_says_is_bound_to_the_key(vault: tuple[Path, str]) -> None:
    header, (slot,) = slots(vault[0])
    assert slot.sealed is not None
    secret = open_secret(slot.sealed, CLINIC_KEY, vault_id=header.vault_id)
    assert secret is not None and open_slot(slot, secret, vault_id=header.vault_id) is not None
    forged = seal_secret(bytes(32), public_bytes(CLINIC_KEY), vault_id=header.vault_id)
    for field, value in (
        ("sealed", forged), ("sealed", None), ("sealed_to", public_bytes(OTHER_KEY)), ("sealed_to", None),
        ("label", "mine"), ("kind", "key-file"), ("made", MORNING.isoformat()), ("id", "00000000"),
    ):  # fmt: skip
        other = msgspec.structs.replace(slot, **{field: value})
        assert open_slot(other, secret, vault_id=header.vault_id) is None, field
    assert open_slot(slot, secret, vault_id=bytes(16)) is None
    assert open_secret(slot.sealed, CLINIC_KEY, vault_id=bytes(16)) is None
    assert open_secret(slot.sealed, OTHER_KEY, vault_id=header.vault_id) is None


def test_a_slot_of_another_vault_or_sealed_to_somebody_else_in_its_place_opens_nothing(
    vault: tuple[Path, str], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    made, other_code = Vault.create(other, PASSPHRASE, kdf=CHEAPEST, policy=POLICY)
    made.close()
    notices(other, other_code)
    header, (slot,) = slots(vault[0])
    foreign = slots(other)[1][0]
    mallory = seal_secret(bytes(32), public_bytes(OTHER_KEY), vault_id=header.vault_id)
    for put in (foreign, msgspec.structs.replace(slot, sealed=mallory, sealed_to=public_bytes(OTHER_KEY))):
        kept = tuple(one for one in header.slots if one.kind != BREAK_GLASS)
        changed = msgspec.structs.replace(header, slots=(*kept, put))
        forged = header_file.encode(changed, open_header(other, other_code).key)
        for name in (header_file.HEADER, header_file.COPY):
            (vault[0] / name).write_bytes(forged)
        for key in (CLINIC_KEY, OTHER_KEY):
            with pytest.raises((WrongPassphrase, VaultDamaged)):
                read(vault[0], key=key)
        with pytest.raises(VaultDamaged):  # its owner is told that the header was changed
            Vault.unlock(*vault, policy=POLICY)


def test_a_flip_of_any_byte_of_the_header_opens_nothing_by_emergency_access(vault: tuple[Path, str]) -> None:
    good = (vault[0] / header_file.HEADER).read_bytes()
    where = good.index(b'"sealed"')
    for at in [*range(0, len(good), 41), *range(where, where + 130, 13)]:
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        for name in (header_file.HEADER, header_file.COPY):
            (vault[0] / name).write_bytes(bad)
        with pytest.raises(DiaryError):
            open_header(vault[0], emergency(), reading=True)


# Who keeps it from being made


@pytest.mark.parametrize("in_the_way", ["a folder", "a closed folder", "too many keys"])
def test_a_diary_whose_owner_keeps_the_slot_from_being_made_is_not_opened(
    tmp_path: Path, in_the_way: str
) -> None:
    folder, code = fresh_folder(tmp_path)
    with _in_the_way(folder, code, in_the_way):
        for _ in range(2):
            with pytest.raises(PolicyForbids, match=r"people\.break_glass"):
                Vault.unlock(folder, code, policy=POLICY)
        assert slots(folder)[1] == []
    (told,) = notices(folder, code)
    assert CLINIC in told
    with _in_the_way(folder, code, "a closed folder"):
        Vault.unlock(folder, code, policy=POLICY).close()  # what was made can be read


@contextmanager
def _in_the_way(folder: Path, code: str, what: str) -> Iterator[None]:
    if what == "too many keys":
        with KeyRing.open(folder, code) as ring:
            kept = ring._opened.header.slots
            ring._save((*kept[:1], *kept[1:] * (MOST_SLOTS - 1)))
        yield
        with KeyRing.open(folder, code, policy=POLICY) as ring:
            ring._save(kept)
    elif what == "a folder":
        kept_copy = (folder / header_file.COPY).rename(folder / "kept")
        (folder / header_file.COPY / "in it").mkdir(parents=True)
        yield
        shutil.rmtree(folder / header_file.COPY)
        kept_copy.rename(folder / header_file.COPY)
    else:
        with closed_by_mode(folder):
            yield


def test_a_limit_on_the_size_of_files_is_the_person_s_own_and_no_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr("diary.vault.break_glass.header_file.save", _refusing(errno.EFBIG))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, before[1]))
    try:
        with pytest.raises(PolicyForbids, match=r"ulimit -f"):
            Vault.unlock(folder, code, policy=POLICY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_beside_the_header_keeps_the_slot_from_being_made(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    for name in (header_file.HEADER, header_file.COPY):
        (folder / (name + ASIDE)).mkdir()
    assert len(notices(folder, code)) == 1 and len(slots(folder)[1]) == 1


def test_a_disk_that_takes_nothing_keeps_nobody_out_and_tells_of_no_slot_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
        with monkeypatch.context() as patched:
            patched.setattr("diary.vault.break_glass.header_file.save", _refusing(number))
            with Vault.unlock(folder, code, policy=POLICY) as opened:
                assert any("could not be made ready" in one for one in opened.warnings)
                assert opened.emergencies.notices() == []
    assert len(notices(folder, code)) == 1 and len(slots(folder)[1]) == 1


def _refusing(number: int) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    return refuse


# The ways in


def test_it_cannot_be_the_last_way_in(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    notices(folder, code)
    with KeyRing.open(folder, code, policy=POLICY) as ring:
        ring.remove("1")
        with pytest.raises(DiaryError, match="last way"):
            ring.remove("1")


def test_it_is_not_removed_while_the_policy_asks_for_it(vault: tuple[Path, str]) -> None:
    with KeyRing.open(*vault, policy=POLICY) as ring:
        with pytest.raises(PolicyForbids, match=r"people\.break_glass"):
            ring.remove("3")
        assert ring.key("3").kind == KeyKind.BREAK_GLASS
    with KeyRing.open(*vault, policy=naming(None, version=2)) as ring:
        ring.remove("3")
        with pytest.raises(KeyNotFound):
            ring.key("3")


def test_a_new_vault_key_has_it_made_anew_and_the_old_one_opens_nothing(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    notices(folder, code)
    (old,) = slots(folder)[1]
    with KeyRing.open(folder, PASSPHRASE, policy=POLICY) as ring:
        done = ring.rotate()
    assert [key.kind for key in done.kept].count(KeyKind.BREAK_GLASS) == 1 and done.dropped == ()
    (new,) = slots(folder)[1]
    assert new.sealed != old.sealed and new.wrapped != old.wrapped
    assert read(folder) == []
    assert len(notices(folder, done.recovery_code)) == 3  # that there is one, how often, and the use


def test_a_new_vault_key_makes_none_that_the_owner_was_not_told_of(tmp_path: Path) -> None:
    folder, _ = fresh_folder(tmp_path)
    with KeyRing.open(folder, PASSPHRASE, policy=POLICY) as ring:
        done = ring.rotate()
    assert slots(folder)[1] == []
    assert len(notices(folder, done.recovery_code)) == 1 and len(slots(folder)[1]) == 1


def test_it_comes_back_with_a_backup(vault: tuple[Path, str], tmp_path: Path) -> None:
    with Vault.unlock(*vault, policy=POLICY) as opened:
        opened.backups.make(tmp_path / "backup")
    restoring.restore(tmp_path / "backup", vault[1], tmp_path / "new", now=MORNING, policy=POLICY)
    assert read(tmp_path / "new") == ["Frost on the weir."]
