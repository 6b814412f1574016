"""Whatever is asked, a time is a range in order or none, and reading it takes no time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.errors import TimeNotUnderstood
from retrieval.when import parse_events, parse_moment, parse_range, parse_ranges
from retrieval.when.languages import ENGLISH, OTHERS
from tests.unit.retrieval.test_when_ranges import CASES

for question in ("the week before I moved", "im Mai", "en mayo de 2024", "en mai 2024", "now"):
    # Patterns are compiled once, outside of deadlines.
    parse_ranges(question, date(2024, 1, 1), date(1980, 1, 1))
    parse_events(question, date(2024, 1, 1))
for language in (ENGLISH, *OTHERS):
    assert all(rule.pattern.pattern for rule in language.rules)

WORD_LIST = """
last next this past first second third 31 0 99 2023 9999 0000 february may march week weeks month year decade
quarter half summer fall of in on since before after until from to between and the a couple few ago - / . : 30
29 christmas easter sunday sundays yesterday tomorrow today night 3rd 12/13/2024 2024-02-30 vor seit letzten
im compare than around twenty-first end mid early h1 q4 1980s old same vs every week, (3 march) before it i
moved my surgery day was turned 40 twenties hier le mois dernier depuis el mayo pasado desde hace trois der
wedding started
"""
WORDS = st.sampled_from(WORD_LIST.split())
PHRASES = st.lists(WORDS, max_size=8).map(" ".join)


@given(st.one_of(PHRASES, st.text(max_size=80)), st.dates(), st.none() | st.dates())
def test_any_question_gives_ranges_in_order_cut_from_it_or_none(
    question: str, as_of: date, born: date | None
):
    for found in (parse_range(question, as_of, born), *parse_ranges(question, as_of, born)):
        if found is not None:
            assert found.start or found.end
            assert found.phrase
            assert found.phrase in question


@given(PHRASES, st.dates())
def test_several_ranges_stand_in_the_question_one_behind_the_other(question: str, as_of: date):
    places, behind = [], 0
    for found in parse_ranges(question, as_of):
        behind = question.index(found.phrase, behind)
        places.append((behind, behind + len(found.phrase)))
        behind += len(found.phrase)
    assert all(before[1] <= after[0] for before, after in pairwise(places))


@given(st.one_of(PHRASES, st.text(max_size=80)), st.dates(), st.dates())
def test_any_question_tells_of_an_event_in_its_own_words_or_of_none(
    question: str, as_of: date, happened: date
):
    for found in parse_events(question, as_of):
        assert found.event
        told = found.range(happened, as_of)
        assert told is None or told.phrase == found.phrase


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
DATES = {
    "en": ("on {day} {month} {year}", "{month} {day}, {year}", "the {day}th of {month} {year}"),
    "de": ("am {day}. {month} {year}", "Was war am {day}. {month} {year}?"),
    "es": ("el {day} de {month} de {year}", "¿qué hice el {day} de {month} del {year}?"),
    "fr": ("le {day} {month} {year}", "qu'ai-je fait le {day} {month} {year} ?"),
}
IN_MONTH = {
    "en": "in {month} {year}",
    "de": "im {month} {year}",
    "es": "en {month} de {year}",
    "fr": "en {month} {year}",
}


@given(st.dates(date(1000, 1, 1), date(2199, 12, 31)), st.sampled_from(sorted(MONTHS)), st.dates(), st.data())
def test_a_date_and_a_month_in_words_are_read_back_in_four_languages(
    day: date, language: str, as_of: date, data: st.DataObject
):
    words = {"day": day.day, "month": MONTHS[language].split()[day.month - 1], "year": day.year}
    found = parse_range(data.draw(st.sampled_from(DATES[language])).format(**words), as_of)
    assert found is not None
    assert (found.start, found.end) == (day, day)
    month = parse_range(IN_MONTH[language].format(**words), as_of)
    assert month is not None
    assert month.start == day.replace(day=1)
    assert month.end is not None
    assert (month.end.year, month.end.month) == (day.year, day.month)


@given(st.integers(1000, 9999), st.sampled_from(["steps", "mg", "calories", "kcal", "words", "metres", "£"]))
def test_a_number_of_things_is_no_year(count: int, unit: str):
    amount = f"£{count}" if unit == "£" else f"{count} {unit}"
    for question in (f"days with {amount}", f"in {amount}", f"more than {amount}?", f"{count:,} of {amount}"):
        assert parse_ranges(question, date(2024, 5, 1)) == ()


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
            or case[0].endswith("nineties")  # before 1990 as well
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


HOSTILE = [
    *(
        "from the ",
        "1 ",
        "the last ",
        "first half of ",
        "between and to ",
        "a",
        " ",
        "may ",
        "12:",
        "(",
        "- ",
    ),
    *(
        "since i ",
        "the day before ",
        "the week of the ",
        "3 march to ",
        "between the fall and ",
        "el ",
        "(3 may) ",
    ),
    *(
        "vor der ",
        "il y a ",
        "every ",
        "2000 to 2500 ",
        "the same months of ",
        "my ",
        "before before ",
        "than ",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_and_repetitive_questions_are_read_at_once(piece: str):
    parse_ranges(piece, date(2024, 1, 1))  # the patterns are compiled once
    parse_events(piece, date(2024, 1, 1))
    began = time.process_time()
    parse_range(piece * 20_000, date(2024, 1, 1))
    parse_ranges(piece * 20_000, date(2024, 1, 1), date(1980, 1, 1))
    parse_events(piece * 20_000, date(2024, 1, 1))
    assert time.process_time() - began < 4
