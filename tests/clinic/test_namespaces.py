"""A person who is root in a user namespace of their own, with a root folder and `/etc/diary` that they made.

The real program, in a real namespace: only what lies in `/etc` is forged. The vault was bound on the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.vault.vault import Vault
from policies.surroundings import NAMESPACE
from tests.clinic.machine import Machine
from tests.clinic.signed import OTHER, install, text
from tests.end_to_end.conftest import PASSPHRASE, Home, Ran
from tests.unit.vault.fresh import CHEAPEST

RULES = '[export]\nformats = ["markdown"]\n'

FORGED = """
set -e
new=$1; shift
mount -t tmpfs none "$new"
for folder in /*; do
    case $folder in /etc|/lost+found) continue;; esac
    if [ -L "$folder" ]; then cp -P "$folder" "$new$folder"
    elif [ -d "$folder" ]; then mkdir "$new$folder"; mount --rbind "$folder" "$new$folder"
    fi
done
mkdir "$new/etc"
cp /etc/ld.so.cache /etc/passwd /etc/group "$new/etc"
if [ -d "$1" ]; then cp -r "$1" "$new/etc/diary"; chmod -R go-w "$new/etc/diary"; fi
shift
exec chroot "$new" "$@"
"""


def permitted() -> bool:
    """Whether a user may have a namespace here; some systems forbid it, and most containers."""
    command = ["unshare", "-Urm", "sh", "-c", "mount -t tmpfs none /mnt && chroot / true"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


pytestmark = pytest.mark.skipif(not permitted(), reason="no user namespace may be made here")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Its vault was opened under version 3."""
    made = Machine(Home(tmp_path / "home"), tmp_path / "etc")
    made.home.path.mkdir()
    (tmp_path / "new").mkdir()
    Vault.create(made.home.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    made.install(RULES, version=3)
    made.json("list")
    return made


def inside(machine: Machine, *words: str) -> Ran:
    """Run the program where `/etc/diary` is what the person made of it."""
    root = machine.etc.parent / "new"
    ran = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", FORGED, "sh", root, machine.etc, sys.executable, "-m", "diary",
         "--passphrase-file", "-", "--json", *words],
        input=f"{PASSPHRASE}\n", capture_output=True, text=True, timeout=110, check=False,
        env=machine.home.environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def gone(machine: Machine) -> None:
    shutil.rmtree(machine.etc)


def of_their_own(machine: Machine) -> None:
    install(machine.etc, text(version=4), key=OTHER)


def older(machine: Machine) -> None:
    machine.install(version=2)


def their_own_release(machine: Machine) -> None:
    install(machine.etc, text("release = true\n", version=4), key=OTHER)


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (of_their_own, "signed with another key"),
        pytest.param(gone, "none is installed here", marks=pytest.mark.slow),
        pytest.param(older, "is older (version 2)", marks=pytest.mark.slow),
        pytest.param(their_own_release, "signed with another key", marks=pytest.mark.slow),
    ],
)
def test_a_bound_vault_refuses_a_policy_that_a_person_put_into_their_own_etc(
    forge: Callable[[Machine], None], said: str, machine: Machine
) -> None:
    forge(machine)
    ran = inside(machine, "list")
    assert ran.status == 1 and said in ran.out, ran.out + ran.err


def test_under_the_true_one_it_opens_there_and_keeps_the_rules(machine: Machine) -> None:
    ran = inside(machine, "list")
    assert ran.status == 0, ran.out + ran.err
    refused = inside(machine, "plan", "sleep", "--ics", str(machine.home.path / "plan.ics"))
    assert refused.status == 1 and "export.formats" in refused.out


def test_the_namespace_is_told(machine: Machine) -> None:
    said = json.loads(inside(machine, "policy", "check", "--quick").out)
    assert said["sealed"] is True and NAMESPACE in said["surroundings"]
