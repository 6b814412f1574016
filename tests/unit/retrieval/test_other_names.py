"""Other names: who looks for one finds the other, and nothing changes for who has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from diary.model.answer import Answer, AnswerDone, Question
from diary.model.entry import EntryDraft
from diary.model.glossary import Term, TermId, TermKind
from ingest.observations.pending import read_pending
from retrieval.answering import Answerer
from retrieval.events import RangeResolver
from retrieval.judging import Judge
from retrieval.other_names import Named, as_named, counted_together, in_use, named_in
from retrieval.search import Searcher
from retrieval.weights import Weights
from tests.fakes.models import FakeEmbedder
from tests.unit.retrieval.made import diary_of, draft, index_pending

AS_OF = date(2024, 9, 1)
ENTRIES = (
    draft("Topiramate makes my fingers tingle at the keyboard.", "2024-03-05T09:00"),
    draft("Planted beans along the wall, then rain.", "2024-03-06T09:00"),
    draft("Grace came by with the letters and stayed for soup.", "2024-04-02T20:00"),
    draft("A long walk by the weir, a heron and two swans.", "2024-05-02T20:00"),
    draft("Topamax again at breakfast, tea tastes of metal.", "2024-06-11T08:00"),
)


def term(text: str, *also: str, kind: TermKind = TermKind.MEDICINE) -> Term:
    return Term(id=TermId(1), text=text, kind=kind, also=also)


TERMS = (term("Topiramate", "Topamax"), term("Dr Okafor", "Grace", "Gráce O.", kind=TermKind.PERSON))


class Asked:
    """A glossary that counts how often it is asked."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = terms
        self.times = 0

    def __call__(self) -> Sequence[Term]:
        self.times += 1
        return self.terms


def searcher_with(terms: Sequence[Term], asked: Asked | None = None) -> Searcher:
    stores, embedder = diary_of(*ENTRIES), FakeEmbedder()
    index_pending(stores.passages, embedder)
    return Searcher(stores.passages, embedder, terms=asked or Asked(terms))


def found(text: str, terms: Sequence[Term] = TERMS) -> list[int]:
    question = Question(text=text, as_of=AS_OF)
    return [hit.entry for hit in searcher_with(terms).find(question).hits]


def test_a_search_for_one_name_finds_the_other_first() -> None:
    assert set(found("topamax")[:2]) == set(found("Topiramate")[:2]) == {1, 5}
    assert found("Dr Okafor")[0] == 3
    assert found("dr okafor", terms=())[0] != 3


def test_the_other_name_counts_like_the_word_itself() -> None:
    stores, embedder = diary_of(*ENTRIES[:4]), FakeEmbedder()
    index_pending(stores.passages, embedder)
    by_words = Weights(own=0, window=0, late_interaction=0, episode_interaction=0, title=0, asking=0)
    searcher = Searcher(stores.passages, embedder, weights=by_words, terms=lambda: TERMS)

    def best(text: str) -> float:
        return searcher.passages(Question(text=text, as_of=AS_OF)).passages[0].score

    assert best("topamax swans") == pytest.approx(best("topiramate swans"))


@pytest.mark.parametrize("text", ["topamax", "Dr Okafor's letters", "heron or beans by the wall", "", "?!"])
@pytest.mark.parametrize("terms", [(), (term("Topiramate"), term("Sertraline", "Zoloft"), term("Dr Okafor"))])
def test_without_other_names_of_what_is_asked_nothing_changes(text: str, terms: Sequence[Term]) -> None:
    question = Question(text=text, as_of=AS_OF)
    stores, embedder = diary_of(*ENTRIES), FakeEmbedder()
    index_pending(stores.passages, embedder)
    plain = Searcher(stores.passages, embedder).passages(question)
    with_terms = Searcher(stores.passages, embedder, terms=lambda: terms).passages(question)
    assert with_terms.passages == plain.passages


def test_the_glossary_is_read_once_in_a_search() -> None:
    asked = Asked(TERMS)
    searcher_with(TERMS, asked).find(Question(text="topamax and Grace", as_of=AS_OF))
    assert asked.times == 1


def answered(text: str, terms: Sequence[Term], *entries: EntryDraft) -> Answer:
    stores, embedder = diary_of(*(entries or ENTRIES[:4])), FakeEmbedder()
    index_pending(stores.passages, embedder)
    searcher = Searcher(stores.passages, embedder, terms=lambda: terms)
    answerer = Answerer(searcher, stores.entries, embedder, None)
    last = list(answerer.answer(Question(text=text, as_of=AS_OF), summarise=False))[-1]
    assert isinstance(last, AnswerDone)
    return last.answer


