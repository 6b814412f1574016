"""A new passphrase, as it is typed at a terminal."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest

from diary.cli.passphrase import PassphraseSource
from diary.errors import DiaryError, UsageError, WeakPassphrase

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


def test_who_types_one_that_is_refused_is_asked_again_and_not_left_to_type_it_into_the_shell(
    typed: list[str],
) -> None:
    typed[:] = ["admin", STRONG, STRONG + "s", STRONG, STRONG]
    told: list[DiaryError] = []
    assert PassphraseSource(None).ask_new(refuse_admin, again=told.append) == STRONG
    assert [type(error).__name__ for error in told] == ["WeakPassphrase", "_Differ"]
    typed[:] = ["admin", "admin", "admin", "admin"]
    with pytest.raises(WeakPassphrase):
        PassphraseSource(None).ask_new(refuse_admin, again=told.append)
    assert typed == ["admin"]


def test_one_that_a_file_gives_is_tried_once(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("admin\n")
    with pytest.raises(WeakPassphrase):
        PassphraseSource(str(file)).ask_new(refuse_admin, again=lambda _: pytest.fail("nobody reads this"))
