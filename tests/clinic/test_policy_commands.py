"""What a clinic does on its own machine, and what shows on a person's, by the real program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diary.vault.vault import Vault
from policies import surroundings
from policies.clinic import installed
from tests.clinic.machine import Machine
from tests.clinic.signed import CLINIC, install, text
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.unit.vault.fresh import CHEAPEST

RULES = '[lock]\nafter_minutes = 5\n[answers]\ncompose = "never"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "home").mkdir()
    return Machine(Home(tmp_path / "home"), tmp_path / "etc")


def done(machine: Machine, *arguments: str, stdin: str = "") -> Any:
    ran = machine.run("policy", *arguments, stdin=stdin)
    assert ran.status == 0, ran.out + ran.err
    return ran.json


def refused(machine: Machine, *arguments: str) -> str:
    ran = machine.run("policy", *arguments)
    assert (ran.status, ran.error["code"]) == (1, "policy-refused"), ran.out + ran.err
    return ran.error["message"]


def test_a_clinic_makes_a_key_signs_and_installs_and_the_person_sees_who_set_what(
    machine: Machine, tmp_path: Path
) -> None:
    key, policy = tmp_path / "clinic.key", tmp_path / "policy.toml"
    policy.write_bytes(text(RULES, version=7))
    public = done(machine, "key", str(key))["key"]
    assert key.stat().st_mode & 0o777 == 0o600 and public not in key.read_text()
    signed = done(machine, "sign", str(policy), "--key", str(key))
    assert (signed["key"], signed["version"], signed["name"]) == (public, 7, CLINIC)
    verified = done(machine, "verify", str(policy), "--key", public)
    assert verified["rules"] == {"answers.compose": "never", "lock.after_minutes": 5}
    assert "another key" in refused(machine, "verify", str(policy), "--key", "0" * 64)
    signature = policy.with_name("policy.toml.sig").read_bytes()
    policy.write_bytes(text(version=7))
    assert "Another policy was signed as version 7" in refused(
        machine, "sign", str(policy), "--key", str(key)
    )
    assert policy.with_name("policy.toml.sig").read_bytes() == signature
    policy.write_bytes(text(f'[people]\nbreak_glass = "{public}"\n', version=8))
    assert "signing key" in refused(machine, "sign", str(policy), "--key", str(key))
    policy.write_bytes(text(RULES, version=7))
    machine.etc.mkdir(mode=0o755)
    for file in (policy, policy.with_name("policy.toml.sig")):
        (machine.etc / file.name).write_bytes(file.read_bytes())
        (machine.etc / file.name).chmod(0o644)
    shown = done(machine, "show")
    rules = {rule["rule"]: (rule["value"], rule["set_by"]) for rule in shown["rules"]}
    assert shown["surroundings"] == list(surroundings.sentences())
    assert shown["clinic"]["key"] == public and shown["landlock_abi"] >= 0
    assert rules["lock.after_minutes"] == (5, "clinic")
    assert rules["retention.deleted_days"] == (30, "default")


@pytest.mark.parametrize("purpose", [(), ("--emergency",)], ids=["signing", "emergency"])
def test_a_key_is_not_guarded_by_a_passphrase_that_is_easily_guessed(
    machine: Machine, tmp_path: Path, purpose: tuple[str, ...]
) -> None:
    (tmp_path / "weak").write_text("admin\n")
    key = tmp_path / "clinic.key"
    ran = machine.run("--passphrase-file", str(tmp_path / "weak"), "policy", "key", str(key), *purpose)
    assert (ran.status, ran.error["code"]) == (1, "weak-passphrase")
    assert not key.exists() or not key.read_bytes()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("alone.toml", "no signature beside alone.toml"),
        ("alone.toml.sig", "is a signature, which says nothing by itself"),
        ("key.json", "no statement that diary wrote"),
        (".", "Is a directory"),
    ],
)
def test_what_cannot_be_verified_is_said_to_be_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("alone.toml", "key.json"):
        Path(file).write_bytes(b"{}" if file == "key.json" else text())
    ran = Home(tmp_path).run("policy", "verify", name, "--json", passphrase=None)
    assert (ran.status, says in ran.error["message"]) == (1, True), ran.out
    assert ran.error["hint"]


def test_what_is_not_understood_is_not_signed(machine: Machine, tmp_path: Path) -> None:
    key, policy = tmp_path / "clinic.key", tmp_path / "policy.toml"
    key.touch()
    policy.write_bytes(text("[lock]\nafter_minuets = 5\n"))
    assert refused(machine, "sign", str(policy), "--key", str(key)) == (
        "The policy has an unknown rule (“lock.after_minuets”; is “lock.after_minutes” meant?), "
        "so nothing was signed."
    )
    assert not (tmp_path / "policy.toml.sig").exists()


@pytest.mark.slow
def test_a_key_is_followed_by_another_without_a_visit_to_each_vault(machine: Machine, tmp_path: Path) -> None:
    old, new, link = (str(tmp_path / name) for name in ("old.key", "new.key", "link"))
    policy = install(tmp_path / "own", text(RULES)) / "policy.toml"
    done(machine, "key", old)
    done(machine, "sign", str(policy), "--key", old)
    vault = str(tmp_path / "vault")
    install(machine.etc, policy.read_bytes())
    (machine.etc / "policy.toml.sig").write_bytes(policy.with_name("policy.toml.sig").read_bytes())
    assert machine.run("--vault", vault, "init").status == 0
    following = done(machine, "key", new)["key"]

    (tmp_path / "pass").write_text(PASSPHRASE)
    made = done(
        machine, "succeed", link, "--old-key", old, "--new-key", new, "--new-passphrase-file",
        str(tmp_path / "pass"),
    )  # fmt: skip
    assert made["new"] == following
    for after, opens in ((), False), (("--after", link), True), ((), True):
        policy.write_bytes(text(RULES, version=2 if not opens else 3))
        done(machine, "sign", str(policy), "--key", new, *after)
        for name in ("policy.toml", "policy.toml.sig"):
            (machine.etc / name).write_bytes(policy.with_name(name).read_bytes())
        ran = machine.run("--vault", vault, "list")
        assert (ran.status == 0) is opens, ran.out
    found = installed(machine.etc, owner=machine.owner)
    assert found is not None and len(found.signed.chain) == 1, "a later signature carries the chain on"


@pytest.mark.slow
def test_an_emergency_key_is_none_to_sign_with(machine: Machine, tmp_path: Path) -> None:
    key, policy = tmp_path / "emergency.key", tmp_path / "policy.toml"
    policy.write_bytes(text(RULES))
    assert len(done(machine, "key", str(key), "--emergency")["key"]) == 64
    assert "no signing key" in refused(machine, "sign", str(policy), "--key", str(key))


def test_what_is_wrong_with_an_installed_policy_is_shown(machine: Machine) -> None:
    install(machine.etc, text(RULES))
    (machine.etc / "policy.toml").write_bytes(text(RULES, version=2))
    assert "changed after it was signed" in refused(machine, "show")
    install(machine.etc, text(RULES))
    checked = machine.run("policy", "check", "--quick")
    assert (checked.status, checked.json["policy"]["clinic"]) == (0, CLINIC)
    machine.etc.chmod(0o777)
    why = f"{machine.etc} can be changed by others than root"
    assert why in refused(machine, "verify", str(machine.etc / "policy.toml"))
    checked = machine.run("policy", "check", "--quick")
    assert checked.status == 1 and why in checked.json["policy"]["refused"]
    machine.etc.chmod(0o755)


def test_without_a_clinic_the_settings_alone_hold(machine: Machine) -> None:
    shown = done(machine, "show")
    assert shown["clinic"] is None
    assert {rule["set_by"] for rule in shown["rules"]} == {"default"}


def test_a_person_is_told_once_that_the_diary_is_under_a_policy(machine: Machine) -> None:
    Vault.create(machine.home.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    install(machine.etc, text(RULES))
    told, again = (machine.run("list") for _ in range(2))
    assert (told.status, again.status) == (0, 0)
    assert CLINIC in told.out + told.err and CLINIC not in again.out + again.err
