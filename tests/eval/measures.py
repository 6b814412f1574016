"""The measures of retrieval, as the field defines them: lists of ids, best first, against right ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


def recall(found: Sequence[str], right: Collection[str], depth: int) -> float:
    """Share of the right ids among the first `depth`."""
    return len(set(found[:depth]) & set(right)) / len(set(right))


def hit(found: Sequence[str], right: Collection[str], depth: int) -> float:
    """1 when any right id is among the first `depth`."""
    return float(bool(set(found[:depth]) & set(right)))


def ndcg(found: Sequence[str], right: Collection[str], depth: int) -> float:
    """Normalised discounted cumulative gain with right = 1 (Järvelin and Kekäläinen 2002, log base 2)."""
    wanted = set(right)
    gains = [1 / math.log2(place + 2) for place, id_ in enumerate(found[:depth]) if id_ in wanted]
    best = sum(1 / math.log2(place + 2) for place in range(min(len(wanted), depth)))
    return sum(gains) / best


def mean(values: Collection[float]) -> float:
    """Arithmetic mean; not a number without values."""
    return sum(values) / len(values) if values else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan
