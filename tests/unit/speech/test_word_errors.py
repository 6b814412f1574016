"""The word error rate is counted as the field counts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.word_errors import WordErrors, distance, normalised, word_errors

words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=8)


@pytest.mark.parametrize(
    ("heard", "errors"),
    [
        ("the knee held today", 0),
        ("The knee, held: TODAY!", 0),
        ("the knee held", 1),  # deleted
        ("the sea held today", 1),  # substituted
        ("the the knee held today", 1),  # inserted
        ("", 4),
        ("and so on and so forth", 6),
    ],
)
def test_errors_are_counted(heard: str, errors: int) -> None:
    assert word_errors("The knee held today.", heard) == WordErrors(errors, 4)


def test_the_rate_is_of_the_words_that_were_said_and_may_exceed_one() -> None:
    assert word_errors("yes", "and so on").rate == 3.0
    assert word_errors("", "").rate == 0.0


def test_several_recordings_count_as_one() -> None:
    assert WordErrors(1, 4) + WordErrors(2, 6) == WordErrors(3, 10)


def test_words_of_every_language_are_words() -> None:
    assert normalised("Ein WEISSER Reiher saß -- don\u2019t ask; 10 Uhr") == [
        "ein",
        "weisser",
        "reiher",
        "saß",
        "don't",
        "ask",
        "10",
        "uhr",
    ]


@given(words, words, words)
def test_the_distance_is_one(first: list[str], second: list[str], third: list[str]) -> None:
    assert (distance(first, second) == 0) == (first == second)
    assert distance(first, second) == distance(second, first)
    assert distance(first, third) <= distance(first, second) + distance(second, third)
    assert abs(len(first) - len(second)) <= distance(first, second) <= max(len(first), len(second))
