"""Times told by events, read on 1 November 2025: which event, and how the time lies to it."""

from __future__ import annotations

from datetime import date

import pytest

from diary.model.time_range import TimeRange
from retrieval.when import EventReference, Relation, parse_events

AS_OF = date(2025, 11, 1)

# question · relation · event · the range if the event was on 10 June 2025
TABLE = """
How have I slept since I started running? | since | I started running | 2025-06-10 2025-11-01
What did the vet say before we moved? | before | we moved | - 2025-06-09
How was I until my divorce? | until | my divorce | - 2025-06-10
my mood after the wedding | after | the wedding | 2025-06-11 2025-11-01
two days after my surgery | on | my surgery | 2025-06-12 2025-06-12
three weeks after the move | on | the move | 2025-06-28 2025-07-04
the day before the exam | on | the exam | 2025-06-09 2025-06-09
the week before the wedding | on | the wedding | 2025-06-03 2025-06-09
the Monday after the move | on | the move | 2025-06-16 2025-06-16
the Tuesday before the move | on | the move | 2025-06-03 2025-06-03
on the Sunday of the wedding | on | the wedding | 2025-06-08 2025-06-08
in the two weeks after the move | on | the move | 2025-06-11 2025-06-24
How many days after the fire did we go home? | after | the fire | 2025-06-11 2025-11-01
steps on the day of the long walk | on | the long walk | 2025-06-10 2025-06-10
pain the day I fell off the ladder | on | I fell off the ladder | 2025-06-10 2025-06-10
around the time of the funeral | on | the funeral | 2025-06-07 2025-06-13
since Grandma came to stay | since | Grandma came to stay | 2025-06-10 2025-11-01
after stopping the tablets | after | stopping the tablets | 2025-06-11 2025-11-01
better since the new bed than before | since | the new bed | 2025-06-10 2025-11-01
Wie schlafe ich seit meiner Operation? | since | meiner Operation | 2025-06-10 2025-11-01
zwei Tage nach der Hochzeit | on | der Hochzeit | 2025-06-12 2025-06-12
¿Cómo dormí antes de la boda? | before | la boda | - 2025-06-09
depuis mon opération | since | mon opération | 2025-06-10 2025-11-01
deux jours après l'accident | on | l'accident | 2025-06-12 2025-06-12
"""
CASES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


def first_event(question: str) -> EventReference:
    return parse_events(question, AS_OF)[0]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_an_event_is_read_with_how_the_time_lies_to_it(case: list[str]):
    question, relation, event, expected = case
    found = first_event(question)
    assert (found.relation, found.event) == (relation, event)
    assert found.phrase in question
    told = found.range(date(2025, 6, 10), AS_OF)
    assert told is not None
    assert [str(told.start or "-"), str(told.end)] == expected.split()


@pytest.mark.parametrize(
    "question",
    [
        *("after lunch", "before bed", "since then", "before that", "after work", "since the first of May"),
        *(
            "before the end of May",
            "What is the name of the cat?",
            "",
            "since",
            "since I started this diary",
            "since I began keeping a journal",
            "since I started logging",
            "between",
            "from Rome to Bonn",
        ),
    ],
)
def test_what_every_day_brings_or_refers_back_is_no_event(question: str):
    assert parse_events(question, AS_OF) == ()


def test_a_date_in_brackets_settles_the_event_and_another_says_where_to_look():
    settled = first_event("since the patches (4 August 2025)")
    assert settled.dated == TimeRange(date(2025, 8, 4), date(2025, 8, 4), "4 August 2025")
    hinted = first_event("after her January 2025 visit to Rome")
    assert hinted.event == "her visit to Rome"
    assert hinted.within == TimeRange(date(2025, 1, 1), date(2025, 1, 31), "January 2025")


def between(question: str) -> EventReference:
    found = first_event(question)
    assert found.relation is Relation.BETWEEN
    return found


def test_both_ends_of_a_range_may_be_events():
    found = between("walks between the flood (18 January 2025) and the day before the sale?")
    assert (found.event, found.dated and found.dated.start) == ("the flood", date(2025, 1, 18))
    assert isinstance(found.end, EventReference)
    assert (found.end.event, found.end.offset) == ("the sale", -1)


def test_one_end_of_a_range_may_be_a_date_whose_year_the_other_takes():
    found = between("the fund between the deposit in March and the end of May 2023")
    assert found.within == TimeRange(date(2023, 3, 1), date(2023, 3, 31), "in March")
    assert isinstance(found.end, TimeRange)
    assert found.end.end == date(2023, 5, 31)
    told = between("from the move to now").range(date(2025, 6, 10), AS_OF, AS_OF)
    assert told == TimeRange(date(2025, 6, 10), AS_OF, "from the move to now")


def test_since_one_event_until_another_is_one_time():
    found = between("since the move until the wedding")
    assert isinstance(found.end, EventReference)
    assert (found.event, found.end.event) == ("the move", "the wedding")


def test_a_comparison_names_two_events():
    asked = "More steps on the day of the long walk or the day of the race?"
    assert [found.event for found in parse_events(asked, AS_OF)] == ["the long walk", "the race"]


def test_a_range_that_would_end_before_it_starts_is_none():
    found = first_event("since the move")
    assert found.range(date(2026, 1, 1), AS_OF) is None
