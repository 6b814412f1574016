"""Whatever is asked, a time is a range in order or none, and reading it takes no time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from diary.errors import TimeNotUnderstood
from retrieval.when import parse_moment, parse_range
from tests.unit.retrieval.test_when_ranges import CASES

WORD_LIST = """
last next this past first second third 31 0 99 2023 9999 0000 february may march week weeks month year decade
quarter half summer fall of in on since before after until from to between and the a couple few ago - / . : 30
29 christmas easter sunday sundays yesterday tomorrow today night 3rd 12/13/2024 2024-02-30 vor seit letzten
im compare than around twenty-first end mid early h1 q4 1980s old
"""
WORDS = st.sampled_from(WORD_LIST.split())
PHRASES = st.lists(WORDS, max_size=8).map(" ".join)


@given(st.one_of(PHRASES, st.text(max_size=80)), st.dates())
def test_any_question_gives_a_range_in_order_cut_from_it_or_none(question: str, as_of: date):
    found = parse_range(question, as_of)
    if found is not None:
        assert found.start or found.end
        assert found.phrase
        assert found.phrase in question


@given(st.sampled_from(CASES), st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 1, 1)))
def test_every_phrase_of_the_table_is_read_on_any_day(case: list[str], as_of: date):
    future = {"tomorrow", "next week"}
    found = parse_range(case[0], as_of)
    if found is None:
        assert any(mark in case[0] for mark in ("since", "after", "from January", "2024", "2023"))
    elif case[0] not in future and found.start and not any(sign.isdigit() for sign in case[0]):
        assert (
            found.start <= as_of
            or "this" in case[0]
            or "of last" in case[0]
            or found.start.year == as_of.year
        )


@given(
    st.one_of(PHRASES, st.text(max_size=60)),
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9000, 1, 1)),
)
def test_any_words_give_an_aware_moment_or_a_refusal(words: str, now: datetime):
    now = now.replace(tzinfo=UTC)
    try:
        moment = parse_moment(words, now)
    except TimeNotUnderstood as refused:
        assert refused.message
    else:
        assert moment.utcoffset() is not None


def test_long_and_repetitive_questions_are_read_at_once():
    for piece in (
        "from the ",
        "1 ",
        "the last ",
        "first half of ",
        "between and to ",
        "a",
        " ",
        "may ",
        "12:",
    ):
        began = time.perf_counter()
        parse_range(piece * 20_000, date(2024, 1, 1))
        assert time.perf_counter() - began < 1
