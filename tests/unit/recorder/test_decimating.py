"""From a sound card's rate to 16 kHz: nothing of speech is lost, nothing folds back into it."""

from __future__ import annotations

import numpy as np
import pytest

from diary.recorder.decimating import USUAL, Decimator, rate_for


def tone(frequency: float, rate: int, seconds: float = 0.5) -> bytes:
    wave = 16_000 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)
    return np.rint(wave).astype("<i2").tobytes()


def level(frequency: float, rate: int) -> float:
    """dB of what comes out for a tone, against what went in."""
    out = np.frombuffer(Decimator(rate).take(tone(frequency, rate)), "<i2").astype(float)[400:]
    return float(10 * np.log10(max(np.mean(out**2), 1e-9) / (16_000**2 / 2)))


@pytest.mark.parametrize("rate", [32_000, 48_000, 96_000])
def test_speech_passes_and_what_would_fold_into_it_does_not(rate: int):
    for frequency in (50, 100, 1_000, 4_000, 6_000, 7_000, 7_200):
        assert abs(level(frequency, rate)) < 0.1, frequency
    for frequency in range(8_850, rate // 2, 1_900):
        assert level(frequency, rate) < -60, frequency


def test_blocks_of_any_length_give_the_same_samples():
    sound = tone(440, 48_000)
    whole = Decimator(48_000).take(sound)
    random, decimator, parts, start = np.random.default_rng(2), Decimator(48_000), [], 0
    while start < len(sound):
        end = start + 2 * int(random.integers(1, 700))
        parts.append(decimator.take(sound[start:end]))
        start = end
    assert b"".join(parts) == whole
    assert len(whole) // 2 == pytest.approx(8_000, abs=30)


def test_the_loudest_sound_does_not_wrap_round():
    square = (np.where(np.arange(4_800) % 96 < 48, 32_767, -32_768)).astype("<i2")
    out = np.frombuffer(Decimator(48_000).take(square.tobytes()), "<i2")
    halves = np.sign(out[: len(out) // 16 * 16].reshape(-1, 16)[4:-4, 4:12])
    assert np.all(halves[::2] == halves[0, 0]) and np.all(halves[1::2] == -halves[0, 0])


def test_sixteen_kilohertz_is_left_alone():
    assert Decimator(16_000).take(tone(440, 16_000)) == tone(440, 16_000)


def test_a_device_is_opened_at_its_own_rate_when_that_divides():
    assert [rate_for(told) for told in (16_000, 32_000, 48_000, 96_000, 192_000)] == [
        16_000, 32_000, 48_000, 96_000, 192_000,
    ]  # fmt: skip
    assert {rate_for(told) for told in (None, 0, 8_000, 44_100, 384_000)} == {USUAL}
