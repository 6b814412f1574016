"""The measures of the evaluation, worked out by hand."""

from __future__ import annotations

import math

from tests.eval.measures import hit, ndcg, percentile, recall


def test_recall_is_the_share_of_the_right_ones_that_were_found():
    assert recall(["a", "x", "b"], ["a", "b", "c"], 2) == 1 / 3
    assert recall(["a", "a", "b"], ["a", "b"], 3) == 1


def test_gain_is_discounted_by_place_and_normalised():
    expected = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3) + 1 / math.log2(4))
    assert math.isclose(ndcg(["a", "x", "b"], ["a", "b", "c"], 10), expected)
    assert ndcg([], ["a"], 10) == 0


def test_a_hit_is_any_right_one_within_the_depth():
    assert (hit(["x", "a"], ["a"], 2), hit(["x", "a"], ["a"], 1)) == (1, 0)


def test_a_percentile_is_the_nearest_rank():
    assert percentile([3, 1, 2], 0.5) == 2
