"""Searching a small diary."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from diary.errors import EngineFailed
from diary.model.answer import Question
from diary.model.entry import EntryId
from diary.model.passage import PassageId
from diary.model.time_range import TimeRange
from retrieval.search import direction
from retrieval.stop_words import content_words
from tests.fakes.models import FakeEmbedder
from tests.unit.retrieval.made import diary_of, draft, index_pending, searcher_of

ENTRIES = (
    draft("Planted tomatoes with Nora in the greenhouse.", "2024-03-05T09:00", tags=("garden",)),
    draft("A migraine, sumatriptan in the afternoon.", "2024-04-02T20:00", tags=("health",)),
    draft("Nora rang about the tomatoes, they are ripe.", "2024-07-20T18:00", tags=("garden",)),
    draft("A migraine, sumatriptan in the morning.", "2024-08-11T13:00", tags=("health",)),
)


def ask(text: str, **more: object) -> Question:
    return Question(text=text, as_of=date(2024, 9, 1), **more)  # type: ignore[arg-type]


def found(text: str, **more: object) -> list[int]:
    return [hit.entry for hit in searcher_of(diary_of(*ENTRIES)).find(ask(text, **more)).hits]


def test_the_entry_that_says_it_comes_first():
    assert found("Who planted tomatoes?")[0] == 1


def test_each_entry_is_found_once_by_its_best_passage():
    long = " ".join(
        f"Sentence number {count} has a few more words than are needed here." for count in range(30)
    )
    searcher = searcher_of(diary_of(draft(f"{long} The heron stood by the weir.")))
    hits = searcher.find(ask("heron weir")).hits
    assert len(hits) == 1
    assert "heron" in hits[0].text


def test_a_hit_is_a_verbatim_span():
    stores = diary_of(*ENTRIES)
    for hit in searcher_of(stores).find(ask("tomatoes")).hits:
        assert stores.entries.get(hit.entry).text[hit.start : hit.end] == hit.text


def test_no_more_hits_than_were_asked_for():
    assert len(found("migraine tomatoes", limit=2)) == 2
    assert found("migraine", limit=0) == []


def test_a_range_that_was_given_filters():
    assert found("migraine", range=TimeRange(date(2024, 8, 1), None)) == [4]
    assert found("migraine", range=TimeRange(date(2020, 1, 1), date(2020, 2, 1))) == []


def test_a_range_in_the_words_prefers_and_is_told():
    result = searcher_of(diary_of(*ENTRIES)).find(ask("Did I have a migraine in April?"))
    assert result.hits[0].entry == 2
    assert result.range == TimeRange(date(2024, 4, 1), date(2024, 4, 30), "in April")
    assert len(result.hits) == 4


class Level(FakeEmbedder):
    """Holds all texts to be equally near."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(texts), self.dimensions), self.dimensions**-0.5, np.float32)


def test_of_two_alike_the_one_in_the_time_asked_for_comes_first():
    same = "Saw the heron by the weir."
    stores = diary_of(*(draft(same, f"2024-{month:02d}-10T09:00") for month in range(1, 9)))
    for month in range(1, 9):
        asked = Question(text="the heron last month", as_of=date(2024, month + 1, 20))
        assert searcher_of(stores, Level()).find(asked).hits[0].entry == month


def test_a_range_that_was_given_overrides_the_words():
    result = searcher_of(diary_of(*ENTRIES)).find(
        ask("migraine in April", range=TimeRange(date(2024, 8, 1), None))
    )
    assert [hit.entry for hit in result.hits] == [4]


def test_a_tag_filters():
    assert sorted(found("Nora migraine", tag="garden")) == [1, 3]
    assert found("Nora", tag="nothing") == []


def test_when_last_prefers_the_latest_and_first_the_earliest():
    assert found("When did I last take sumatriptan?")[0] == 4
    assert found("When did I first take sumatriptan?")[0] == 2
    assert direction("Who came first?") == 0


def test_what_is_indexed_later_is_found_at_once():
    stores, embedder = diary_of(*ENTRIES), FakeEmbedder()
    searcher = searcher_of(stores, embedder)
    searcher.find(ask("badger"))
    new = stores.entries.add(draft("A badger crossed the lawn.", "2024-08-30T22:00"))
    index_pending(stores.passages, embedder)
    assert searcher.find(ask("badger")).hits[0].entry == new.id


def test_a_deleted_entry_is_not_found_by_a_searcher_that_knew_it():
    stores = diary_of(*ENTRIES)
    searcher = searcher_of(stores)
    searcher.find(ask("migraine"))
    stores.entries.delete(EntryId(4))
    assert 4 not in [hit.entry for hit in searcher.find(ask("migraine")).hits]


class Watching(FakeEmbedder):
    """Knows by which threads it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[threading.Thread] = set()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.threads.add(threading.current_thread())
        return super().embed(texts)


def test_no_thread_that_a_search_started_can_keep_the_program_from_ending():
    embedder = Watching()
    stores = diary_of(*ENTRIES)
    searcher = searcher_of(stores, embedder)
    embedder.threads.clear()
    searcher.find(ask("migraine"))
    others = embedder.threads - {threading.current_thread()}
    assert others
    assert all(thread.daemon for thread in others)


def test_what_fails_beside_a_search_fails_the_search():
    embedder = FakeEmbedder()
    searcher = searcher_of(diary_of(*ENTRIES), embedder)
    embedder.failure = EngineFailed("It failed.")
    with pytest.raises(EngineFailed):
        searcher.find(ask("migraine"))


def test_an_empty_diary_finds_nothing():
    assert searcher_of(diary_of()).find(ask("anything")).hits == ()


@pytest.mark.parametrize(
    "text", ['"', "tomatoes AND (", "NEAR(a b)", "body: x*", "-", "?!", "' OR 1=1 --", "^a + b", "nora\x00"]
)
def test_no_question_is_read_as_an_operator(text: str):
    found(text)


def looked_up(text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The expressions that the full text is asked for when this is searched for."""
    stores, seen = diary_of(*ENTRIES), []
    searcher = searcher_of(stores)
    matches = stores.passages.matches

    def watched(expression: str, *, limit: int, among: str | None = None) -> list[tuple[PassageId, float]]:
        seen.extend(one for one in (expression, among) if one is not None)
        return matches(expression, limit=limit, among=among)

    monkeypatch.setattr(stores.passages, "matches", watched)
    searcher.find(ask(text))
    return seen


def test_an_expression_holds_only_quoted_words(monkeypatch: pytest.MonkeyPatch):
    whole = looked_up('What about "Nora" OR NEAR(tomatoes*)?', monkeypatch)
    assert whole == ['"nora" OR "near" OR "tomatoes"']
    assert looked_up("?!", monkeypatch) == []
    monkeypatch.setattr("retrieval.full_text.MOST_RANKED", 0)
    assert looked_up('NOT migraine" OR Nora*', monkeypatch)[1] == '"migraine" AND ("nora")'


def test_function_words_of_the_question_s_language_are_dropped():
    assert content_words("What did the man die of?") == ["man", "die"]
    assert content_words("Wann war ich mit Nora in der Stadt?") == ["nora", "stadt"]
    assert content_words("what is it") == ["what", "is", "it"]
