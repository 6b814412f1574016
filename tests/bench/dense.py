"""The dense scan beside numpy's product of float32, and beside what one core reads from memory at all.

The memory's speed is the best of several sums over 1 GB of doubles, by numpy on one thread, in the same run:
a plain read that has nothing to do but add. The scan reads one byte a component, of both vectors.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import numpy as np

from retrieval.dense import scan
from retrieval.indexing import as_int8
from tests.bench.table import Figure, heading, show, times_ms

SIZES = (60_000, 200_000)
WIDTH = 384
ROUNDS = 25
GOAL = 0.6
BLOCK = 4096


def measure() -> None:
    """Print the scan at each size."""
    heading("Dense scan, both vectors of every passage, one thread", plain="numpy float32")
    show(_figures())


def _figures() -> Iterator[Figure]:
    speed = memory_speed()
    yield Figure(what="memory, read by one core", ours=f"{speed:.1f} GB/s")
    for size in SIZES:
        yield from _at(size, speed)


def _at(size: int, speed: float) -> Iterator[Figure]:
    dice = np.random.default_rng(size)
    query = _unit(dice.normal(size=(1, WIDTH)))[0]
    floats = [_unit(dice.normal(size=(size, WIDTH))) for _ in range(2)]
    whole = np.stack([as_int8(vectors) for vectors in floats], axis=1)
    blocks = [whole[first : first + BLOCK].copy() for first in range(0, size, BLOCK)]
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours += times_ms(lambda: scan(blocks, query), 1)
        plain += times_ms(lambda: [vectors @ query for vectors in floats], 1)
    middle, other = statistics.median(ours), statistics.median(plain)
    yield Figure(
        what=f"{size:,} passages, as search does it",
        ours=f"{middle:.2f} ms",
        plain=f"{other:.2f} ms",
        ratio=other / middle,
    )
    best, reached = min(ours), whole.nbytes / middle / 1e6
    yield Figure(
        what=f"{size:,} passages, share of the memory's speed",
        ours=f"{reached / speed:.0%}",
        plain=f"best run {whole.nbytes / best / 1e6 / speed:.0%}",
        goal=f"{GOAL:.0%}",
        met=reached / speed >= GOAL,
    )
    (own, _), exact = scan(blocks, query), floats[0] @ query
    yield Figure(what=f"{size:,} passages, of the ten nearest the same", ours=f"{_shared(own, exact):.0%}")


def memory_speed() -> float:
    """Gigabytes a second that one core reads: the best of several sums over more than the caches hold."""
    much = np.ones(128 * 1024 * 1024)
    return much.nbytes / min(times_ms(much.sum, 7)) / 1e6


def _shared(found: np.ndarray, exact: np.ndarray, count: int = 10) -> float:
    return len(set(np.argsort(-found)[:count]) & set(np.argsort(-exact)[:count])) / count


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)
