"""Sound for tests: tones that stand for sentences, and silence, as PCM."""

from __future__ import annotations

import math
from array import array

from diary.model.speech import RATE


def tone(seconds: float, *, level: float = -20.0) -> bytes:
    """A voice, as far as loudness goes: a tone whose level swings as syllables do; peak in dB."""
    top = 32767 * 10 ** (level / 20)
    samples = array("h")
    for at in range(round(seconds * RATE)):
        moment = at / RATE
        swing = 0.02 + 0.98 * abs(math.sin(2 * math.pi * 2 * moment)) ** 2
        samples.append(round(top * swing * math.sin(2 * math.pi * 220 * moment)))
    return samples.tobytes()


def hush(seconds: float) -> bytes:
    """Digital silence."""
    return bytes(2 * round(seconds * RATE))


def sentence() -> bytes:
    """One sentence with a pause after it, which ends it for whoever listens: a second and a half."""
    return SENTENCE


def hum(seconds: float, *, level: float = -30.0) -> bytes:
    """A fan: the same all the time."""
    top = 32767 * 10 ** (level / 20)
    return array(
        "h", (round(top * math.sin(2 * math.pi * 120 * at / RATE)) for at in range(round(seconds * RATE)))
    ).tobytes()


SENTENCE = tone(0.8) + hush(0.7)
SENTENCE_SECONDS = len(SENTENCE) / (2 * RATE)
