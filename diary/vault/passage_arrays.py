"""Rows of the index as arrays; pure. Apart from `passages`, because it needs numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diary.model.passage_table import PassageTable
from diary.vault.connection import Row


def passage_table(
    found: Sequence[Row], vectors: Sequence[Row], *, dimensions: int, version: int
) -> PassageTable:
    """The table of passages; one without a vector has zeros.

    :param found: passage, entry, happened in microseconds, day; in the order of the table.
    :param vectors: passage and its two vectors as bytes, in any order.
    """
    columns = np.array(found, np.int64).reshape(len(found), 4)
    ids = np.ascontiguousarray(columns[:, 0])
    places, present = _places(ids, vectors)
    return PassageTable(
        ids=ids,
        entries=np.ascontiguousarray(columns[:, 1]),
        happened=columns[:, 2] // 1_000_000,
        days=np.ascontiguousarray(columns[:, 3]),
        own=_matrix(vectors, 1, dimensions, places, present),
        window=_matrix(vectors, 2, dimensions, places, present),
        version=version,
    )


def _places(ids: NDArray[np.int64], vectors: Sequence[Row]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each id the row of `vectors` that holds it, and whether there is one; both of shape [len(ids)]."""
    owners = np.array([row[0] for row in vectors], np.int64)
    if not len(owners):
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
    order = np.argsort(owners)
    places = order[np.searchsorted(owners, ids, sorter=order).clip(max=len(owners) - 1)]
    return places, owners[places] == ids


def _matrix(
    vectors: Sequence[Row], column: int, width: int, places: NDArray[np.int64], present: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """One vector a passage, int8[len(places), width]."""
    matrix = np.zeros((len(places), width), np.int8)
    if vectors:
        stored = np.frombuffer(b"".join([row[column] for row in vectors]), np.int8).reshape(
            len(vectors), width
        )
        matrix[present] = stored[places[present]]
    return matrix