def test_a_question_by_the_other_name_is_answered() -> None:
    question = "How do my fingers tingle at the keyboard with Topamax?"
    assert not answered(question, ()).answered
    found = answered(question, TERMS)
    assert found.answered
    assert found.quotes[0].text == ENTRIES[0].text


def test_a_note_is_judged_as_if_it_used_the_name_that_was_asked_for() -> None:
    stores, embedder = diary_of(*ENTRIES[:4]), FakeEmbedder()
    index_pending(stores.passages, embedder)
    searcher = Searcher(stores.passages, embedder, terms=lambda: TERMS)
    question = Question(text="Does Topamax make fingers tingle?", as_of=AS_OF)
    case = Judge(searcher, stores.entries, embedder).case(question, searcher.passages(question))
    [told] = [evidence for evidence in case.found if "tingle" in evidence.text]
    assert told.text.strip() == told.around == "topamax makes my fingers tingle at the keyboard."
    assert case.frequencies["topamax"] > 0


def test_an_amount_told_of_the_other_name_is_one_of_what_was_asked_about() -> None:
    dose = draft("The pharmacy gave me Topiramate, 50 mg for the night.", "2024-03-05T09:00")
    assert not answered("How much Topamax was it for the night?", (), dose, *ENTRIES[1:4]).answered
    assert answered("How much Topamax was it for the night?", TERMS, dose, *ENTRIES[1:4]).answered


def test_a_time_told_by_the_other_name_of_a_medicine_begins_with_its_first_dose() -> None:
    stores, embedder = diary_of(draft("med:: Topiramate 25 mg", "2024-04-08T20:00"), *ENTRIES), FakeEmbedder()
    index_pending(stores.passages, embedder)
    read_pending(stores.observations)
    question = Question(text="what hurt since I started Topamax", as_of=AS_OF)

    def began(terms: Sequence[Term]) -> list[date]:
        searcher = Searcher(stores.passages, embedder, terms=lambda: terms)
        return [
            event.day for event in RangeResolver.over(searcher, stores.observations).resolve(question).events
        ]

    assert began(TERMS) == [date(2024, 4, 8)]
    assert began(()) != [date(2024, 4, 8)]


def test_what_a_text_names_is_told_with_its_other_names() -> None:
    assert named_in("Is TOPAMAX why grace laughed?", TERMS) == (
        Named("topamax", ("topiramate",)),
        Named("grace", ("dr okafor", "grace o")),
    )
    assert named_in("topiramate and topamax", TERMS) == ()
    assert named_in("topamaxes, graceful", TERMS) == ()
    assert named_in("grace", [term("", "Grace"), term("Grace", "  ")]) == ()


def test_a_name_that_no_note_uses_is_looked_for_by_the_one_that_most_do() -> None:
    named = named_in("What did Dr. Okafor say of Topamax?", TERMS)
    counts = {"dr okafor": 0, "grace": 2, "grace o": 5, "topamax": 1, "topiramate": 9}
    assert in_use("What did Dr. Okafor say of Topamax?", named, counts) == "What did grace o say of Topamax?"
    assert in_use("Topamax?", named, {}) == "Topamax?"


def test_the_question_is_embedded_by_the_name_that_the_notes_use() -> None:
    stores, embedder = diary_of(*ENTRIES[:4]), FakeEmbedder()
    index_pending(stores.passages, embedder)
    searcher = Searcher(stores.passages, embedder, terms=lambda: TERMS)
    searcher.find(Question(text="Topamax at the weir", as_of=AS_OF))
    assert "topiramate at the weir" in embedder.embedded
    assert "Topamax at the weir" not in embedder.embedded


def test_a_name_is_as_frequent_as_its_most_frequent_other_name() -> None:
    counts = {"topamax": 0, "topiramate": 7, "tea": 3}
    assert counted_together(counts, named_in("topamax", TERMS)) == {**counts, "topamax": 7}
    assert counted_together(counts, ()) == counts


def test_a_text_is_compared_as_if_it_used_the_name_that_was_asked_for() -> None:
    named = named_in("what did grace say of topamax", TERMS)
    assert as_named("Dr. Okafor: “Topiramate!”", named) == "grace: “topamax!”"
