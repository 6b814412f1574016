"""The exact scan and the row look-up, against the plain way of doing the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.dense import Rows, scan

WIDTH = 24


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 1000))
def test_a_scan_is_the_product_whatever_the_blocks_are(sizes: list[int], seed: int):
    generator = np.random.default_rng(seed)
    blocks = [generator.integers(-127, 128, (size, 2, WIDTH), dtype=np.int8) for size in sizes]
    query = generator.normal(size=WIDTH).astype(np.float32)
    query /= np.linalg.norm(query)
    own, window = scan(blocks, query)
    together = np.concatenate([*blocks, np.zeros((0, 2, WIDTH), np.int8)]).astype(np.float32)
    # Each component of the question is rounded by half a step at most, the largest being 127 steps.
    most = np.abs(together).sum(axis=2).max(initial=0) / 127 * np.abs(query).max() / 127 / 2 + 1e-4
    assert np.allclose(own, together[:, 0] @ query / 127, rtol=0, atol=most)
    assert np.allclose(window, together[:, 1] @ query / 127, rtol=0, atol=most)


def test_a_question_without_a_direction_is_near_nothing():
    own, window = scan([np.ones((3, 2, 4), np.int8)], np.zeros(4, np.float32))
    assert own.tolist() == window.tolist() == [0, 0, 0]


@given(st.lists(st.integers(1, 99), unique=True), st.lists(st.integers(0, 110)))
def test_rows_are_found_and_what_is_in_none_is_told(ids: list[int], wanted: list[int]):
    found = Rows(np.array(ids, np.int64)).of(wanted)
    assert found.tolist() == [ids.index(one) if one in ids else -1 for one in wanted]
