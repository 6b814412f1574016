"""How well somebody is heard: the level of speech, the noise behind it, what was cut off or lost.

Levels are power in dB of full scale: 0 is a square wave as loud as can be, a sine that fills the scale is -3.
The sound is cut into frames of 20 ms. The noise is the level that a tenth of the frames stay below: reading
aloud pauses longer than that. Speech is the frames that stand 6 dB or more above it, as in the energy method
of NIST's STNR; its level is their mean power, and the signal-to-noise ratio is that less the noise's share.

Not here: whether it is speech (`ingest.engines.silence`), which words (`ingest.engines`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diary.model.speech import RATE

FLOOR = -96.0
"""dB of full scale of the smallest step of 16 bits: nothing is quieter."""

_FRAME = RATE // 50
_ABOVE_NOISE = 6.0  # dB
_LEAST_SPEECH = 25  # frames: half a second
_FULL = 32767
_CLIPPED_RUN = 3  # samples in a row at full scale: one may be a loud moment
_DROPOUT = RATE // 50  # samples of nothing at all in a row: no microphone is as quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCheck:
    """What a recording of somebody reading is like.

    :ivar speech, noise: levels in dB of full scale. :ivar ratio: signal to noise, in dB.
    :ivar clipped: share of the samples that were cut off, 0 to 1.
    :ivar dropouts: seconds of exact nothing between the first sound and the last.
    :ivar heard: whether anything stands out from the noise, for half a second or more.
    """

    seconds: float
    speech: float
    noise: float
    ratio: float
    clipped: float
    dropouts: float
    heard: bool


def check(sound: bytes) -> SoundCheck:
    """Measure PCM as `diary.model.speech.RATE`."""
    samples = np.frombuffer(sound[: len(sound) & ~1], dtype="<i2")
    powers = _powers(samples)
    noise = float(np.quantile(powers, 0.1)) if powers.size else 0.0
    loud = powers[powers >= max(noise, 1e-12) * 10 ** (_ABOVE_NOISE / 10)]
    heard = loud.size >= _LEAST_SPEECH
    speech = float(loud.mean()) if heard else 0.0
    return SoundCheck(
        seconds=samples.size / RATE,
        speech=_decibel(speech),
        noise=_decibel(noise),
        ratio=_decibel(speech - noise) - _decibel(noise) if heard else 0.0,
        clipped=_in_runs(np.abs(samples.astype(np.int32)) >= _FULL, _CLIPPED_RUN) / max(1, samples.size),
        dropouts=_in_runs(np.trim_zeros(samples) == 0, _DROPOUT) / RATE,
        heard=heard,
    )


def _powers(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Mean square of each whole frame; 1 is full scale."""
    whole = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64) / 32768
    means: NDArray[np.float64] = np.square(whole).mean(axis=1)
    return means


def _in_runs(marked: NDArray[np.bool_], least: int) -> int:
    """How many samples are marked, in runs of at least so many."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= least].sum())


def _decibel(power: float) -> float:
    return max(FLOOR, 10 * math.log10(power)) if power > 0 else FLOOR
