"""Which day the passages of a diary tell an event to have happened on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from retrieval.tellings import Telling, choose_day, event_words, kin_of

LEVEL = 0.45
"""A cosine that says neither much nor little."""


def day(text: str) -> date:
    return date.fromisoformat(text)


def tellings(*rows: tuple[str, str]) -> list[Telling]:
    return [
        Telling(text=text, title="", day=day(told), entry=place, nearness=LEVEL, rank=0.8)
        for place, (told, text) in enumerate(rows)
    ]


def chosen(event: str, rows: Sequence[Telling], *, earliest: bool = False) -> str | None:
    choice = choose_day(rows, dict.fromkeys(event_words(event), 3.0), earliest=earliest)
    return str(choice.day) if choice else None


def test_an_entry_that_tells_it_as_of_its_own_day_wins_over_those_that_look_ahead_or_back():
    rows = tellings(
        ("2025-03-01", "The wedding is booked, I must find a hat."),
        ("2025-04-12", "The wedding today. Ruth cried, I danced."),
        ("2025-05-20", "Still tired, five weeks since the wedding."),
    )
    assert chosen("the wedding", rows) == "2025-04-12"


@pytest.mark.parametrize(
    ("told", "text", "expected"),
    [
        ("2025-04-13", "The wedding was yesterday and my feet hurt.", "2025-04-12"),
        ("2025-03-01", "The wedding will be on Saturday 12 April.", "2025-04-12"),
        ("2025-03-01", "The wedding will be on 12 April.", "2025-04-12"),
        ("2025-05-01", "The wedding was on 12 April.", "2025-04-12"),
        ("2025-04-15", "Three days after the wedding and I still find confetti.", "2025-04-12"),
        ("2026-01-12", "Nine months to the day since the wedding.", "2025-04-12"),
        ("2025-04-16", "The wedding was on Saturday.", "2025-04-12"),
        ("2025-04-10", "The wedding is on Saturday, the dress will be ready.", "2025-04-12"),
    ],
)
def test_a_day_that_is_named_or_counted_is_taken_for_the_entry_s_own(told: str, text: str, expected: str):
    assert chosen("the wedding", tellings((told, text))) == expected


def test_weekday_and_date_together_tell_the_year():
    """12 April is a Saturday in 2025, and was a Friday the year before."""
    row = tellings(("2025-03-01", "There was a cancellation: Saturday 12 April. The wedding at last."))
    assert chosen("the wedding", row) == "2025-04-12"


def test_a_day_told_twice_is_surer_than_one_told_once():
    weights = {"wedding": 3.0}
    once = choose_day(tellings(("2025-03-01", "The wedding will be on 12 April.")), weights, earliest=False)
    rows = tellings(
        ("2025-03-01", "The wedding will be on 12 April."), ("2025-04-13", "Danced at the wedding yesterday.")
    )
    twice = choose_day(rows, weights, earliest=False)
    assert once is not None
    assert twice is not None
    assert once.day == twice.day
    assert twice.confidence > once.confidence


def test_two_days_that_are_told_alike_are_not_sure():
    rows = tellings(("2025-03-01", "A storm, the roof leaked."), ("2025-06-01", "A storm, the roof leaked."))
    choice = choose_day(rows, {"storm": 3.0}, earliest=False)
    assert choice is not None
    assert choice.confidence < 0.1


def test_what_began_began_with_its_first_telling():
    rows = tellings(
        ("2025-03-01", "Choir practice, we sang Fauré."),
        ("2025-03-08", "Choir practice again, in the choir room, the choir is loud."),
    )
    assert chosen("I joined the choir", rows, earliest=True) == "2025-03-01"


def test_an_event_told_in_other_words_of_its_kind_is_known():
    assert {"surgeon", "op"} <= set(kin_of(["operation"]))
    rows = tellings(
        ("2025-04-12", "The surgeon came, it is done, my hand is numb."),
        ("2025-05-12", "Bought a lamp in town."),
    )
    assert chosen("the operation", rows) == "2025-04-12"


def test_passages_about_something_else_tell_no_day():
    row = [Telling("Bought a lamp.", "", day("2025-05-12"), 1, nearness=0.1, rank=0.1)]
    assert choose_day(row, {"wedding": 3.0}, earliest=False) is None
    assert choose_day([], {"wedding": 3.0}, earliest=False) is None
