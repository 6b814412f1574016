"""The arithmetic of search: normalise, mix, smooth; pure functions over arrays with one score per passage.

Every score is made comparable before it is mixed: min-max to 0…1, then a convex mix. Reciprocal rank fusion,
the usual recipe, was worse than full text alone (R@10 .604 against .624 on LoCoMo; the mix .667).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
"""float32[n]: one score for each passage, in the order of the table."""

Groups = NDArray[np.int64]
"""int64[n]: numbers of the groups that passages belong to, never decreasing from 0."""


def min_max(scores: Scores, *, least: float = 0.0) -> Scores:
    """Scores stretched to 0…1 from their lowest; all zero when they do not differ.

    :param least: a difference between highest and lowest below this is not stretched to 1: it is noise.
    """
    if scores.size == 0:
        return scores
    low, high = float(scores.min()), float(scores.max())
    if not high > low:
        return np.zeros_like(scores)
    return ((scores - low) / max(high - low, least)).astype(np.float32)


def up_to_one(scores: Scores, *, floor: float) -> Scores:
    """Scores from 0 divided by their maximum, or by `floor` when all are lower: weak matches stay weak."""
    if scores.size == 0:
        return scores
    return (scores / np.float32(max(float(scores.max()), floor, 1e-9))).astype(np.float32)


def mix(parts: Sequence[tuple[float, Scores]], *, least: float = 0.0) -> Scores:
    """Weighted sum of min-max scores; the weights are what they are, and need not sum to 1."""
    total = np.zeros_like(parts[0][1])
    for weight, scores in parts:
        total += np.float32(weight) * min_max(scores, least=least)
    return total


def rarity(frequency: int, count: int) -> float:
    """Inverse document frequency as in BM25, always above 0: ln(1 + (n - f + 1/2) / (f + 1/2))."""
    return math.log1p((max(count - frequency, 0) + 0.5) / (frequency + 0.5))


def groups_by(gaps: NDArray[np.bool_]) -> Groups:
    """Group numbers from bool[n]: True where a passage begins a new group; the first always does."""
    starts = gaps.astype(np.int64)
    if starts.size:
        starts[0] = 0
    return np.cumsum(starts)


def add_neighbours(scores: Scores, groups: Groups, weights: Sequence[float]) -> Scores:
    """Each score plus weights[k-1] times the scores k places before and after it in its group."""
    smoothed = scores.copy()
    for distance, weight in enumerate(weights, start=1):
        if distance >= scores.size:
            break
        together = groups[distance:] == groups[:-distance]
        smoothed[distance:] += np.float32(weight) * np.where(together, scores[:-distance], 0)
        smoothed[:-distance] += np.float32(weight) * np.where(together, scores[distance:], 0)
    return smoothed


def add_parents(scores: Scores, groups: Groups, weight: float, *, best: int) -> Scores:
    """Each score plus `weight` times the mean of the `best` highest scores of its group."""
    if scores.size == 0:
        return scores
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    sizes = np.diff(first, append=scores.size)
    left, sums = scores.astype(np.float64), np.zeros(first.size)
    for place in range(best):
        highest = np.maximum.reduceat(left, first)
        counted = sizes > place
        sums[counted] += highest[counted]
        # Take away one of the highest of each group, the first where several are equal.
        at = np.flatnonzero(left == highest[groups])
        left[at[np.flatnonzero(np.diff(groups[at], prepend=-1))]] = -np.inf
    means = sums / np.minimum(sizes, best)
    raised: Scores = (scores + np.float32(weight) * means[groups]).astype(np.float32)
    return raised


def add_to_best(
    scores: Scores,
    best: NDArray[np.int64],
    found: Scores,
    groups: Groups,
    weight: float,
    neighbours: Sequence[float],
) -> Scores:
    """The scores with `weight` times what was found of the `best`, and of that a part to their neighbours.

    What exceeds the least of the best is given on: who stands beside a passage that says it gains a little.
    The others stay as they are, below all of the best when `found` is nowhere negative and they were before.

    :param best: int64[k], places; found: float32[k], for each of them.
    """
    if best.size == 0:
        return scores
    least = found.min()
    above = np.zeros_like(scores)
    above[best] = found - least
    raised = scores.copy()
    raised[best] += np.float32(weight) * (add_neighbours(above, groups, neighbours)[best] + least)
    return raised


def prefer_late(scores: Scores, times: NDArray[np.int64], bonus: float, *, among: int) -> Scores:
    """Up to `bonus` more for the latest of the `among` best scores, by their order in time.

    :param times: int64[n]; where all are equal nothing changes. Scores of -inf stay so and do not count.
    """
    if times.size == 0 or np.ptp(times) == 0:
        return scores
    best = highest_first(scores, among)
    best = best[np.isfinite(scores[best])]
    if best.size == 0 or np.ptp(times[best]) == 0:
        return scores
    order = np.unique(times[best], return_inverse=True)[1]
    preferred = scores.copy()
    preferred[best] += (bonus * order / order.max()).astype(np.float32)
    return preferred


def highest_first(scores: Scores, count: int) -> NDArray[np.int64]:
    """Places of the `count` highest scores, highest first, of equal ones the earlier first."""
    if count >= scores.size:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, scores.size - count)[scores.size - count]
    candidates = np.flatnonzero(scores >= least)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:count]
