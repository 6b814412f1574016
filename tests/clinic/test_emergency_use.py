"""The use of emergency access: to read, for a reason, logged before anything is shown, and told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from diary.errors import (
    DiaryError,
    EmergencyRefused,
    WrongPassphrase,
)
from diary.model.audit import Event
from diary.model.entry import EntryFilter
from diary.rules import NO_CLINIC
from diary.vault import surroundings
from diary.vault.audit import AuditLog
from diary.vault.backups import restoring
from diary.vault.break_glass import OPENED
from diary.vault.doctor import examine
from diary.vault.keyring import KeyRing
from diary.vault.noted import ATTEMPTS
from diary.vault.rescue.salvage import salvage
from diary.vault.unlocking import open_header
from diary.vault.vault import Vault
from policies.emergency import public_bytes
from tests.clinic.in_an_emergency import (
    CLINIC_KEY,
    OTHER_KEY,
    POLICY,
    emergency,
    naming,
    notices,
    read,
    slots,
    vault_under_policy,
)
from tests.unit.vault.fresh import MORNING, fresh_folder, words


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, str]:
    """A vault with an entry, under a policy that names an emergency key, and its recovery code."""
    return vault_under_policy(tmp_path)


def test_every_use_is_logged_and_told_with_time_key_and_reason_until_the_owner_has_seen_it(
    vault: tuple[Path, str],
) -> None:
    assert read(vault[0], reason="Found at home.\n\x1b[2JAsked by Dr. Maes.") == ["Frost on the weir."]
    assert read(vault[0]) == ["Frost on the weir."]
    for _ in range(2):
        often, first, second = notices(*vault)
        assert "opened 2 times" in often
        assert "“Found at home. [2JAsked by Dr. Maes.”" in first and "“Patient unconscious.”" in second
        assert public_bytes(CLINIC_KEY).hex()[:16] in first
    with Vault.unlock(*vault, policy=POLICY) as opened:
        opened.emergencies.told()
        log = AuditLog(opened._database, vault_id=bytes(16), now=lambda: MORNING)
        logged = [one.details for one in log.events() if one.event is Event.BREAK_GLASS]
    assert [dict(details or {}).get("key") for details in logged] == [public_bytes(CLINIC_KEY).hex()[:16]] * 2
    assert notices(*vault) == []
    read(vault[0])
    assert "opened once" in notices(*vault)[0]
    with KeyRing.open(*vault, policy=POLICY) as ring:
        assert [use.reason for use in ring.emergency_uses()][1:] == ["Patient unconscious."] * 2


def test_failed_attempts_before_an_emergency_are_told_to_the_owner_all_the_same(
    vault: tuple[Path, str],
) -> None:
    with pytest.raises(WrongPassphrase):
        Vault.unlock(vault[0], "not this one at all", policy=POLICY)
    read(vault[0])
    assert any("failed attempt" in one for one in notices(*vault))
    with Vault.unlock(*vault, policy=POLICY) as opened:
        opened.emergencies.told()
    assert notices(*vault) == []


def test_what_is_wrong_with_the_place_is_told_to_the_owner_and_not_to_who_came_in_an_emergency(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "of_the_place", lambda _folder: ["It lies in a synced folder"])
    with Vault.unlock(vault[0], emergency(), policy=POLICY) as opened:
        assert opened.warnings == (OPENED,)
    with Vault.unlock(*vault, policy=POLICY) as opened:
        assert "It lies in a synced folder" in opened.warnings


def test_the_log_has_the_event_and_no_word_of_the_reason(vault: tuple[Path, str]) -> None:
    read(vault[0], reason="Patient unconscious.")
    with Vault.unlock(*vault, policy=POLICY) as opened:
        log = AuditLog(opened._database, vault_id=bytes(16), now=lambda: MORNING)
        (event,) = [one for one in log.events() if one.event is Event.BREAK_GLASS]
        rows = opened._database.rows("SELECT details FROM audit")
    assert event.details == {
        "key": public_bytes(CLINIC_KEY).hex()[:16], "slot": slots(vault[0])[1][0].id,
    }  # fmt: skip
    assert "unconscious" not in str(rows)


def test_nothing_can_be_written_by_emergency_access(vault: tuple[Path, str]) -> None:
    with Vault.unlock(vault[0], emergency(), policy=POLICY) as opened:
        assert opened.read_only
        for write in (
            lambda: opened.entries.add(words()),
            lambda: opened.entries.delete(opened.entries.list(EntryFilter())[0].id),
            lambda: opened._database.run("DELETE FROM audit"),
            lambda: opened._database.run("DELETE FROM settings"),
            opened.accept,
        ):
            with pytest.raises(DiaryError, match="nothing may be written"):
                write()
        opened.emergencies.told()
        assert opened.emergencies.notices() == []
    assert "opened once" in notices(*vault)[0]


def test_it_opens_nothing_but_the_vault_to_be_read(vault: tuple[Path, str], tmp_path: Path) -> None:
    with Vault.unlock(*vault, policy=POLICY) as opened:
        opened.backups.make(tmp_path / "backup")
    given = emergency()
    for other in (
        lambda: KeyRing.open(vault[0], given, policy=POLICY),
        lambda: restoring.drill(tmp_path / "backup", given, scratch=tmp_path, policy=POLICY),
        lambda: restoring.restore(tmp_path / "backup", given, tmp_path / "new", now=MORNING, policy=POLICY),
        lambda: salvage(vault[0], given, tmp_path / "out", policy=POLICY),
        lambda: open_header(vault[0], given),
    ):
        with pytest.raises(EmergencyRefused):
            other()
    assert not (tmp_path / "new").exists()
    assert "to be read and nothing else" in str(examine(vault[0], given, now=lambda: MORNING, policy=POLICY))
    assert notices(*vault) == []


@pytest.mark.parametrize("reason", ["", "  \n ", "\x1b"], ids=["none", "blank", "signs"])
def test_without_a_reason_nothing_is_opened(vault: tuple[Path, str], reason: str) -> None:
    with pytest.raises(EmergencyRefused, match="needs a reason"):
        read(vault[0], reason=reason)
    assert notices(*vault) == []


def test_where_it_cannot_be_logged_nothing_is_opened(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("diary.vault.vault.may_be_written", lambda folder: False)
        with pytest.raises(EmergencyRefused, match="logged before anything is shown"):
            read(vault[0])
    with monkeypatch.context() as patched:
        patched.setattr("diary.vault.audit.AuditLog.log_within", _no_room)
        with pytest.raises(DiaryError, match="full"):
            read(vault[0])
    assert notices(*vault) == []
    assert read(vault[0]) == ["Frost on the weir."]


def _no_room(*_: object, **__: object) -> None:
    from diary.vault.failures import disk_full

    raise disk_full()


_KILLED = """
import os, signal, sys
from pathlib import Path
from diary.vault.break_glass import Emergencies
from tests.clinic.in_an_emergency import emergency, POLICY
from diary.vault.vault import Vault

