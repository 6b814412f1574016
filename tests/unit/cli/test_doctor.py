"""What the check of everything advises, by what it found; damage is told with the way to the words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diary.cli.doctor import _advice, _say_salvaged
from diary.model.checkup import Check, Salvaged
from diary.vault.doctor import MAY_NOT_READ, OTHERS_MAY
from diary.vault.failures import damaged
from tests.unit.cli.desk import SpokenSession, run


def advice(*found: str, opened: bool = True, modes: str = OTHERS_MAY) -> str:
    names = ["permissions", "header", "keys", "opening"]
    names += ["structure", "manifest", "room"] if opened else []
    amiss = {name: (f"{modes} a file" if name == "permissions" else "Amiss",) for name in found}
    checks = [Check(name=name, findings=amiss.get(name, ())) for name in names]
    return " ".join(_advice(checks, Path("/home/me/diary")))


@pytest.mark.parametrize("harmless", ["permissions", "header", "room", "opening"])
def test_what_is_around_the_diary_rouses_no_fear_for_its_words(harmless: str) -> None:
    told = advice(harmless)
    assert "The diary itself is whole" in told
    assert "backup" not in told and "--salvage" not in told and "--accept" not in told


def test_each_finding_has_its_own_advice() -> None:
    assert "chmod -R go= /home/me/diary" in advice("permissions")
    assert "Make room on the disk" in advice("room") and "chmod" not in advice("room")
    assert "--salvage" in advice("structure") and "--accept" not in advice("structure")
    assert "--salvage" in advice("manifest", "permissions") and "--accept" in advice("manifest")
    assert "chmod" in advice("manifest", "permissions")
    assert "--salvage" in advice("opening", opened=False)


def test_a_lost_header_and_files_that_may_not_be_read_are_not_met_with_advice_about_damaged_words() -> None:
    lost = advice("header", "keys", opened=False)
    assert "copy vault.header from DIR into this folder" in lost and "--salvage" not in lost
    closed = advice("permissions", "header", "keys", opened=False, modes=MAY_NOT_READ)
    assert "chmod -R u+rwX /home/me/diary" in closed
    assert "restore" not in closed and "--salvage" not in closed


def test_whoever_meets_damage_is_told_of_the_check_and_of_the_way_to_the_words() -> None:
    hint = damaged("its database cannot be read").hint
    assert "diary doctor" in hint and "--salvage" in hint and "backup" in hint


def test_a_salvage_that_got_everything_says_so_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    made = Salvaged(
        folder=Path("/out"), entries=6, unvouched=(), missing=(), files=2, spoilt=(), pages=90,
        damaged_pages=4, torn_rows=1,
    )  # fmt: skip

    def said(made: Salvaged) -> tuple[int | None, str]:
        told = run(lambda desk: _say_salvaged(desk, made), capsys, "doctor", session=SpokenSession())
        return told.status, told.words

    status, words = said(made)
    assert (status, "No entry is missing" in words, "4 of 90 pages" in words) == (0, True, True)
    for lost in (replace(made, missing=(3,)), replace(made, unvouched=(3,)), replace(made, spoilt=("a",))):
        assert said(lost)[0] == 1
    assert "No entry is missing" not in said(replace(made, missing=(3,)))[1]
