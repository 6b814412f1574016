"""A few seconds of sound that a voice detector hears as speech, made in code: the demo owns no one's voice.

Method: source and filter (Fant 1960). A train of glottal pulses with falling pitch and a little jitter
passes, frame by frame, through four resonators in cascade at the formants of the vowels (rounded from
Peterson and Barney 1952); consonants are gaps, murmurs and bursts of noise between them. It says nothing:
sequences of syllables, in two phrases with a pause, the same samples every time.

Silero VAD (in faster-whisper 1.2.1) hears both phrases as speech; a test of this package checks that.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second."""

_FRAME = 400  # 25 ms
_HOP = 80  # 5 ms
_FOURTH_FORMANT = 3_400.0
_BANDWIDTHS = (70.0, 90.0, 140.0, 220.0)


@dataclass(frozen=True, slots=True)
class _Sound:
    """Three formants in Hz, gain of the voice and of the noise, length in milliseconds."""

    formants: tuple[float, float, float]
    voice: float
    noise: float
    length: int


_SOUNDS = {
    "a": _Sound((730, 1090, 2440), 1.0, 0.0, 150),
    "e": _Sound((530, 1840, 2480), 1.0, 0.0, 120),
    "i": _Sound((270, 2290, 3010), 1.0, 0.0, 120),
    "o": _Sound((570, 840, 2410), 1.0, 0.0, 150),
    "u": _Sound((300, 870, 2240), 1.0, 0.0, 130),
    "@": _Sound((500, 1450, 2450), 0.9, 0.0, 80),
    "m": _Sound((250, 1100, 2200), 0.45, 0.0, 70),
    "n": _Sound((250, 1600, 2500), 0.45, 0.0, 65),
    "l": _Sound((360, 1150, 2700), 0.6, 0.0, 65),
    "w": _Sound((300, 650, 2250), 0.6, 0.0, 65),
    "s": _Sound((4200, 5400, 6800), 0.0, 0.22, 100),
    "t": _Sound((3000, 4200, 5600), 0.0, 0.35, 30),
    ".": _Sound((500, 1450, 2450), 0.0, 0.0, 40),  # the closure before a burst
    " ": _Sound((500, 1450, 2450), 0.0, 0.0, 600),  # the pause between the phrases
}
_PHRASES = "wanem@lisowa.tem@nal@ woni.tamesol@ nuwe.ta"


def spoken_sample() -> bytes:
    """About six seconds as a WAV file: 16 kHz, mono, 16 bit; always the same bytes."""
    rng = np.random.default_rng(1859)
    room = np.zeros(RATE // 2)
    sound = np.concatenate([room, _spoken(_PHRASES, rng), room])
    sound += rng.standard_normal(len(sound)) * 3e-4  # a quiet room, 70 dB below full scale
    pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm.tobytes())
    return file.getvalue()


def _spoken(sounds: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """The sounds in a row, peak 0.5."""
    track = _track(sounds)
    total = len(track) * _HOP + _FRAME
    voice, noise = _glottal(total, rng), rng.standard_normal(total)
    window = np.hanning(_FRAME)
    hertz: NDArray[np.float64] = np.fft.rfftfreq(2 * _FRAME, 1 / RATE).astype(np.float64)
    out = np.zeros(total + _FRAME)
    for hop, (f1, f2, f3, voiced, rough) in enumerate(track):
        if voiced + rough < 1e-3:
            continue
        start = hop * _HOP
        here = slice(start, start + _FRAME)
        source = (voice[here] * voiced + noise[here] * rough) * window
        shape = _resonators(hertz, (f1, f2, f3, _FOURTH_FORMANT), wide=rough > voiced)
        out[start : start + 2 * _FRAME] += np.fft.irfft(np.fft.rfft(source, 2 * _FRAME) * shape)
    spoken: NDArray[np.float64] = out / np.abs(out).max() * 0.5
    return spoken


def _track(sounds: str) -> NDArray[np.float64]:
    """Per hop of 5 ms: three formants, gain of voice and noise; shape [hops, 5], smoothed over 35 ms."""
    rows = [
        [*_SOUNDS[sound].formants, _SOUNDS[sound].voice, _SOUNDS[sound].noise]
        for sound in sounds
        for _ in range(_SOUNDS[sound].length // 5)
    ]
    track = np.pad(np.array(rows), ((4, 4), (0, 0)), mode="edge")
    kernel = np.hanning(11)[1:-1]
    return np.stack([np.convolve(column, kernel / kernel.sum(), "valid") for column in track.T], axis=1)


def _glottal(total: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Pulses of a low voice, 140 falling to 105 Hz over two seconds and again, with 1 % jitter."""
    seconds = np.arange(total) / RATE
    pitch = 140 - 17.5 * (seconds % 2.0) + 3 * np.sin(2 * np.pi * 5 * seconds)
    jitter = np.repeat(rng.standard_normal(total // 160 + 1), 160)[:total] * 0.01
    phase = np.cumsum(pitch * (1 + jitter) / RATE) % 1.0
    opening = np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0.0)
    return np.diff(opening, prepend=0.0)


def _resonators(
    hertz: NDArray[np.float64], centres: tuple[float, ...], *, wide: bool
) -> NDArray[np.complex128]:
    """Second-order resonators: in cascade for the voice, side by side and five times as wide for noise."""
    s: NDArray[np.complex128] = (2j * np.pi * hertz[np.newaxis, :]).astype(np.complex128)
    w = 2 * np.pi * np.array(centres)[:, np.newaxis]
    b = 2 * np.pi * np.array(_BANDWIDTHS)[:, np.newaxis] * (5 if wide else 1)
    gains: NDArray[np.complex128] = w * w / (s * s + b * s + w * w)
    shape: NDArray[np.complex128] = gains[:3].sum(axis=0) / 3 if wide else gains.prod(axis=0)
    return shape
