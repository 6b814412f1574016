"""Sound that did not arrive is found by the clock alone, and lateness is not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from diary.recorder.gaps import GapMeter

RATE = 16_000
BLOCK = 3_200


def fed(blocks: list[tuple[float, int]]) -> float:
    """Seconds lost after blocks of (when, samples)."""
    meter = GapMeter()
    for at, samples in blocks:
        meter.block(samples, at)
    return meter.lost


def steady(seconds: float, *, rate: float = RATE, late: float = 0.0) -> list[tuple[float, int]]:
    """Blocks as a sound card of this rate gives them, each up to so much late, and in order."""
    random = np.random.default_rng(5)
    times = 1_000 + np.arange(1, int(seconds * rate / BLOCK)) * BLOCK / rate
    times = np.maximum.accumulate(times + random.uniform(0, late, len(times)))
    return [(float(at), BLOCK) for at in times]


def without(blocks: list[tuple[float, int]], start: float, seconds: float) -> list[tuple[float, int]]:
    return [block for block in blocks if not start <= block[0] - 1_000 < start + seconds]


def test_steady_sound_has_no_gap():
    assert fed(steady(60)) == 0


def test_blocks_that_come_late_and_catch_up_are_no_gap():
    assert fed(steady(60, late=0.2)) == 0
    held_back = [(max(at, 1_014.0) if 1_010 < at < 1_014 else at, n) for at, n in steady(30)]
    assert fed(held_back) == 0


@pytest.mark.parametrize("rate", [RATE * 1.0005, RATE * 0.9995])
def test_a_sound_card_with_another_clock_is_no_gap(rate: float):
    assert fed(steady(3_600, rate=rate, late=0.05)) == 0


@pytest.mark.parametrize("seconds", [0.2, 1.0, 8.0])
def test_a_gap_is_measured(seconds: float):
    assert fed(without(steady(60, late=0.03), 20, seconds)) == pytest.approx(seconds, abs=0.05)


def test_a_gap_just_before_the_end_is_found_then():
    meter = GapMeter()
    for at, samples in without(steady(20), 17, 1.0):
        meter.block(samples, at)
    assert meter.lost == 0
    assert meter.end() == meter.end() == pytest.approx(1.0, abs=0.05)


def test_gaps_add_up_and_small_ones_are_found_in_the_end():
    blocks = steady(60)
    for start in range(10, 50, 5):
        blocks = without(blocks, start, 0.2)
    assert fed(blocks) == pytest.approx(8 * 0.2, abs=0.1)
    # a twentieth of all samples is missing, never more than 10 ms at once
    assert fed([(at, n * 19 // 20) for at, n in steady(60)]) == pytest.approx(3.0, abs=0.3)
