"""`--accept-unsealed` is a person's to say: no rule of a clinic is lost by it. Here no kernel has filters."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from diary.vault.vault import Vault
from tests.air_gap.sealed import NO_FILTERS
from tests.clinic.machine import Machine
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.unit.vault.fresh import CHEAPEST

ACCEPT = "--accept-unsealed"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(Home(tmp_path / "home"), tmp_path / "etc")
    made.home.path.mkdir()
    return made


@pytest.mark.parametrize("words", [("list",), ("init",), ("policy", "check", "--quick")])
def test_under_a_clinics_policy_nothing_is_opened_unsealed(machine: Machine, words: tuple[str, ...]) -> None:
    machine.install()
    ran = machine.run(ACCEPT, *words, kernel=NO_FILTERS)
    assert ran.status == 1
    assert "a clinic's policy is installed here, under which nobody can accept that" in ran.out
    assert not machine.home.vault.exists()


def test_a_bound_vault_is_not_opened_unsealed_where_its_policy_is_gone(machine: Machine) -> None:
    Vault.create(machine.home.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    before = machine.run(ACCEPT, "write", "Slept badly.", kernel=NO_FILTERS)
    assert before.status == 0 and "It runs unsealed" in before.err
    machine.install()
    machine.json("list")
    shutil.rmtree(machine.etc)
    ran = machine.run(ACCEPT, "list", kernel=NO_FILTERS)
    assert ran.status == 1 and "belongs under the policy of" in ran.out and "Slept" not in ran.out


def test_a_policy_that_comes_between_the_seal_and_its_reading_opens_nothing(machine: Machine) -> None:
    Vault.create(machine.home.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    machine.install()
    late = (
        "from policies import place\n"
        "real, seen = place.is_there, []\n"
        "place.is_there = lambda folder: bool(seen.append(1) or len(seen) > 1) and real(folder)\n"
    )
    ran = replace(machine, first=late).run(ACCEPT, "list", kernel=NO_FILTERS)
    assert ran.status == 1 and "(seal.level): nothing is opened where the kernel cannot seal" in ran.out
