"""Text made safe for a terminal: marks of direction, where they have no business and where they have."""

from __future__ import annotations

import unicodedata

import pytest

from diary.printable import safe

MARKS = "\u200e\u200f\u061c"


@pytest.mark.parametrize("mark", MARKS)
def test_an_unseen_mark_orders_nothing_in_a_line_that_is_written_from_left_to_right(mark: str) -> None:
    shown = safe(f"took 1{mark} - {mark}20 mg")
    assert len(shown) == len("took 1| - |20 mg")
    assert mark not in shown
    replaced = set(shown) - set("took 1 - 20 mg")
    assert {unicodedata.bidirectional(one) for one in replaced} == {"BN"}  # neutral, and seen as little
    assert {unicodedata.category(one) for one in replaced} == {"Cf"}


@pytest.mark.parametrize(
    "words",
    ["\u05e9\u05dc\u05d5\u05dd!\u200f (a)", "\u0645\u0631\u062d\u0628\u0627\u061c 1 - 2", "\ufb2a\u200f."],
)
def test_a_line_from_right_to_left_keeps_its_marks(words: str) -> None:
    assert safe(words) == words
    assert safe(f"a\u200fb\n{words}") == f"a\u2060b\n{words}"


def test_what_overrides_the_direction_is_shown_in_any_script() -> None:
    assert safe("\u05e9\u202e1\u2066") == "\u05e9\ufffd1\ufffd"
