"""Late interaction on any vectors: bounds, order, nothing at all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import add_to_best, groups_by
from retrieval.late_interaction import max_sims, together, token_weights, weighted_mean

COUNTS = st.lists(st.integers(0, 6), min_size=1, max_size=8)
SEEDS = st.integers(0, 1000)


def tokens(count: int, generator: np.random.Generator) -> np.ndarray:
    vectors = generator.normal(size=(count, 16))
    return np.rint(127 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.int8)


@given(COUNTS, SEEDS)
def test_max_sims_are_the_highest_cosines(counts: list[int], seed: int):
    generator = np.random.default_rng(seed)
    asked, *passages = (tokens(count, generator) for count in [3, *counts])
    found = max_sims(asked, passages)
    assert np.all(np.abs(found) <= 1.04)
    for row, passage in enumerate(passages):
        for place, one in enumerate(asked.astype(float)):
            cosines = [
                one @ other / np.linalg.norm(one) / np.linalg.norm(other) for other in passage.astype(float)
            ]
            assert np.isclose(found[row, place], max(cosines, default=0.0), atol=0.04)


@given(COUNTS, SEEDS)
def test_the_order_of_passages_and_of_their_tokens_changes_nothing(counts: list[int], seed: int):
    generator = np.random.default_rng(seed)
    asked, *passages = (tokens(count, generator) for count in [3, *counts])
    order = generator.permutation(len(passages))
    shuffled = [generator.permutation(passages[row]) for row in order]
    assert np.allclose(max_sims(asked, shuffled), max_sims(asked, passages)[order], atol=1e-6)


def test_nothing_compared_with_nothing_is_nothing():
    none = np.zeros((0, 16), np.int8)
    assert max_sims(none, [none]).shape == (1, 0)
    assert max_sims(none, []).shape == (0, 0)
    assert together(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)).shape == (0, 3)
    assert weighted_mean(np.ones((2, 3), np.float32), np.zeros(3, np.float32)).tolist() == [0, 0]


@given(COUNTS, SEEDS)
def test_together_is_the_highest_of_each_group(counts: list[int], seed: int):
    generator = np.random.default_rng(seed)
    sims = generator.random((len(counts), 4)).astype(np.float32)
    groups = np.array(counts, np.int64)
    expected = np.stack([sims[groups == group].max(axis=0) for group in groups])
    assert np.array_equal(together(sims, groups), expected)


@given(COUNTS, SEEDS)
def test_a_weighted_mean_lies_between_the_least_and_the_highest(counts: list[int], seed: int):
    generator = np.random.default_rng(seed)
    sims = generator.random((5, len(counts))).astype(np.float32)
    mean = weighted_mean(sims, np.array(counts, np.float32))
    if sum(counts):
        assert np.all(mean >= sims.min(axis=1) - 1e-5)
        assert np.all(mean <= sims.max(axis=1) + 1e-5)


@given(st.text(max_size=60), SEEDS)
def test_tokens_weigh_what_their_word_does(text: str, seed: int):
    generator = np.random.default_rng(seed)
    spans = np.sort(generator.integers(0, len(text) + 1, (5, 2)), axis=1).astype(np.int64)
    weights = token_weights(text, spans, {"the": 0.5})
    assert set(weights.tolist()) <= {0.0, 0.5}


def test_all_pieces_of_a_word_weigh_alike_and_marks_nothing():
    spans = np.array([[0, 3], [4, 9], [9, 12], [12, 13]])
    weights = token_weights(
        "The physiotape?", np.array([[0, 3], [4, 10], [10, 14], [14, 15]]), {"physiotape": 7.0}
    )
    assert weights.tolist() == [0, 7, 7, 0]
    assert token_weights("", spans, {}).tolist() == [0, 0, 0, 0]


@given(st.integers(1, 30), SEEDS, st.floats(0, 2))
def test_what_was_found_of_the_best_leaves_the_others_as_they_are(size: int, seed: int, weight: float):
    generator = np.random.default_rng(seed)
    scores = generator.random(size).astype(np.float32)
    groups = groups_by(generator.random(size) < 0.4)
    best = generator.choice(size, size=generator.integers(0, size + 1), replace=False)
    found = generator.random(len(best)).astype(np.float32)
    raised = add_to_best(scores, best, found, groups, weight, (0.2, 0.1))
    others = np.setdiff1d(np.arange(size), best)
    assert np.array_equal(raised[others], scores[others])
    assert np.all(raised[best] >= scores[best] + weight * found - 1e-5)
    alone = add_to_best(scores, best, found, groups, weight, ())
    assert np.allclose(alone[best], scores[best] + weight * found, atol=1e-5)
