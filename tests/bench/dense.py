"""The dense scan beside numpy's product of float32, and beside what one core reads from memory at all.

The memory's speed is that of a sum over 512 MB of doubles, by numpy on one thread, in the same round: a plain
read that has nothing to do but add. In the same round, because on a shared machine it moves by a third within
a minute. The scan reads one byte a component, of both vectors.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import numpy as np

from diary.vault.passage_arrays import BLOCK
from retrieval.dense import scan
from retrieval.indexing import as_int8
from tests.bench.table import Figure, heading, show, times_ms

SIZES = (60_000, 200_000)
WIDTH = 384
ROUNDS = 51
GOAL = 0.6


def measure() -> None:
    """Print the scan at each size."""
    heading("Dense scan, both vectors of every passage, one thread", plain="numpy float32")
    show(_figures())


def _figures() -> Iterator[Figure]:
    much = np.ones(64 * 1024 * 1024)
    for size in SIZES:
        yield from _at(size, much)


def _at(size: int, much: np.ndarray) -> Iterator[Figure]:
    dice = np.random.default_rng(size)
    query = _unit(dice.normal(size=(1, WIDTH)))[0]
    floats = [_unit(dice.normal(size=(size, WIDTH))) for _ in range(2)]
    whole = np.stack([as_int8(vectors) for vectors in floats], axis=1)
    blocks = [whole[first : first + BLOCK].copy() for first in range(0, size, BLOCK)]
    ours, plain, summed = [], [], []
    for _ in range(ROUNDS):
        plain += times_ms(lambda: [vectors @ query for vectors in floats], 1)
        summed += times_ms(much.sum, 1)
        ours += times_ms(lambda: scan(blocks, query), 1)
    middle, other = statistics.median(ours), statistics.median(plain)
    yield Figure(
        what=f"{size:,} passages, as search does it",
        ours=f"{middle:.2f} ms",
        plain=f"{other:.2f} ms",
        ratio=other / middle,
    )
    shares = [(whole.nbytes / a) / (much.nbytes / b) for a, b in zip(ours, summed, strict=True)]
    share, best = statistics.median(shares), (whole.nbytes / min(ours)) / (much.nbytes / min(summed))
    yield Figure(
        what=f"{size:,} passages, share of the memory's speed, {_speed(much, summed):.1f} GB/s",
        ours=f"{share:.0%}",
        plain=f"best by best {best:.0%}",
        goal=f"{GOAL:.0%}",
        met=share >= GOAL,
    )
    (own, _), exact = scan(blocks, query), floats[0] @ query
    yield Figure(what=f"{size:,} passages, of the ten nearest the same", ours=f"{_shared(own, exact):.0%}")


def _speed(read: np.ndarray, times: list[float]) -> float:
    """Gigabytes a second, of the middle run."""
    return read.nbytes / statistics.median(times) / 1e6


def _shared(found: np.ndarray, exact: np.ndarray, count: int = 10) -> float:
    return len(set(np.argsort(-found)[:count]) & set(np.argsort(-exact)[:count])) / count


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)
