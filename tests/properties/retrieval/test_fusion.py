"""The arithmetic of search on any scores."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from retrieval.fusion import (
    add_neighbours,
    add_parents,
    groups_by,
    highest_first,
    min_max,
    mix,
    prefer_late,
)
from retrieval.search import top_rows

SCORES = hnp.arrays(np.float32, st.integers(0, 40), elements=st.floats(-100, 100, width=32))


def some_groups(size: int, seed: int) -> np.ndarray:
    return groups_by(np.random.default_rng(seed).random(size) < 0.4)


@given(SCORES)
def test_min_max_lies_between_zero_and_one_and_keeps_the_order(scores: np.ndarray):
    stretched = min_max(scores)
    assert np.all((stretched >= 0) & (stretched <= 1))
    assert np.all(np.diff(stretched[np.argsort(scores, kind="stable")]) >= 0)


@given(SCORES, st.floats(0, 1, width=32))
def test_a_mix_never_leaves_what_its_weights_allow(scores: np.ndarray, weight: float):
    if scores.size:
        mixed = mix([(weight, scores), (1 - weight, scores[::-1].copy())])
        assert np.all((mixed >= 0) & (mixed <= 1 + 1e-5))


@given(SCORES, st.integers(0, 1000))
def test_smoothing_one_group_leaves_the_others_alone(scores: np.ndarray, seed: int):
    scores = np.abs(scores)
    groups = some_groups(len(scores), seed)
    for smooth in (
        lambda values: add_neighbours(values, groups, (0.2, 0.1)),
        lambda values: add_parents(values, groups, 0.3, best=3),
    ):
        smoothed = smooth(scores)
        assert np.all(smoothed >= scores - 1e-4)
        only = np.where(groups == 0, scores, 0).astype(np.float32)
        assert np.allclose(smooth(only)[groups == 0], smoothed[groups == 0], rtol=1e-4, atol=1e-4)
        assert np.all(smooth(only)[groups != 0] == 0)


@given(SCORES, st.integers(0, 1000), st.integers(1, 50))
def test_a_preference_adds_at_most_its_bonus(scores: np.ndarray, seed: int, among: int):
    times = np.random.default_rng(seed).integers(0, 10, len(scores))
    preferred = prefer_late(scores, times, 0.25, among=among)
    assert np.all(preferred - scores >= -1e-5)
    assert np.all(preferred - scores <= 0.25 + 1e-4)
    assert np.sum(preferred != scores) <= among


@given(SCORES, st.integers(0, 1000), st.integers(1, 10))
def test_the_rows_taken_are_the_best_of_at_most_so_many_entries(scores: np.ndarray, seed: int, limit: int):
    entries = some_groups(len(scores), seed)
    rows = top_rows(scores, entries, limit)
    assert len({int(entries[row]) for row in rows}) == min(limit, len(set(entries.tolist())))
    assert all(scores[first] >= scores[second] for first, second in pairwise(rows))
    best = {entry: max(scores[entries == entry]) for entry in set(entries.tolist())}
    wanted = sorted(best.values(), reverse=True)[:limit]
    assert np.allclose(
        sorted(
            (best[int(entries[row])] for row in {entries[row]: row for row in rows[::-1]}.values()),
            reverse=True,
        ),
        wanted,
    )


@given(SCORES, st.integers(1, 50))
def test_the_highest_first_are_the_head_of_a_full_stable_sort(scores: np.ndarray, count: int):
    assert highest_first(scores, count).tolist() == np.argsort(-scores, kind="stable")[:count].tolist()


@given(SCORES, st.integers(0, 1000), st.integers(1, 4))
def test_parents_add_the_mean_of_the_best_of_their_group(scores: np.ndarray, seed: int, best: int):
    groups = some_groups(len(scores), seed)
    expected = [
        score + 0.3 * np.mean(sorted(scores[groups == group].tolist(), reverse=True)[:best])
        for score, group in zip(scores, groups, strict=True)
    ]
    assert np.allclose(add_parents(scores, groups, 0.3, best=best), expected, rtol=1e-4, atol=1e-3)
