"""A new passphrase, as it is typed at a terminal."""

from __future__ import annotations

import getpass
import sys

import pytest

from diary.cli.passphrase import PassphraseSource
from diary.errors import UsageError, WeakPassphrase

STRONG = "seven quiet herons by the weir"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, in order; what is left of it was not asked for."""
    lines: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: lines.pop(0))
    return lines


def refuse_admin(passphrase: str) -> None:
    if passphrase == "admin":
        raise WeakPassphrase("Too easy to guess.")


def test_it_is_typed_twice(typed: list[str]) -> None:
    typed[:] = [STRONG, STRONG]
    assert PassphraseSource(None).ask_new(refuse_admin) == STRONG


def test_two_that_differ_are_refused(typed: list[str]) -> None:
    typed[:] = [STRONG, STRONG + "s"]
    with pytest.raises(UsageError, match="differ"):
        PassphraseSource(None).ask_new(refuse_admin)


def test_a_weak_one_is_refused_before_it_is_typed_again(typed: list[str]) -> None:
    typed[:] = ["admin", "admin"]
    with pytest.raises(WeakPassphrase):
        PassphraseSource(None).ask_new(refuse_admin)
    assert typed == ["admin"]
