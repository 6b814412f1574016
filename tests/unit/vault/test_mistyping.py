"""A recovery code with one slip is told with the group that has it; one with more is told without."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diary.errors import WrongPassphrase
from diary.vault.mistyping import one_slip_away
from diary.vault.recovery import ALPHABET, GROUP, read_code
from diary.vault.unlocking import open_header
from tests.unit.vault.fresh import template
from tests.unit.vault.test_recovery_code import CODES, plain


def told(folder: Path, typed: str) -> WrongPassphrase:
    with pytest.raises(WrongPassphrase) as refused:
        open_header(folder, typed)
    return refused.value


def another(symbol: str) -> str:
    return ALPHABET[(ALPHABET.index(symbol) + 7) % len(ALPHABET)]


def slips_in(group: int, code: str) -> list[str]:
    """A wrong symbol, a sign that is none, one left out, two exchanged and one too many."""
    symbols, place = plain(code), group * GROUP + 1
    slips = [
        symbols[:place] + another(symbols[place]) + symbols[place + 1 :],
        symbols[:place] + "U" + symbols[place + 1 :],
    ]
    if symbols[place] not in (symbols[place - 1], symbols[place + 1]):
        slips.append(symbols[:place] + symbols[place + 1 :])
    if symbols[place] != symbols[place + 1]:
        slips.append(symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :])
    slips.append(symbols[:place] + another(symbols[place]) + symbols[place:])
    return slips


def is_told_with(group: int, folder: Path, slip: str) -> None:
    refused = told(folder, slip)
    assert f"a typing error in group {group + 1} of 7:" in refused.message, slip
    assert "Compare that group" in refused.hint


def test_a_slip_is_told_with_its_group() -> None:
    """Every group, and in turn every kind of slip: each try is also one of a passphrase, which takes long."""
    folder, code = template()
    for group in range(7):
        slips = slips_in(group, code)
        is_told_with(group, folder, slips[group % len(slips)])


@pytest.mark.slow
@pytest.mark.parametrize("group", range(7))
def test_every_kind_of_slip_is_told_with_its_group(group: int) -> None:
    folder, code = template()
    for slip in slips_in(group, code):
        is_told_with(group, folder, slip)


def test_more_slips_or_the_code_of_another_vault_are_told_without_a_group() -> None:
    folder, code = template()
    symbols = plain(code)
    two = another(symbols[0]) + symbols[1:20] + another(symbols[20]) + symbols[21:]
    others = "0A7Q-6TZ1-CPEW-TYBG-CAF8-YMG1-S49Z"
    for typed in (two, others):
        refused = told(folder, typed)
        assert "group" not in refused.message + refused.hint, typed


def test_no_symbol_of_a_code_is_in_what_is_told() -> None:
    folder, code = template()
    typed = another(code[0]) + code[1:]
    refused = told(folder, typed)
    for group in (*code.split("-"), *typed.split("-")):
        assert group not in refused.message + refused.hint


@given(CODES, st.randoms(use_true_random=False))
def test_the_code_that_was_meant_is_among_those_one_slip_away(code: str, dice: random.Random) -> None:
    symbols, place = plain(code), dice.randrange(28)
    wrong = symbols[:place] + dice.choice(ALPHABET) + symbols[place + 1 :]
    assume(wrong != symbols)
    found = dict(one_slip_away(wrong))
    assert found[read_code(code).symbols or b""] == place // GROUP + 1
    assert len(found) < 12
