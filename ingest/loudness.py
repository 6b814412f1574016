"""How loud sound is: what a level meter shows, and whether somebody seems to speak.

Levels are in dB of full scale: 0 is the loudest there is, -96 digital silence. "Seems to speak" is a hint
for the person that the microphone hears them, and decides nothing: sound that stands out from the quietest of
the last seconds, as voices do and fans and hums do not. What is speech is decided in the speech engine, by a
model.

Not here: numpy, which a person who only wants to record would wait for.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import deque
from operator import mul

from diary.model.speech import RATE

DIGITAL_SILENCE = -96.0
NEARLY_SILENT = -75.0
"""Peaks below this are no microphone in a room, however quiet: it is muted or broken."""

_FRAME = RATE // 50  # 20 ms, in which the level of a voice hardly changes
_HEARD_WITHIN = 50  # frames: the last second
_LEAST_FRAMES = 8  # a syllable; the click of a key is shorter
_FLOOR_FRAMES = 500  # the background is looked for in the last 10 s
_STANDS_OUT = 10.0  # dB above the background
_LEAST_LEVEL = -55.0


class Loudness:
    """Measures sound as it comes.

    :ivar peak: of the newest piece, in dB.
    :ivar quiet_seconds: of sound since anything reached `NEARLY_SILENT`.
    """

    def __init__(self) -> None:
        self.peak = DIGITAL_SILENCE
        self.quiet_seconds = 0.0
        self._levels: deque[float] = deque(maxlen=_FLOOR_FRAMES)

    def add(self, sound: bytes) -> None:
        """Measure the next piece (PCM as `diary.model.speech.RATE`)."""
        samples = array("h", sound[: len(sound) & ~1])
        if sys.byteorder == "big":
            samples.byteswap()
        if not samples:
            return
        self.peak = _decibel(max(max(samples), -min(samples)))
        quiet = self.peak < NEARLY_SILENT
        self.quiet_seconds = self.quiet_seconds + len(samples) / RATE if quiet else 0.0
        for start in range(0, len(samples) - _FRAME + 1, _FRAME):
            frame = samples[start : start + _FRAME]
            self._levels.append(_decibel(math.sqrt(sum(map(mul, frame, frame)) / _FRAME)))

    @property
    def heard(self) -> bool:
        """Whether the last second sounds like somebody speaking."""
        if not self._levels:
            return False
        background = sorted(self._levels)[len(self._levels) // 10]
        least = max(background + _STANDS_OUT, _LEAST_LEVEL)
        newest = list(self._levels)[-_HEARD_WITHIN:]
        return sum(level >= least for level in newest) >= _LEAST_FRAMES


def _decibel(amplitude: float) -> float:
    return max(DIGITAL_SILENCE, 20 * math.log10(amplitude / 32768)) if amplitude > 0 else DIGITAL_SILENCE
