"""Reading the best passages again: titles, questions, words, and an engine that fails in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from diary.errors import EngineFailed
from diary.model.answer import Question
from diary.model.embedded_text import EmbeddedText
from diary.model.entry import EntryId
from diary.model.passage import Passage, PassageId
from retrieval.reranking import MOST_CHARACTERS, TokenCache, asks, compared, read_whole, title_named
from retrieval.search import Ranking, Searcher
from retrieval.weights import Weights
from tests.fakes.models import FakeEmbedder
from tests.unit.retrieval.made import diary_of, draft, searcher_of

SAME = "We talked about the boat for an hour."


def passage(text: str, title: str | None = None) -> Passage:
    return Passage(
        id=PassageId(1),
        entry=EntryId(1),
        ordinal=0,
        start=0,
        end=len(text),
        text=text,
        day=date(2024, 3, 5),
        title=title,
        source_id=None,
    )


def ranked(searcher: Searcher, text: str) -> Ranking:
    return searcher.passages(Question(text=text, as_of=date(2024, 9, 1)))


class FailsAtTokens(FakeEmbedder):
    """An engine that dies whenever tokens are asked of it."""

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        raise EngineFailed("The embedding model stopped.")


def test_an_entry_whose_title_the_question_names_comes_before_one_that_says_the_same():
    stores = diary_of(
        draft(SAME, "2024-03-05T09:00", title="Nora"),
        draft(SAME, "2024-05-05T09:00", title="Imre"),
        draft(SAME, "2024-07-05T09:00"),
    )
    for name, entry in (("Nora", 1), ("Imre", 2)):
        assert ranked(searcher_of(stores), f"the boat {name} talked about").passages[0].passage.entry == entry


def test_a_title_counts_by_the_share_of_its_words_that_are_named():
    asked = frozenset(["easter", "ilkley", "rain"])
    assert title_named(asked, "Easter in Ilkley") == 1
    assert title_named(asked, "Easter at the harbour") == 0.5
    assert title_named(asked, "And then") == title_named(asked, None) == title_named(asked, "") == 0


def test_of_two_alike_the_one_that_tells_comes_before_the_one_that_asks():
    stores = diary_of(
        draft("The old mill is open?", "2024-03-05T09:00"), draft("The old mill is open.", "2024-03-05T18:00")
    )
    assert ranked(searcher_of(stores), "the old mill open").passages[0].passage.entry == 2
    assert [asks(text) for text in ("Is it?", "“Is it?” ", "Is it? No.", "")] == [True, True, False, False]


def test_when_the_engine_fails_at_tokens_the_search_goes_on_in_the_order_before():
    stores = diary_of(draft("The heron again.", "2024-03-05T09:00"), draft("Rain.", "2024-05-05T09:00"))
    embedder = FakeEmbedder()
    whole, without = searcher_of(stores, embedder), Searcher(stores.passages, FailsAtTokens())
    found = ranked(without, "the heron")
    assert ranked(whole, "the heron").reread
    assert not found.reread
    assert [one.passage.entry for one in found.passages] == [1, 2]
    left_out = Searcher(
        stores.passages, embedder, weights=replace(Weights(), late_interaction=0, episode_interaction=0)
    )
    assert [one.score for one in ranked(left_out, "the heron").passages] == [
        one.score for one in found.passages
    ]


def test_a_passage_that_says_it_with_all_the_words_is_nearest():
    cache = TokenCache(FakeEmbedder())
    texts = ["the heron stood by the weir", "the heron", "nothing of it"]
    found = compared("heron weir", texts, np.arange(3), {"heron": 1.0, "weir": 3.0}, cache)
    assert found is not None
    assert found.alone.argsort().tolist() == [2, 1, 0]
    assert found.alone[0] == pytest.approx(1, abs=0.05)
    together = compared("heron weir", texts, np.array([0, 0, 1]), {"heron": 1.0, "weir": 3.0}, cache)
    assert together is not None
    assert together.episode.tolist() == pytest.approx([found.alone[0], found.alone[0], found.alone[2]])


def test_only_as_much_is_read_as_is_worth_its_time_and_at_least_one():
    long = passage("x" * MOST_CHARACTERS)
    assert len(read_whole([long, long])) == 1
    assert len(read_whole([passage("short")] * 200)) == 50
    assert read_whole([passage("Rain.", "Weir"), passage("Sun.")]) == ["Weir: Rain.", "Sun."]
    assert read_whole([]) == []


def test_what_was_read_is_kept_within_its_bound_and_the_oldest_goes_first():
    embedder = FakeEmbedder(dimensions=64)
    cache = TokenCache(embedder, most=3 * 64)
    cache.tokens("?", ["one", "two", "three"])
    embedder.embedded.clear()
    cache.tokens("?", ["two", "three", "four"])
    assert "four" in embedder.embedded
    assert not {"two", "three"} & set(embedder.embedded)
    embedder.embedded.clear()
    _, found = cache.tokens("?", ["one", "four", "one"])
    assert "one" in embedder.embedded
    assert "four" not in embedder.embedded
    assert [len(tokens.spans) for tokens in found] == [1, 1, 1]
