"""A formant synthesiser with a small vocabulary: the voice the toy Whisper is trained and tested on.

Method: source and filter. A glottal pulse train (voiced) and noise (unvoiced) pass through resonators at the
formants of each phone, in the frequency domain, frame by frame with overlap-add. Formants are the usual ones
of American vowels (Peterson and Barney 1952, rounded). The result is a robot that Silero hears as speech.

Every sentence varies by seed in pitch, tempo, formant shift and loudness, so that a model trained on some
sentences is asked for words, not for memorised waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FRAME = 320  # 20 ms
HOP = 160  # 10 ms


@dataclass(frozen=True, slots=True)
class Phone:
    """Formants in Hz, gains of the voiced and the noise source, length in milliseconds."""

    formants: tuple[float, float, float]
    voiced: float
    noise: float
    length: float


PHONES = {
    "IY": Phone((280, 2250, 2900), 1.0, 0, 130),
    "IH": Phone((400, 1950, 2550), 1.0, 0, 110),
    "EH": Phone((550, 1800, 2500), 1.0, 0, 130),
    "AE": Phone((690, 1650, 2450), 1.0, 0, 150),
    "AA": Phone((750, 1100, 2450), 1.0, 0, 150),
    "AO": Phone((570, 850, 2400), 1.0, 0, 150),
    "UW": Phone((310, 870, 2250), 1.0, 0, 140),
    "ER": Phone((480, 1350, 1700), 1.0, 0, 150),
    "M": Phone((250, 1000, 2200), 0.5, 0, 80),
    "N": Phone((250, 1500, 2500), 0.5, 0, 80),
    "L": Phone((350, 1050, 2700), 0.7, 0, 70),
    "R": Phone((350, 1150, 1600), 0.7, 0, 80),
    "W": Phone((300, 650, 2200), 0.7, 0, 70),
    "S": Phone((3800, 5200, 7000), 0, 0.25, 110),
    "SH": Phone((2200, 3000, 4500), 0, 0.3, 110),
    "T": Phone((3000, 4000, 5500), 0, 0.3, 35),
    "K": Phone((1500, 2300, 3500), 0, 0.3, 40),
    "B": Phone((250, 800, 2200), 0.3, 0, 40),
    "D": Phone((250, 1700, 2600), 0.3, 0, 40),
    "-": Phone((500, 1500, 2500), 0, 0, 45),  # the closure before a stop
}

WORDS = {
    "slept": "S L EH - T",
    "badly": "B AE D L IY",
    "calm": "- K AA M",
    "walk": "W AO - K",
    "rain": "R EH IY N",
    "teatime": "- T IY - T AA M",
    "worse": "W ER S",
    "better": "B EH - T ER",
    "sad": "S AE D",
    "shower": "SH AA W ER",
    "room": "R UW M",
    "sister": "S IH S - T ER",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Mono float32 at 16 kHz, peak below 1, and where each word starts and ends, in seconds."""

    wave: NDArray[np.float32]
    words: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]


def say(words: Sequence[str], seed: int) -> Spoken:
    """One sentence; the same seed gives the same sound."""
    rng = np.random.default_rng(seed)
    tempo, shift = rng.uniform(0.96, 1.05), rng.uniform(0.98, 1.02)
    rows: list[list[float]] = []
    spans = []
    for word in words:
        start = len(rows)
        for name in WORDS[word].split():
            rows += _hops(PHONES[name], PHONES[name].length, tempo, shift, rng)
        spans.append((start * HOP / RATE, len(rows) * HOP / RATE))
        rows += _hops(PHONES["-"], 70, tempo, shift, rng)
    wave = _filtered(_smoothed(np.array(rows)), float(rng.uniform(110, 128)), rng)
    wave *= rng.uniform(0.25, 0.6) / np.abs(wave).max()
    return Spoken(wave.astype(np.float32), tuple(words), tuple(spans))


def silence(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """A quiet room: noise 70 dB below full scale."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(int(seconds * RATE)) * 3e-4).astype(np.float32)


def _hops(
    phone: Phone, length: float, tempo: float, shift: float, rng: np.random.Generator
) -> list[list[float]]:
    """Rows of three formants in Hz, voiced gain, noise gain; one row every 10 ms."""
    count = max(2, round(length * tempo * rng.uniform(0.95, 1.05) / 10))
    return [[*(f * shift for f in phone.formants), phone.voiced, phone.noise]] * count


def _smoothed(track: NDArray[np.float64]) -> NDArray[np.float64]:
    """Formants and gains glide over 30 ms, as tongues do."""
    kernel = np.hanning(5)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(track, ((1, 1), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(5)], axis=1)


def _filtered(track: NDArray[np.float64], pitch: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The sound of a track of shape (hops, 5): sources through resonators, frames overlapped and added."""
    total = len(track) * HOP + FRAME
    seconds = np.arange(total) / RATE
    fall = pitch * (1.08 - 0.16 * np.arange(total) / total) * (1 + 0.02 * np.sin(2 * np.pi * 4.5 * seconds))
    phase = np.cumsum(fall / RATE) % 1.0
    pulses = np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0.0)
    glottal = np.diff(pulses, prepend=0.0) * 12
    noise = rng.standard_normal(total)
    at = np.arange(len(track))[:, None] * HOP + np.arange(FRAME)[None, :]
    source = (glottal[at] * track[:, 3:4] + noise[at] * track[:, 4:5]) * np.hanning(FRAME)
    shaped = np.fft.irfft(np.fft.rfft(source, FRAME * 2) * _resonance(track), FRAME * 2)
    pieces = shaped.reshape(len(track), 2 * FRAME // HOP, HOP)
    out = np.zeros((len(track) + pieces.shape[1], HOP))
    for piece in range(pieces.shape[1]):
        out[piece : piece + len(track)] += pieces[:, piece]
    return out.reshape(-1)


def _resonance(track: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Gains of second-order resonators: in cascade for voiced sounds, side by side and wide for noise."""
    s = 2j * np.pi * np.fft.rfftfreq(FRAME * 2, 1 / RATE)[None, None, :]
    centres = np.concatenate([track[:, :3], np.full((len(track), 1), 3500.0)], axis=1)
    cascade = (track[:, 3] > track[:, 4])[:, None, None]
    w = 2 * np.pi * centres[:, :, None]
    b = 2 * np.pi * np.array([80.0, 100.0, 150.0, 250.0])[None, :, None] * np.where(cascade, 1, 5)
    gains = w * w / (s * s + b * s + w * w)
    shape = np.where(cascade[:, 0], gains.prod(axis=1), gains[:, :3].mean(axis=1))
    # Equal power for every frame: resonators that meet while they glide would click.
    return shape / np.sqrt((np.abs(shape) ** 2).mean(axis=1, keepdims=True))
