from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diary.errors import WrongPassphrase
from diary.vault.recovery import ALPHABET, new_code, read_code
from diary.vault.unlocking import open_header
from tests.unit.vault.fresh import fresh_folder

CODES = st.text(alphabet=ALPHABET, min_size=1, max_size=1).flatmap(lambda _: st.builds(new_code))


def plain(code: str) -> str:
    return code.replace("-", "")


def test_a_code_has_130_random_bits_in_groups_of_four() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all([len(group) for group in code.split("-")] == [4] * 7 for code in codes)
    assert all(len(read_code(code).symbols or b"") == 26 for code in codes)


@given(CODES, st.integers(0, 27), st.sampled_from(ALPHABET))
def test_every_single_wrong_symbol_is_told(code: str, place: int, symbol: str) -> None:
    symbols = plain(code)
    wrong = symbols[:place] + symbol + symbols[place + 1 :]
    assume(any(mark.isdigit() for mark in wrong))  # as all but one in 36,000
    told = read_code(wrong)
    if symbol == symbols[place]:
        assert told.symbols is not None
    else:
        assert (told.symbols, told.mistyped) == (None, True)


@given(CODES, st.integers(0, 24))
def test_every_exchange_of_two_neighbours_is_told(code: str, place: int) -> None:
    symbols = plain(code)
    wrong = symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]
    assume(any(mark.isdigit() for mark in wrong))
    told = read_code(wrong)
    assert (told.symbols is None and told.mistyped) or wrong == symbols


@given(CODES)
def test_reading_forgives_case_spaces_and_letters_like_digits(code: str) -> None:
    exact = read_code(code)
    forms = (
        code.lower(),
        f"  {code.replace('-', ' ')}\n",
        plain(code),
        *(code.replace("-", mark) for mark in "._\u2011\u2013\u2014\u2212"),
        code.replace("0", "o").replace("1", "l"),
        code.replace("0", "O").replace("1", "I"),
    )
    for form in forms:
        assert read_code(form) == exact, form


@pytest.mark.parametrize(
    "typed",
    [
        *("", "correct horse battery staple", "Zürich", "passphrase", "x" * 28, "é" * 28),
        "the heron waits by the cold weir",  # of its letters 4 read as digits of a code
        "all ill oil lies in silo 7",
        "oil ill lol ioio lil oli il lo",
    ],
)
def test_a_passphrase_is_no_mistyped_code(typed: str) -> None:
    assert (read_code(typed).symbols, read_code(typed).mistyped) == (None, False)


def test_a_mistyped_code_is_told_as_one_when_it_opens_nothing(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    wrong = f"{'1' if code[0] == '0' else '0'}{code[1:]}"
    with pytest.raises(WrongPassphrase, match="recovery code with a typing error") as told:
        open_header(folder, wrong)
    assert "symbols, and this one" not in told.value.hint
    with pytest.raises(WrongPassphrase) as told:
        open_header(folder, f"1{code[1:-5]}")
    assert "A code has 28 symbols, and this one 24." in told.value.hint
    with pytest.raises(WrongPassphrase, match="This passphrase"):
        open_header(folder, "something else")


def test_a_symbol_too_many_or_too_few_is_told_as_a_typing_error() -> None:
    assert read_code("0A7Q-6TZ1-CPEW-TYBG-CAF8-YMG1-S49").mistyped
    assert read_code("0A7Q-6TZ1-CPEW-TYBG-CAF8-YMG1-S49VV").mistyped
    assert read_code("0A7Q-6TZ1-CPEW-TYBG-CAF8-YMG1").mistyped, "a group too few"
