"""Reading what tells whether the notes answer: the nearest word to one that no note contains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from diary.errors import EngineFailed
from diary.model.answer import Question
from diary.model.embedded_text import EmbeddedText
from retrieval.judging import Judge, nearest_words
from retrieval.sufficiency import Verdict
from tests.fakes.models import FakeEmbedder
from tests.unit.retrieval.made import diary_of, draft, searcher_of


def tokens(*vectors: tuple[float, float], spans: list[tuple[int, int]]) -> EmbeddedText:
    return EmbeddedText(
        np.rint(127 * np.array(vectors)).astype(np.int8).reshape(len(vectors), 2),
        np.array(spans, np.int64).reshape(len(spans), 2),
    )


def test_the_similarity_of_a_word_is_that_of_its_nearest_word_in_the_text():
    asked = tokens((1.0, 0.0), (0.0, 1.0), spans=[(0, 3), (4, 7)])
    text = tokens((0.6, 0.8), (0.8, 0.6), spans=[(0, 2), (3, 5)])
    nearest = nearest_words("cat dog", ["cat", "dog"], asked, text)
    assert nearest == {"cat": pytest.approx(0.8, abs=0.01), "dog": pytest.approx(0.8, abs=0.01)}


def test_a_word_in_pieces_is_as_near_as_its_pieces_on_average():
    asked = tokens((1.0, 0.0), (0.0, 1.0), spans=[(0, 4), (4, 7)])
    text = tokens((1.0, 0.0), spans=[(0, 4)])
    assert nearest_words("harpist", ["harpist"], asked, text)["harpist"] == pytest.approx(0.5, abs=0.01)


def test_a_word_inside_another_is_not_taken_for_it():
    asked = tokens((1.0, 0.0), (0.0, 1.0), spans=[(0, 4), (5, 8)])
    text = tokens((0.0, 1.0), spans=[(0, 3)])
    assert nearest_words("diet die", ["die"], asked, text) == {"die": pytest.approx(1.0, abs=0.01)}


def test_a_word_that_was_not_read_is_left_out():
    assert nearest_words("cat dog", ["dog"], tokens((1.0, 0.0), spans=[(0, 3)]), tokens(spans=[])) == {}
    near = nearest_words(
        "cat dog", ["dog"], tokens((1.0, 0.0), spans=[(0, 3)]), tokens((1.0, 0.0), spans=[(0, 3)])
    )
    assert near == {}


def test_a_shared_word_is_as_near_as_can_be_for_any_embedder():
    asked, text = FakeEmbedder().embed_tokens(["planted tomatoes", "ripe tomatoes"])
    assert nearest_words("planted tomatoes", ["tomatoes"], asked, text)["tomatoes"] > 0.99


class FailingEmbedder(FakeEmbedder):
    """Reads texts, but not their tokens."""

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        raise EngineFailed("The embedder stopped.")


def test_an_engine_that_fails_in_this_decides_nothing():
    stores = diary_of(draft("Planted tomatoes with Nora in the greenhouse."))
    embedder = FailingEmbedder()
    searcher = searcher_of(stores, embedder)
    question = Question(text="Did I plant tomatoes and dahlias?", as_of=date(2024, 9, 1))
    judge = Judge(searcher, stores.entries, embedder)
    assert judge.verdict(question, searcher.passages(question)) is Verdict.ENOUGH


def test_an_entry_that_is_gone_is_no_evidence():
    stores = diary_of(draft("Planted tomatoes with Nora in the greenhouse."))
    embedder = FakeEmbedder()
    searcher = searcher_of(stores, embedder)
    question = Question(text="Did I plant tomatoes?", as_of=date(2024, 9, 1))
    ranking = searcher.passages(question)
    stores.entries.delete(ranking.passages[0].passage.entry)
    assert Judge(searcher, stores.entries, embedder).verdict(question, ranking) is Verdict.NOTHING
