"""The grammar of the command line."""

from __future__ import annotations

import pytest

from diary.cli.arguments import parse
from diary.errors import UsageError


@pytest.mark.parametrize("words", [["-rain"], ["knee", "-rain"]])
def test_a_word_that_looks_like_an_option_is_told_how_to_be_left_out(words: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        parse(["find", *words])
    assert "what is -rain?" in refused.value.message
    assert "diary find --without rain" in refused.value.hint


@pytest.mark.parametrize(
    ("arguments", "help_of"),
    [(["list", "-x"], "list"), (["find", "--nothing"], "find"), (["ask", "--nothing"], "ask")],
)
def test_an_unknown_option_points_to_the_help_of_its_command(arguments: list[str], help_of: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(arguments)
    assert refused.value.hint == f"See: diary {help_of} --help"


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "9" * 5000, "²"])
def test_a_count_that_is_none_is_refused_in_words(number: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(["list", "-n", number])
    assert "a number above 0 is needed" in refused.value.message


def test_filters_that_stand_in_one_argument_are_words() -> None:
    assert parse(["find", "knee -rain"]).query == ["knee -rain"]
