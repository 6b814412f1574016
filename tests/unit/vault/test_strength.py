"""Which passphrases are refused, and what is said of them."""

from __future__ import annotations

import pytest

from diary.errors import WeakPassphrase
from diary.vault.strength import FLOOR, require_strong
from diary.vault.vault import Vault


@pytest.mark.parametrize(
    "weak",
    ["", "   ", "\u3000", "password1", "qwertyuiop", "12.05.1980", "monkey monkey", "wrong horse", "x" * 500],
)
def test_what_is_guessed_soon_is_refused_without_being_repeated(weak: str) -> None:
    with pytest.raises(WeakPassphrase) as refused:
        require_strong(weak)
    said = refused.value.message + refused.value.hint
    assert not weak.strip() or weak not in said
    assert "Nothing was changed." in said
    assert "random words" in said


def test_the_number_of_guesses_and_the_reason_are_told() -> None:
    with pytest.raises(WeakPassphrase, match=r"about 200 guesses find it, and 10,000,000,000 are asked for"):
        require_strong("password1")
    with pytest.raises(WeakPassphrase, match="very common password"):
        require_strong("password1")


@pytest.mark.parametrize(
    "strong",
    [
        "correct horse battery staple",
        "seven quiet herons",
        "kX9-pq2mmTz7wL",
        "vier Wörter, ganz zufällig" * 30,
    ],
)
def test_random_words_and_random_letters_are_taken(strong: str) -> None:
    require_strong(strong)


def test_the_floor_can_be_raised() -> None:
    require_strong("seven quiet herons", floor=FLOOR)
    with pytest.raises(WeakPassphrase):
        require_strong("seven quiet herons", floor=30)


def test_no_vault_is_made_with_a_weak_passphrase(tmp_path) -> None:
    with pytest.raises(WeakPassphrase):
        Vault.create(tmp_path / "vault", "password1")
    assert not (tmp_path / "vault").exists()
