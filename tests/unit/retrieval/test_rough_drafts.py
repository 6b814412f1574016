"""Rough drafts of recordings: found and quoted, marked as rough; never counted, summed up, planned or
reviewed until somebody confirms them.
"""

from __future__ import annotations

from datetime import date

import pytest

from diary.cli.documents import answer_document, search_document
from diary.cli.output import Console
from diary.cli.wording import say_quotes
from diary.model.answer import Answer, AnswerDone, Question
from diary.model.entry import EntryId, Kind, Transcript
from diary.model.time_range import TimeRange
from ingest.observations.pending import read_pending
from retrieval.answering import Answerer
from retrieval.events import RangeResolver
from retrieval.listing import list_by_date
from retrieval.planning.planner import Planner
from retrieval.reviewing.reviewer import Reviewer
from tests.fakes.models import FakeEmbedder, FakeLanguageModel
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.made import diary_of, draft, searcher_of
from tests.unit.retrieval.test_answering import repeating

AS_OF = date(2025, 6, 30)
JUNE = TimeRange(date(2025, 6, 1), date(2025, 6, 30))
ROUGH = EntryId(2)


@pytest.fixture
def stores() -> FakeStores:
    """A typed note and a rough draft of a recording, which says much the same and more."""
    made = diary_of(
        draft("Planted beans with Nora in the garden. pain:: 4/10", "2025-06-02T09:00"),
        draft(
            "Planted peas with Nora in the garden. pain:: 8/10\nI will ring the clinic on 3 July about it.",
            "2025-06-10T09:00",
            kind=Kind.VOICE,
            transcript=Transcript.ROUGH,
        ),
    )
    read_pending(made.observations)
    return made


def confirmed(stores: FakeStores) -> FakeStores:
    """The person vouches for the draft."""
    stores.recordings.confirm(ROUGH)
    return stores


def answered(stores: FakeStores, text: str, model: FakeLanguageModel | None = None) -> Answer:
    """The whole answer to a question."""
    embedder = FakeEmbedder()
    searcher = searcher_of(stores, embedder)
    answerer = Answerer(searcher, stores.entries, embedder, model, observations=stores.observations)
    last = list(answerer.answer(Question(text=text, as_of=AS_OF), summarise=model is not None))[-1]
    assert isinstance(last, AnswerDone)
    return last.answer


def test_a_rough_draft_is_found_and_listed_and_says_that_it_is_one(stores: FakeStores) -> None:
    looked = Question(text="planted with Nora", as_of=AS_OF)
    for result in (
        searcher_of(stores).find(looked),
        list_by_date(Question(text="", as_of=AS_OF), stores.entries),
    ):
        assert {hit.entry: hit.rough for hit in result.hits} == {1: False, ROUGH: True}
    assert {hit.rough for hit in searcher_of(confirmed(stores)).find(looked).hits} == {False}


def test_the_documents_and_words_of_find_and_ask_say_what_is_rough(
    stores: FakeStores, capsys: pytest.CaptureFixture[str]
) -> None:
    found = searcher_of(stores).find(Question(text="planted with Nora", as_of=AS_OF))
    assert {hit["entry"]: hit["rough"] for hit in search_document(found)["hits"]} == {1: False, 2: True}
    answer = answered(stores, "What did I plant with Nora in the garden?")
    quotes = answer_document(answer)["quotes"]
    assert {quote["entry"]: quote["rough"] for quote in quotes} == {1: False, 2: True}
    say_quotes(Console(json=False), answer.quotes)
    lines = [line for line in capsys.readouterr().out.splitlines() if "· entry" in line]
    assert {line.endswith("· rough draft") for line in lines if "entry 2" in line} == {True}
    assert {line.endswith("· rough draft") for line in lines if "entry 1" in line} == {False}


def test_a_rough_draft_is_quoted_as_one_and_no_sentence_is_written_about_it(stores: FakeStores) -> None:
    question = "What did I plant with Nora in the garden?"
    found = answered(stores, question, FakeLanguageModel(repeating))
    assert {quote.entry: quote.rough for quote in found.quotes} == {1: False, ROUGH: True}
    assert found.summary is not None
    cited = {name for sentence in found.summary.sentences for name in sentence.quotes}
    assert {quote.entry for quote in found.quotes if quote.id in cited} == {1}
    found = answered(confirmed(stores), question, FakeLanguageModel(repeating))
    assert {quote.rough for quote in found.quotes} == {False}
    assert found.summary is not None
    assert len(found.summary.sentences) == 2


def test_numbers_pass_over_a_rough_draft_and_its_day_is_one_without_a_note(stores: FakeStores) -> None:
    [number] = answered(stores, "average pain in June 2025").numbers
    assert (number.value, number.n, number.missing_days) == (4.0, 1, 29)
    [number] = answered(confirmed(stores), "average pain in June 2025").numbers
    assert (number.value, number.n, number.missing_days) == (6.0, 2, 28)


def test_a_rough_draft_dates_no_event() -> None:
    move = "Moved house today, forty boxes and one cat."
    question = Question(text="how was my pulse since we moved house?", as_of=AS_OF)

    def dated(transcript: Transcript) -> list[EntryId | None]:
        other = draft("Rain all day, read a novel.", "2025-05-20T19:00")
        moved = draft(move, "2025-05-09T21:00", kind=Kind.VOICE, transcript=transcript)
        found = RangeResolver.over(searcher_of(diary_of(other, moved))).resolve(question)
        return [event.entry for event in found.events]

    assert dated(Transcript.ROUGH) == []
    assert dated(Transcript.TRANSCRIBED) == [2]


def test_a_rough_draft_plans_nothing(stores: FakeStores) -> None:
    def planned() -> list[str]:
        searcher = searcher_of(stores)
        plan = Planner(searcher, stores.passages, stores.entries, FakeEmbedder()).plan("", AS_OF)
        return [item.text for item in plan.items]

    assert planned() == []
    confirmed(stores)
    assert any("clinic" in text for text in planned())


def test_a_review_counts_a_rough_draft_as_an_entry_and_tells_nothing_of_it(stores: FakeStores) -> None:
    def told() -> tuple[int, set[EntryId], list[int]]:
        searcher_of(stores)
        reviewer = Reviewer(stores.passages, stores.entries, stores.observations, FakeEmbedder())
        review = reviewer.review(JUNE, AS_OF)
        quotes = [*review.happened, *(one.said for one in review.intentions)]
        quotes += [quote for theme in review.themes for quote in theme.quotes]
        return review.entries, {quote.entry for quote in quotes}, [number.n for number in review.numbers]

    assert told() == (2, {1}, [1])
    confirmed(stores)
    entries, quoted, counted = told()
    assert (entries, quoted, counted) == (2, {1, ROUGH}, [2])