def die(self):
    os.kill(os.getpid(), signal.SIGKILL)

Emergencies._end_writing = die
with Vault.unlock(Path(sys.argv[1]), emergency(), policy=POLICY) as vault:
    print([entry.text for entry in vault.entries.list()])
"""


def test_killed_between_logging_and_showing_it_is_logged_and_nothing_was_shown(
    vault: tuple[Path, str],
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _KILLED, str(vault[0])], capture_output=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, b""), ran.stderr
    assert "opened once" in notices(*vault)[0]


def test_it_works_only_where_the_clinic_s_policy_is_installed(vault: tuple[Path, str]) -> None:
    with pytest.raises(DiaryError, match="none is installed"):
        read(vault[0], NO_CLINIC)
    assert notices(*vault) == []


# Several vaults on one machine


def test_two_vaults_under_two_versions_do_not_disturb_each_other(tmp_path: Path) -> None:
    anna, ben = tmp_path / "anna", tmp_path / "ben"
    anna.mkdir()
    ben.mkdir()
    first, second = naming(CLINIC_KEY), naming(OTHER_KEY, version=2)
    (annas, code), (bens, _) = fresh_folder(anna), fresh_folder(ben)
    notices(annas, code, first)
    notices(bens, code, second)
    with pytest.raises(DiaryError, match="older"):
        notices(bens, code, first)
    assert read(annas, first) == [] and read(bens, second, key=OTHER_KEY) == []
    assert [slot.sealed_to for slot in slots(annas)[1]] == [public_bytes(CLINIC_KEY)]
    assert [slot.sealed_to for slot in slots(bens)[1]] == [public_bytes(OTHER_KEY)]


def test_the_rule_that_names_others_is_refused_unless_a_policy_allows_it() -> None:
    assert not NO_CLINIC.may_list_others and not POLICY.may_list_others
    assert not replace(POLICY, binds=False).may_list_others


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root opens the diary of somebody else")
def test_an_opening_by_root_leaves_every_file_its_owners(vault: tuple[Path, str]) -> None:
    """They could not read what tells whether something was put back, nor be told of failed attempts."""
    uid = 64001
    for name in ("vault.ballast", "vault.lock"):
        (vault[0] / name).unlink(missing_ok=True)
    for path in (vault[0], *vault[0].rglob("*")):
        os.chown(path, uid, uid)
    with pytest.raises(WrongPassphrase):
        read(vault[0], key=OTHER_KEY)
    with Vault.unlock(vault[0], emergency(), policy=POLICY) as opened:
        assert opened.entries.count() == 1
        during = {path.name: path.stat().st_uid for path in vault[0].rglob("*")}
    after = {path.name: path.stat().st_uid for path in vault[0].rglob("*")}
    assert {"vault.db-wal", "vault.lock"} <= set(during) and {"vault.anchor", "vault.ballast"} <= set(after)
    assert {*during.values(), *after.values()} == {uid}
    with pytest.raises(WrongPassphrase):
        read(vault[0], key=OTHER_KEY)
    assert (vault[0] / ATTEMPTS).stat().st_uid == uid
