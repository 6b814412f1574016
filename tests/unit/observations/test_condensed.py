"""What is left of an entry that is condensed."""

from __future__ import annotations

import pytest

from ingest.observations.condensed import LEFT_OUT, condensed
from ingest.observations.reading import read_observations

LONG = "because " * 30


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("No figures at all, only a story.", LEFT_OUT),
        ("sleep:: 6 h", "sleep:: 6 h"),
        ("Woke early. sleep:: 6 h; then walked.", f"sleep:: 6 h\n{LEFT_OUT}"),
        ("mood:: calm\npain:: 3/10", "mood:: calm\npain:: 3/10"),
        ("blood pressure, bp:: 120/80 lying down.", f"bp:: 120/80 lying down\n{LEFT_OUT}"),
        ("mood:: low. He said so.", f"mood:: low\n{LEFT_OUT}"),
        (f"mood:: {LONG}", LEFT_OUT),
        (f"pain:: 7 {LONG}", LEFT_OUT),
        ("Code: `key:: 5` stays out.", LEFT_OUT),
    ],
)
def test_figures_stay_word_for_word_and_the_rest_is_marked_as_left_out(text: str, left: str) -> None:
    assert condensed(text) == left
    assert condensed(left) == left


def test_the_figures_that_stay_read_as_before() -> None:
    text = "A night. sleep:: 6,5 h (broken), weight:: 71 kg | mood:: low.\nTook ibuprofen:: 400 mg at noon."
    left = read_observations(condensed(text))
    assert [(one.key, one.value, one.unit) for one in left] == [
        (one.key, one.value, one.unit) for one in read_observations(text)
    ]
