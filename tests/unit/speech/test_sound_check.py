"""How well somebody is heard, measured on sound whose level, noise and gaps are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from diary.model.speech import RATE
from ingest.sound_check import FLOOR, check


def sine(level: float, seconds: float = 1.0) -> NDArray[np.float64]:
    """A tone of so many dB of full scale (power)."""
    at = np.arange(int(seconds * RATE)) / RATE
    return np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * 440 * at)


def noise(level: float, seconds: float) -> NDArray[np.float64]:
    return np.random.default_rng(7).normal(0, 10 ** (level / 20), int(seconds * RATE))


def pcm(samples: NDArray[np.float64]) -> bytes:
    return np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def reading(speech: float, background: float) -> bytes:
    """Three seconds of tone with pauses, over noise."""
    gap = np.zeros(RATE)
    tones = np.concatenate([gap, sine(speech), gap, sine(speech), gap, sine(speech), gap])
    return pcm(tones + noise(background, tones.size / RATE))


@pytest.mark.parametrize(("speech", "background"), [(-20.0, -60.0), (-30.0, -50.0), (-24.0, -36.0)])
def test_level_noise_and_their_ratio_are_measured(speech: float, background: float) -> None:
    found = check(reading(speech, background))
    assert found.heard
    assert found.seconds == 7.0
    assert found.speech == pytest.approx(speech, abs=0.6)
    assert found.noise == pytest.approx(background, abs=0.6)
    assert found.ratio == pytest.approx(speech - background, abs=1.0)
    assert (found.clipped, found.dropouts) == (0.0, 0.0)


@pytest.mark.parametrize("sound", [b"", b"\0", pcm(np.zeros(RATE * 3)), pcm(noise(-40.0, 3.0))])
def test_silence_and_steady_noise_are_nobody(sound: bytes) -> None:
    assert not check(sound).heard


def test_digital_silence_is_at_the_floor() -> None:
    assert check(pcm(np.zeros(RATE))).noise == FLOOR


def test_what_is_cut_off_is_counted() -> None:
    loud = np.concatenate([np.zeros(RATE), 2.0 * sine(-3.0), np.zeros(RATE)]) + noise(-60.0, 3.0)
    # A sine of amplitude 2 stands above 1 for two thirds of its time; a third of the sound is the sine.
    assert check(pcm(loud)).clipped == pytest.approx(2 / 9, abs=0.01)


def test_exact_nothing_inside_the_sound_is_a_gap_and_around_it_is_none() -> None:
    nothing = np.zeros(RATE // 2)
    talk = sine(-20.0) + noise(-60.0, 1.0)
    sound = pcm(np.concatenate([nothing, talk, nothing, talk, nothing]))
    assert check(sound).dropouts == pytest.approx(0.5, abs=0.01)
