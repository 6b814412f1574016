"""Lessons for the toy Whisper: windows of sound with the tokens that Whisper would write for them.

A window holds one sentence, as the product's own windows do when sentences lie more than two seconds apart.
Tokens are compact here (only those that occur); `folder.py` spreads them to Whisper's 51,865 numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from tests.toy_whisper.voice import RATE, WORDS, say, silence

VOCABULARY = tuple(WORDS)
UNUSED = 8  # rows that no lesson uses: they learn to be unlikely, and stand for the 50,000 other tokens
EOT = len(VOCABULARY) + UNUSED
SOT, ENGLISH, TRANSCRIBE, NO_SPEECH, NO_TIMESTAMPS, TIME_ZERO = range(EOT + 1, EOT + 7)
TOKENS = TIME_ZERO + 1501
IGNORED = -100  # no loss at this place

WINDOW_FRAMES = 300  # mel frames of 10 ms
POSITIONS = WINDOW_FRAMES // 2  # encoder positions of 20 ms


def _token(seconds: float) -> int:
    """Time stamps to a tenth of a second: enough to cut by, and learned sooner than fiftieths."""
    return TIME_ZERO + 5 * round(seconds / 0.1)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Mel of shape (80, 300); tokens in, tokens out; labels of shape (150, 2) for each
    encoder position: which word is spoken there and the how-manieth it is, from 1; 0 = none.

    `spans` gives, for each token out that has a place in the sound, its encoder positions; None elsewhere.
    """

    mel: NDArray[np.float32]
    given: list[int]
    wanted: list[int]
    labels: NDArray[np.int64]
    spans: list[tuple[int, int] | None]


def sentence(rng: np.random.Generator) -> list[str]:
    """Three or four different words in any order."""
    return [str(word) for word in rng.choice(VOCABULARY, int(rng.integers(3, 5)), replace=False)]


def lesson(seed: int, extractor: FeatureExtractor, avoid: Sequence[Sequence[str]]) -> Lesson:
    """One window; sentences in `avoid` never occur, so that they can be asked for later."""
    rng = np.random.default_rng(seed)
    quiet = float(rng.uniform(0.02, 0.5))
    pieces = [silence(quiet, seed)]
    tokens: list[int] = []
    spans: list[tuple[int, int] | None] = []
    labels = np.zeros((POSITIONS, 2), dtype=np.int64)
    if rng.random() > 0.03:
        words = sentence(rng)
        while words in [list(kept) for kept in avoid]:
            words = sentence(rng)
        spoken = say(words, seed)
        for word, (start, end) in zip(spoken.words, spoken.spans, strict=True):
            first, last = int((quiet + start) * 50), int((quiet + end) * 50) + 1
            tokens.append(VOCABULARY.index(word))
            spans.append((first, last))
            labels[first:last] = VOCABULARY.index(word) + 1, sum(span is not None for span in spans)
        pieces.append(spoken.wave)
        tokens = [_token(quiet), *tokens, _token(quiet + len(spoken.wave) / RATE)]
        spans = [None, *spans, None]
    pieces.append(silence(float(rng.uniform(0.1, 0.9)), seed + 1))
    wave = np.concatenate(pieces)[: WINDOW_FRAMES * 160 - 400]
    mel = extractor(wave)[:, :-1]
    padded = np.zeros((80, WINDOW_FRAMES), dtype=np.float32)  # as faster-whisper pads its last window
    padded[:, : mel.shape[1]] = mel[:, :WINDOW_FRAMES]
    prompt = [SOT, ENGLISH, TRANSCRIBE]
    heard = [ENGLISH, IGNORED, *tokens, EOT] if tokens else [NO_SPEECH, IGNORED, EOT]
    return Lesson(padded, prompt + tokens, heard, labels, [None, None, *spans, None])
