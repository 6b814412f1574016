"""Whether a later sentence shows that something was done."""

from datetime import date

import pytest

from diary.model.review import Shown
from retrieval.statements.gist import gist
from retrieval.statements.outcomes import shown_by
from tests.unit.retrieval.test_statements import stated

LATER = date(2024, 3, 9)


@pytest.mark.parametrize(
    ("promise", "later", "shown"),
    [
        ("I must ring the insurer.", "Rang the insurer, twenty minutes on hold.", "shown"),
        ("I must ring the insurer.", "I finally called the insurer.", "shown"),
        ("I must ring the insurer.", "Still have to ring the insurer.", "not mentioned"),
        ("I must ring the insurer.", "The insurer rang my brother.", "not mentioned"),
        ("I must ring the insurer.", "Did I ring the insurer?", "not mentioned"),
        ("I must ring the insurer.", "Forgot to ring the insurer again.", "contradicted"),
        ("I must ring the insurer.", "I rang Ada.", "not mentioned"),
        ("I will buy a wool coat.", "I didn't buy the wool coat after all.", "contradicted"),
        ("I'm going to book the boiler service.", "The boiler service is done.", "shown"),
        ("I will get the key safe fitted.", "Key safe went in on Saturday.", "shown"),
        ("I need to post the tax forms.", "Posted the tax forms this morning.", "shown"),
        ("No more coffee after noon.", "No coffee after noon today.", "shown"),
        ("No more coffee after noon.", "I had a coffee well after noon.", "not mentioned"),
        ("Never again bread before bed.", "I ate bread in bed.", "contradicted"),
        ("I'll stay.", "I stayed.", "not mentioned"),
    ],
)
def test_only_what_stands_there_shows_it(promise: str, later: str, shown: str) -> None:
    (statement,) = stated(promise)
    assert shown_by(statement, later, LATER) is Shown(shown)


def test_long_after_more_must_be_the_same() -> None:
    (statement,) = stated("I must ring the insurer about the roof.")
    half = "Rang the insurer."
    assert shown_by(statement, half, LATER) is Shown.SHOWN
    assert shown_by(statement, half, date(2024, 12, 1)) is Shown.NOT_MENTIONED
    assert shown_by(statement, "Rang the insurer about the roof.", date(2024, 12, 1)) is Shown.SHOWN


def test_vectors_that_are_far_apart_outweigh_shared_words() -> None:
    (statement,) = stated("I must ring the insurer.")
    assert shown_by(statement, "Rang the insurer.", LATER, 0.1) is Shown.NOT_MENTIONED


def test_what_a_sentence_is_about_leaves_out_when_and_wanting() -> None:
    assert gist("I'll ring the dentist on Thursday 7 March at 9") == gist("rang dentist")
    assert gist("We don't, I'm, it's, they've") == frozenset()
