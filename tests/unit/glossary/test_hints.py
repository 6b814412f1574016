"""What is worth listening for."""

from __future__ import annotations

from itertools import permutations

from diary.model.glossary import TermKind
from ingest.glossary.hints import hotwords
from tests.unit.glossary.made import term

TERMS = (
    term("Loch Ness", TermKind.PLACE),
    term("Wren", TermKind.PERSON),
    term("Topiramate", also=("Topamax",)),
    term("sertraline"),
    term("parkrun", TermKind.OTHER),
)


def test_medicines_come_first_then_people_places_and_the_rest_then_other_names() -> None:
    assert hotwords(TERMS) == ("sertraline", "Topiramate", "Wren", "Loch Ness", "parkrun", "Topamax")


def test_the_order_of_the_terms_does_not_matter() -> None:
    assert {hotwords(order) for order in permutations(TERMS)} == {hotwords(TERMS)}


def test_there_are_at_most_so_many_and_each_once() -> None:
    many = [term(f"Medicine {number:03}") for number in range(100)]
    assert len(hotwords(many)) == 40
    assert hotwords(TERMS, most=2) == ("sertraline", "Topiramate")
    assert hotwords([*TERMS, term("SERTRALINE", TermKind.OTHER)], most=2) == ("sertraline", "Topiramate")
    assert hotwords(TERMS, most=0) == ()
