"""Ways in which an ordinary user may try to be rid of a clinic's rules, each tried with the real program."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diary.vault.vault import Vault
from policies.clinic import NAME, SIGNATURE
from tests.clinic.machine import NOBODY, Machine
from tests.clinic.signed import OTHER, install, text
from tests.end_to_end.conftest import PASSPHRASE, Home, Ran
from tests.unit.vault.fresh import CHEAPEST

RULES = """
[lock]
after_minutes = 5
[passphrase]
guesses = 29
[retention]
legal_hold = true
[export]
formats = ["markdown"]
[import]
formats = ["markdown"]
[answers]
compose = "never"
[backup]
folders = ["/nowhere/backups"]
[models]
sha256 = []
"""


@pytest.fixture(scope="module")
def bound() -> Iterator[Path]:
    """A home and a policy folder, where the vault was opened under version 3 of the policy."""
    place = Path(tempfile.mkdtemp(prefix="diary-clinic-"))  # the tests' own is closed to other users
    place.chmod(0o755)
    machine = Machine(Home(place / "home"), place / "etc")
    machine.home.path.mkdir()
    Vault.create(machine.home.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    machine.install(RULES, version=3)
    machine.json("write", "Slept badly.")
    yield place
    shutil.rmtree(place)


@pytest.fixture
def machine(bound: Path) -> Iterator[Machine]:
    place = Path(tempfile.mkdtemp(prefix="diary-clinic-"))
    place.chmod(0o755)
    shutil.copytree(bound, place, dirs_exist_ok=True)
    yield Machine(Home(place / "home"), place / "etc")
    shutil.rmtree(place)


def settings(machine: Machine, content: str) -> None:
    folder = machine.home.path / ".config/diary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(content)


def sign_with(machine: Machine, rules: str, version: int, **how: object) -> None:
    install(machine.etc, text(rules, version=version), **how)  # type: ignore[arg-type]


# Each does something, and gives what the program then answered.


def settings_file(machine: Machine) -> Ran:
    loose = '[screen]\nlock_after_minutes = 0\n[answers]\ncompose = "verified"\n'
    settings(machine, loose)
    shown = machine.json("policy", "show")
    assert isinstance(shown, dict)
    holds = {rule["rule"]: (rule["value"], rule["set_by"]) for rule in shown["rules"]}
    assert holds["lock.after_minutes"] == (5, "clinic")
    assert holds["answers.compose"] == ("never", "clinic")
    assert machine.json("retention", "--apply", "--yes")["rules"]["legal_hold"] is True  # type: ignore[index]
    return machine.run("delete", "1", "--erase", "--yes")


def options(machine: Machine) -> Ran:
    return machine.run("plan", "sleep", "--ics", str(machine.home.path / "plan.ics"))


def another_settings_folder(machine: Machine) -> Ran:
    elsewhere = {name: str(machine.home.path / "x") for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")}
    return machine.run("delete", "1", "--erase", "--yes", environment=elsewhere)


def environment(machine: Machine) -> Ran:
    made_up = {
        "DIARY_POLICY": "/dev/null",
        "DIARY_SEAL": "core:0",
        "DIARY_CLINIC": "",
        "XDG_DATA_DIRS": "/tmp",
        "PYTHONPATH": "/tmp",
    }
    return machine.run("delete", "1", "--erase", "--yes", environment=made_up)


def another_home(machine: Machine) -> Ran:
    vault = str(machine.home.vault)
    moved = {"HOME": str(machine.home.path / "tmp")}
    return machine.run("--vault", vault, "delete", "1", "--erase", "--yes", environment=moved)


def deleted_policy(machine: Machine) -> Ran:
    shutil.rmtree(machine.etc)
    return machine.run("list")


def deleted_signature(machine: Machine) -> Ran:
    (machine.etc / SIGNATURE).unlink()
    return machine.run("list")


def older_version(machine: Machine) -> Ran:
    sign_with(machine, "", 2)
    return machine.run("list")


def another_of_the_same_version(machine: Machine) -> Ran:
    sign_with(machine, "", 3)
    return machine.run("list")


def own_key(machine: Machine) -> Ran:
    sign_with(machine, "", 4, key=OTHER)
    return machine.run("list")


def release_by_own_key(machine: Machine) -> Ran:
    sign_with(machine, "release = true\n", 4, key=OTHER)
    return machine.run("list")


def unsigned_edit(machine: Machine) -> Ran:
    policy = machine.etc / NAME
    policy.write_bytes(policy.read_bytes().replace(b"legal_hold = true", b"legal_hold = false"))
    return machine.run("list")


def edited_signature(machine: Machine) -> Ran:
    signature = machine.etc / SIGNATURE
    signature.write_text(signature.read_text().replace('"signature": "', '"signature": "00')[:-3] + "}")
    return machine.run("list")


def linked_folder(machine: Machine) -> Ran:
    own = install(machine.home.path / "own", text(version=4), key=OTHER)
    shutil.rmtree(machine.etc)
    machine.etc.symlink_to(own)
    return machine.run("list")


def writable_folder(machine: Machine) -> Ran:
    machine.etc.chmod(0o777)
    return machine.run("list")


def of_another_owner(machine: Machine) -> Ran:
    """As root looks from within a user namespace, whose own root an ordinary user is."""
    if os.getuid() == 0:
        for path in (machine.etc, *machine.etc.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        return machine.run("list")
    return Machine(machine.home, machine.etc, owner=machine.owner + 1).run("list")


def malformed(machine: Machine) -> Ran:
    sign_with(machine, "[lock\n", 4)
    return machine.run("list")


def unknown_rule(machine: Machine) -> Ran:
    sign_with(machine, "[lock]\nnever = true\n", 4)
    return machine.run("list")


def backup_elsewhere(machine: Machine) -> Ran:
    """Restored where no policy is, from a backup of the bound vault."""
    sign_with(machine, "", 4)
    backup, new = machine.home.path / "b", machine.home.path / "new"
    machine.json("backup", str(backup))
    shutil.rmtree(machine.etc)
    ran = machine.run("restore", str(backup), "--to", str(new))
    assert not new.exists()
    return ran


def onto_an_unbound_vault(machine: Machine) -> Ran:
    sign_with(machine, "", 4)
    backup, other = machine.home.path / "b", machine.home.path / "other"
    machine.json("backup", str(backup))
    shutil.rmtree(machine.etc)
    ran = machine.run("--vault", str(other), "init")
    assert ran.status == 0
    return machine.run("restore", str(backup), "--to", str(other), "--replace", "--yes")


def copied_files(machine: Machine) -> Ran:
    copy = shutil.copytree(machine.home.vault, machine.home.path / "copy")
    shutil.rmtree(machine.etc)
    return machine.run("--vault", str(copy), "list")


def salvaged(machine: Machine) -> Ran:
    shutil.rmtree(machine.etc)
    return machine.run("doctor", "--salvage", str(machine.home.path / "out"), "--yes")


def new_vault_key(machine: Machine) -> Ran:
    code = machine.json("keys", "rotate", "--yes")
    assert isinstance(code, dict) and code["recovery_code"]
    shutil.rmtree(machine.etc)
    return machine.run("list")


def weak_passphrase(machine: Machine) -> Ran:
    return machine.run("keys", "change", "1", "--new-passphrase-file", "-", stdin=f"{PASSPHRASE} 2\n")


def vault_of_ones_own(machine: Machine) -> Ran:
    """A new vault is under the policy too."""
    return machine.run("--vault", str(machine.home.path / "mine"), "init")


def another_clock(machine: Machine) -> Ran:
    return machine.run("--as-of", "2031-01-01", "delete", "1", "--erase", "--yes")


def batch(machine: Machine) -> Ran:
    """Search is asked for many things at once; its model is on no list."""
    return machine.run("find", "--batch", stdin='{"q": "sleep"}\n')


def forbidden_import(machine: Machine) -> Ran:
    file = machine.home.path / "in.jsonl"
    file.write_text('{"id": "1", "date": "2026-05-01T10:00:00Z", "text": "Words."}\n')
    return machine.run("import", str(file), "--format", "jsonl")


def backup_through_a_link(machine: Machine) -> Ran:
    (machine.home.path / "outside").mkdir()
    (machine.home.path / "stick").symlink_to(machine.home.path / "outside")
    return machine.run("backup", str(machine.home.path / "stick"))


WAYS: dict[Callable[[Machine], Ran], tuple[str, str]] = {
    settings_file: ("policy-forbids", "legal_hold"),
    options: ("policy-forbids", "export.formats"),
    another_settings_folder: ("policy-forbids", "legal_hold"),
    environment: ("policy-forbids", "legal_hold"),
    another_home: ("policy-forbids", "legal_hold"),
    deleted_policy: ("policy-refused", "none is installed here"),
    deleted_signature: ("policy-refused", "no signature"),
    older_version: ("policy-refused", "older"),
    another_of_the_same_version: ("policy-refused", "same version"),
    own_key: ("policy-refused", "another key"),
    release_by_own_key: ("policy-refused", "another key"),
    unsigned_edit: ("policy-refused", "changed after it was signed"),
    edited_signature: ("policy-refused", "not one that diary writes"),
    linked_folder: ("policy-refused", "no folder"),
    writable_folder: ("policy-refused", "changed by others"),
    of_another_owner: ("policy-refused", "changed by others"),
    malformed: ("policy-refused", "TOML"),
    unknown_rule: ("policy-refused", "unknown rule"),
    backup_elsewhere: ("policy-refused", "none is installed here"),
    onto_an_unbound_vault: ("policy-refused", "none is installed here"),
    copied_files: ("policy-refused", "none is installed here"),
    salvaged: ("policy-refused", "none is installed here"),
    new_vault_key: ("policy-refused", "none is installed here"),
    weak_passphrase: ("weak-passphrase", "passphrase.guesses"),
    vault_of_ones_own: ("weak-passphrase", "passphrase.guesses"),
    another_clock: ("policy-forbids", "legal_hold"),
    batch: ("policy-forbids", "models.sha256"),
    forbidden_import: ("policy-forbids", "import.formats"),
    backup_through_a_link: ("policy-forbids", "backup.folders"),
}


EVERY_DAY = (environment, deleted_policy, own_key, unsigned_edit)
"""Every way is in the long form; `test_binding` and `test_rules_kept` try the same without a process."""


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=() if way in EVERY_DAY else pytest.mark.slow) for way in WAYS],
    ids=lambda way: way.__name__,
)
def test_an_ordinary_user_is_not_rid_of_the_clinics_rules(
    machine: Machine, way: Callable[[Machine], Ran]
) -> None:
    code, says = WAYS[way]
    ran = way(machine)
    refused = 0 if way is batch else 1  # a batch goes on with the next line
    assert (ran.status, ran.error["code"]) == (refused, code), ran.out + ran.err
    assert says in ran.error["message"]


@pytest.mark.slow
def test_the_policy_is_read_again_when_the_screen_was_locked(machine: Machine) -> None:
    """Locking executes the program anew behind the same wall: here after a command, for a pipe to talk to."""
    with machine.locking("list") as (say, answer):
        say(PASSPHRASE)
        assert "entries" in answer()
        own_key(Machine(machine.home, machine.etc))
        say("lock", PASSPHRASE)
        refused = answer()["error"]
        assert (refused["code"], "signed with another key" in refused["message"]) == ("policy-refused", True)


def test_the_kernel_lets_no_ordinary_user_change_the_policy(machine: Machine) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become an ordinary user")
    policy = machine.etc / NAME
    for command in (
        ("rm", "-f", str(policy)),
        ("rm", "-rf", str(machine.etc)),
        ("mv", str(machine.etc), str(machine.etc) + ".gone"),
        ("cp", "/dev/null", str(policy)),
        ("ln", "-sfn", "/tmp", str(machine.etc)),
        ("chmod", "777", str(machine.etc)),
        ("touch", str(machine.etc / "new")),
    ):
        assert machine.as_a_user(*command) != 0, command
    assert machine.as_a_user("cat", str(policy)) == 0, "everybody may read it"
    assert machine.run("list").status == 0
