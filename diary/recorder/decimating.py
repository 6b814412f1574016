"""From the rate of a sound card to 16 kHz, without a loss that can be heard.

Sound servers convert too, but cheaply: asked for 16 kHz from a device of 48 kHz, PulseAudio 16 gave 7 kHz
with 8 dB less, just where an s differs from an f. So the device is read at a multiple of 16 kHz, and a finite
impulse response of linear phase takes away what would fold over (Oppenheim and Schafer, Discrete-Time Signal
Processing, 7.5: a sinc under a Kaiser window). Flat to 0.1 dB up to 7.2 kHz; what folds back below that is
down by 70 dB.

Runs in the recorder only.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from diary.model.speech import RATE

USUAL = 48_000
"""What a device is asked for whose own rate is not a multiple of 16 kHz, or not told."""

_MOST_FACTOR = 12  # 192 kHz
_EDGE = 8_000.0  # half of 16 kHz: the filter is 6 dB down here
_WIDTH = 1_600.0  # Hz between what passes and what does not
_ATTENUATION = 70.0  # dB


def rate_for(told: int | None) -> int:
    """The rate to open a device with, whose own rate is `told`."""
    if told and told % RATE == 0 and told // RATE <= _MOST_FACTOR:
        return told
    return USUAL


class Decimator:
    """Keeps every n-th sample of a filtered stream; blocks may have any length.

    :param rate: of what comes in, a multiple of 16 kHz.
    """

    def __init__(self, rate: int) -> None:
        self._factor = rate // RATE
        self._taps = _low_pass(rate) if self._factor > 1 else np.ones(1, np.float32)
        self._rest = np.zeros(
            len(self._taps) // 2, np.float32
        )  # so that the first output is of the first input

    def take(self, sound: bytes) -> bytes:
        """PCM, 16 bit, one channel, at the rate: the same at 16 kHz, as far as it is decided."""
        if self._factor == 1:
            return sound
        samples = np.concatenate([self._rest, np.frombuffer(sound, "<i2").astype(np.float32)])
        count = (len(samples) - len(self._taps)) // self._factor + 1
        if count <= 0:
            self._rest = samples
            return b""
        windows = sliding_window_view(samples, len(self._taps))[:: self._factor]
        self._rest = samples[count * self._factor :]
        return np.clip(np.rint(windows @ self._taps), -32768, 32767).astype("<i2").tobytes()


def _low_pass(rate: int) -> NDArray[np.float32]:
    """A Kaiser-windowed sinc of odd length, its sum 1."""
    half = int(np.ceil((_ATTENUATION - 7.95) / (14.36 * _WIDTH / rate) / 2))
    at = np.arange(-half, half + 1)
    beta = 0.1102 * (_ATTENUATION - 8.7)
    taps = np.sinc(2 * _EDGE / rate * at) * np.kaiser(2 * half + 1, beta)
    scaled: NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return scaled
