"""Whatever is damaged is told by the full check, and every entry whose pages are whole is got back."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from diary.errors import DiaryError, VaultDamaged
from diary.vault.doctor import examine
from diary.vault.rescue.salvage import salvage
from diary.vault.vault import Vault
from tests.fakes.stores import TickingClock
from tests.faults.injected_faults import KINDS, Fault, Past, old_page, past, put_back

SHARES = {"old_page": 10, "header_copy": 2, "encrypted_file": 2, "spool_file": 1}
"""How many of each kind in a round of 25; two of the others."""


def damaged(past: Past, parent: Path) -> Path:
    """A copy to damage; the last one goes."""
    shutil.rmtree(parent / "vault", ignore_errors=True)
    return Path(shutil.copytree(past.folder, parent / "vault"))


def full_check(past: Past, folder: Path) -> list[str]:
    checks = examine(folder, past.code, now=TickingClock())
    return [finding for check in checks for finding in check.findings]


def quick_check_tells(past: Past, folder: Path) -> bool:
    try:
        with Vault.unlock(folder, past.code, now=TickingClock()) as vault:
            return bool(vault.warnings)
    except DiaryError:
        return True


def require_salvaged(past: Past, folder: Path, out: Path, fault: Fault) -> None:
    """Every entry that stands on whole pages comes back; one that is not as last saved is marked."""
    shutil.rmtree(out, ignore_errors=True)
    try:
        salvage(folder, past.code, out)
    except VaultDamaged:  # rightly only where not one page is whole
        assert all(pages & fault.pages for pages in past.pages_of.values()), fault.told
        return
    back = {int(entry["id"]): entry for entry in map(json.loads, (out / "entries.jsonl").open())}
    for number, pages in past.pages_of.items():
        if not pages & fault.pages:
            assert back[number]["text"] == past.texts[number], (fault.told, number)
    for number, entry in back.items():
        if entry["text"] != past.texts.get(number):
            assert not entry["whole"], (fault.told, number)


def inject(past: Past, parent: Path, kinds: list[str], seed: int) -> Counter[str]:
    """One fault of each kind in the list; which were told at unlocking already."""
    rng, quick = random.Random(seed), Counter[str]()
    for kind in kinds:
        folder = damaged(past, parent)
        fault = KINDS[kind](past, folder, rng)
        kept = Path(shutil.copytree(folder, parent / "again", dirs_exist_ok=True))
        told = full_check(past, folder)
        assert told, f"{kind}: {fault.told} was not told"
        if fault.pages:
            require_salvaged(past, kept, parent / "out", fault)
        quick[kind] += quick_check_tells(past, kept)
        shutil.rmtree(kept)
    return quick


def a_round() -> list[str]:
    return [kind for kind in KINDS for _ in range(SHARES.get(kind, 2))]


def test_a_vault_with_a_past_is_whole_and_all_of_it_is_got_back(tmp_path: Path) -> None:
    whole = past(60)
    folder = damaged(whole, tmp_path)
    assert full_check(whole, folder) == []
    require_salvaged(whole, folder, tmp_path / "out", Fault("none"))
    assert whole.texts.keys() == whole.pages_of.keys()
    assert max(len(pages) for pages in whole.pages_of.values()) > 3
    assert len(whole.replays) > 100


def test_every_kind_of_fault_is_told_and_entries_on_whole_pages_are_got_back(tmp_path: Path) -> None:
    inject(past(60), tmp_path, a_round(), seed=1)


@pytest.mark.slow
def test_two_thousand_faults_are_told_and_entries_on_whole_pages_are_got_back(tmp_path: Path) -> None:
    rounds = 80
    kinds = [kind for _ in range(rounds) for kind in a_round()]
    quick = inject(past(400), tmp_path, kinds, seed=2)
    made = Counter(kinds)
    assert sum(made.values()) == 2_000
    for kind in made:
        sys.stderr.write(f"{kind}: {made[kind]} of {made[kind]} told, {quick[kind]} at unlocking already\n")


@pytest.mark.slow
def test_every_single_old_page_is_told(tmp_path: Path) -> None:
    """Not a sample: each page of each earlier state that says something else."""
    whole = past(400)
    for state, number in whole.replays:
        folder = damaged(whole, tmp_path)
        put_back(whole, folder, state, number)
        assert full_check(whole, folder), f"page {number} of state {state} was not told"


def test_an_old_page_is_not_told_by_its_authentication(tmp_path: Path) -> None:
    """What SQLCipher checks does not tell it: the manifest is needed."""
    whole = past(60)
    folder = damaged(whole, tmp_path)
    old_page(whole, folder, random.Random(3))
    (pages,) = [check for check in examine(folder, whole.code, now=TickingClock()) if check.name == "pages"]
    assert pages.findings == ()
