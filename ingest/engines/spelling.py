"""From the library's segments to ours: times of the recording, whole words, nothing across a silence that was
left out; pure.

Rules: a piece without a space before it belongs to the word before ("well" + "-known"). Words in order do
not overlap, and lie inside the part of the recording they were heard in; where the part changes, a new
segment begins. Languages written without spaces have no words, only the text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from faster_whisper.transcribe import Segment as Decoded

from diary.engine.messages import Heard, Spelt
from ingest.engines.silence import Utterance

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""As faster-whisper knows them."""


@dataclass(slots=True)
class _Word:
    """Seconds of the joined sound, text, and the least probability of its pieces."""

    start: float
    end: float
    text: str
    probability: float


def placed(segment: Decoded, utterance: Utterance, language: str) -> Iterator[Heard]:
    """The segment in the recording's time, one for each part of it; the library's times may overrun."""
    text = " ".join(segment.text.split())
    sure = round(min(1.0, math.exp(min(0.0, float(segment.avg_logprob)))), 3)
    words = [] if language in WITHOUT_SPACES else _words(segment)
    if " ".join(word.text for word in words) != text:
        start = utterance.at(max(0.0, float(segment.start)))
        end = max(start, utterance.at(float(segment.end)))
        yield Heard(round(start, 2), round(end, 2), text, sure)
        return
    last = 0
    numbered: list[tuple[int, _Word]] = []
    for word in words:
        last = max(last, utterance.part_at((word.start + word.end) / 2))
        numbered.append((last, word))
    for number, group in groupby(numbered, key=lambda one: one[0]):
        yield _heard([word for _, word in group], utterance, number, sure)


def _heard(words: list[_Word], utterance: Utterance, part: int, sure: float) -> Heard:
    spelt: list[Spelt] = []
    for word in words:
        before = spelt[-1].end if spelt else 0.0
        start = max(before, round(utterance.at(word.start, part), 2))
        end = max(start, round(utterance.at(word.end, part), 2))
        spelt.append(Spelt(start, end, word.text, round(min(1.0, max(0.0, word.probability)), 3)))
    return Heard(spelt[0].start, spelt[-1].end, " ".join(word.text for word in words), sure, spelt)


def _words(segment: Decoded) -> list[_Word]:
    words: list[_Word] = []
    for piece in segment.words or []:
        text = " ".join(piece.word.split())
        if not text:
            continue
        if words and not piece.word[:1].isspace():
            word = words[-1]
            word.text += text
            word.end = max(word.end, float(piece.end))
            word.probability = min(word.probability, float(piece.probability))
        else:  # the library's numbers are numpy's
            words.append(_Word(float(piece.start), float(piece.end), text, float(piece.probability)))
    return words
