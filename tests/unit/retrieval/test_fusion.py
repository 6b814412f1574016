"""The arithmetic of search, on numbers small enough to work out by hand."""

from __future__ import annotations

import numpy as np

from retrieval.fusion import (
    add_neighbours,
    add_parents,
    groups_by,
    min_max,
    mix,
    prefer_late,
    up_to_one,
)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_min_max_stretches_to_zero_and_one_and_is_zero_without_differences():
    assert min_max(f32(2, 4, 3)).tolist() == [0, 1, 0.5]
    assert min_max(f32(7, 7)).tolist() == [0, 0]


def test_differences_that_are_noise_are_not_stretched_to_one():
    assert np.allclose(min_max(f32(0.50, 0.53), least=0.3), [0, 0.1])


def test_a_mix_is_the_weighted_sum_of_stretched_scores():
    assert np.allclose(mix([(0.25, f32(0, 10)), (0.5, f32(3, 1))]), [0.5, 0.25])


def test_weak_matches_stay_weak():
    assert up_to_one(f32(0, 3), floor=12.0).tolist() == [0, 0.25]
    assert up_to_one(f32(0, 24), floor=12.0).tolist() == [0, 1]


def test_neighbours_give_only_within_their_group():
    groups = np.array([0, 0, 0, 1])
    assert np.allclose(add_neighbours(f32(1, 0, 0, 0), groups, (0.2, 0.1)), [1, 0.2, 0.1, 0])


def test_a_group_gives_the_mean_of_its_best():
    groups = np.array([0, 0, 0, 1])
    assert np.allclose(add_parents(f32(3, 1, 2, 4), groups, 0.1, best=2), [3.25, 1.25, 2.25, 4.4])


def test_groups_begin_where_a_gap_is():
    assert groups_by(np.array([True, False, True, True])).tolist() == [0, 0, 1, 2]


def test_the_latest_of_the_best_are_preferred():
    scores, times = f32(1.0, 0.9, 0.1), np.array([10, 20, 30])
    assert np.allclose(prefer_late(scores, times, 0.2, among=2), [1.0, 1.1, 0.1])
    assert np.allclose(prefer_late(scores, -times, 0.2, among=2), [1.2, 0.9, 0.1])
    assert np.array_equal(prefer_late(scores, times * 0, 0.2, among=2), scores)
