"""Times told by age, for somebody born on 29 February 1980, read on 1 November 2025."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.when import parse_range

AS_OF, BORN = date(2025, 11, 1), date(1980, 2, 29)

CASES = [
    ("when I was 12", "1992-02-29", "1993-02-27"),
    ("at the age of twelve", "1992-02-29", "1993-02-27"),
    ("in my twenties", "2000-02-29", "2010-02-27"),
    ("in my early thirties", "2010-02-28", "2013-06-27"),
    ("as a teenager", "1993-02-28", "2000-02-28"),
    ("since I turned 40", "2020-02-29", "2025-11-01"),
    ("before I was 30", "-", "2010-02-27"),
    ("on my 40th birthday", "2020-02-29", "2020-02-29"),
    ("on my last birthday", "2025-02-28", "2025-02-28"),
    ("on my birthday in 2024", "2024-02-29", "2024-02-29"),
    ("the year I was born", "1980-01-01", "1980-12-31"),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_an_age_is_a_range_of_who_was_born_then(case: tuple[str, str, str]):
    words, start, end = case
    found = parse_range(words, AS_OF, BORN)
    assert found is not None
    assert (str(found.start or "-"), str(found.end)) == (start, end)


@pytest.mark.parametrize(
    "words", ["when I was 12", "in my early thirties", "since I turned 40", "on my last birthday"]
)
def test_without_the_day_of_birth_an_age_is_no_range(words: str):
    assert parse_range(words, AS_OF) is None


@pytest.mark.parametrize(
    "words", ["when I was 12 kg heavier", "when I was two weeks in", "when I was in Rome"]
)
def test_other_numbers_are_no_ages(words: str):
    assert parse_range(words, AS_OF, BORN) is None
