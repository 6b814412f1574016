"""A medicine noted by another of its names counts under its term."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from diary.looking_back import LookingBack
from diary.model.answer import Question
from diary.model.glossary import Term, TermDraft, TermId, TermKind
from diary.model.number import Number
from diary.model.time_range import TimeRange
from diary.parts import Engines
from ingest.observations.pending import read_pending
from retrieval.numbers.answering import Numbers
from retrieval.search import Searcher
from tests.fakes.models import FakeEmbedder
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.fakes.stores import TickingClock
from tests.unit.retrieval.made import diary_of, draft, index_pending

TOPIRAMATE = Term(id=TermId(1), text="Topiramate", kind=TermKind.MEDICINE, also=("Topamax",))
ENTRIES = (
    draft("med:: topiramate 25 mg", "2025-03-03T20:00"),
    draft("med:: Topamax 50 mg", "2025-04-03T20:00"),
    draft("med:: ibuprofen 400 mg", "2025-05-03T20:00"),
    draft("med:: topamax 100 mg, paracetamol 1 g", "2025-06-03T20:00"),
)


def numbers_with(*terms: Term) -> Numbers:
    stores = diary_of(*ENTRIES)
    read_pending(stores.observations)
    return Numbers(stores.observations, stores.entries, terms=lambda: terms)


def computed(text: str, *terms: Term) -> Sequence[Number]:
    numbers = numbers_with(*terms)
    question = Question(text=text, as_of=date(2025, 7, 1))
    asked = numbers.asked(question)
    return numbers.computed(asked, question) if asked else ()


@pytest.mark.parametrize("name", ["topiramate", "Topamax", "TOPAMAX"])
def test_either_name_asks_for_all_doses(name: str) -> None:
    [number] = computed(f"What was the highest dose of {name}?", TOPIRAMATE)
    assert (number.value, number.unit, number.n) == (100.0, "mg", 3)
    assert {row.name for row in number.rows} == {"topiramate"}


def test_without_the_term_they_are_two_medicines() -> None:
    [number] = computed("What was the lowest dose of Topamax?")
    assert (number.value, number.n) == (50.0, 2)
    person = Term(id=TermId(2), text="Topiramate", kind=TermKind.PERSON, also=("Topamax",))
    assert computed("What was the lowest dose of Topamax?", person) == (number,)


def test_what_was_noted_is_quoted_as_it_stands() -> None:
    numbers = numbers_with(TOPIRAMATE)
    question = Question(text="What was the highest dose of topiramate?", as_of=date(2025, 7, 1))
    asked = numbers.asked(question)
    assert asked is not None
    quotes = numbers.quotes(numbers.computed(asked, question), 9)
    assert {quote.text for quote in quotes} == {"med:: topamax 100 mg"}


def test_a_list_of_medicines_has_each_once() -> None:
    question = Question(text="Which medicines do I take?", as_of=date(2025, 7, 1), list_limit=9)
    _, quotes = numbers_with(TOPIRAMATE).listed(question)
    assert len(quotes) == 3
    _, quotes = numbers_with().listed(question)
    assert len(quotes) == 4


def test_a_review_counts_the_doses_under_the_term() -> None:
    stores, embedder = diary_of(*ENTRIES), FakeEmbedder()
    index_pending(stores.passages, embedder)
    read_pending(stores.observations)
    stores.glossary.add(TermDraft(text="Topiramate", kind=TermKind.MEDICINE, also=("Topamax",)))
    heard = FakeTranscriber()
    engines = Engines(
        embedder=embedder,
        language_model=None,
        transcriber=heard,
        rough_transcriber=heard,
        sound=FakeSoundDevices(),
    )
    back = LookingBack(stores, engines, Searcher(stores.passages, embedder), now=TickingClock())
    review = back.review(TimeRange(date(2025, 3, 1), date(2025, 6, 30)))
    assert [(one.metric, one.n) for one in review.numbers][:1] == [("med.topiramate", 3)]
