"""A stand-in for the engine that hears words: reads WAV, measures loudness, says what it was told to say."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from diary.errors import DiaryError, RecordingDamaged, Stopped
from diary.model.progress import Cancelled, never
from diary.model.speech import Segment, SoundInfo
from tests.fakes.guard import refuse_outside_tests

LOUD = 0.02
"""Full scale is 1; a frame of 32 ms above this counts as speech."""


class FakeTranscriber:
    """Satisfies `ingest.ports.Transcriber` for WAV files.

    :param engine: its name; None is an installation without a model.
    :param words: what each sentence it hears says; the last one again when there are more.
    :param failure: raised after `fails_after` segments, as an engine that dies.
    :ivar asked: the languages it was asked to transcribe in.
    """

    def __init__(
        self,
        engine: str | None = "whisper fake",
        *,
        words: Sequence[str] = ("something was said",),
        failure: DiaryError | None = None,
        fails_after: int = 0,
        on_transcribe: Callable[[], None] | None = None,
    ) -> None:
        refuse_outside_tests()
        self.engine = engine
        self.asked: list[str | None] = []
        self.stopped = False
        self._words = words
        self._failure = failure
        self._fails_after = fails_after
        self._on_transcribe = on_transcribe

    def examine(self, sound: bytes) -> SoundInfo:
        loud = _loud_frames(sound)
        return SoundInfo(seconds=len(loud) * 0.032, speech_seconds=float(loud.sum()) * 0.032)

    def transcribe(
        self, sound: bytes, *, language: str | None, cancelled: Cancelled = never
    ) -> Iterator[Segment]:
        self.asked.append(language)
        if self._on_transcribe is not None:
            self._on_transcribe()
        try:
            for number, (start, end) in enumerate(_sentences(_loud_frames(sound))):
                if cancelled():
                    raise Stopped("Stopped.")
                if self._failure is not None and number >= self._fails_after:
                    raise self._failure
                text = self._words[min(number, len(self._words) - 1)]
                yield Segment(start=start, end=end, text=text, confidence=0.9)
        finally:
            self.stopped = True


def _loud_frames(sound: bytes) -> np.ndarray:
    try:
        with wave.open(io.BytesIO(sound)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
            whole = len(samples) == file.getnframes() > 0
    except (wave.Error, EOFError, ValueError):
        whole = False
    if not whole:
        raise RecordingDamaged("This is no recording, or a damaged or incomplete one; nothing was kept.")
    frames = np.pad(samples, (0, -len(samples) % 512)).reshape(-1, 512)
    return np.abs(frames).max(axis=1) > LOUD


def _sentences(loud: np.ndarray) -> list[tuple[float, float]]:
    """Loud stretches, with pauses below half a second counted in; seconds."""
    found: list[list[int]] = []
    for frame in np.flatnonzero(loud):
        if found and frame - found[-1][1] < 16:
            found[-1][1] = int(frame) + 1
        else:
            found.append([int(frame), int(frame) + 1])
    return [(start * 0.032, end * 0.032) for start, end in found if end - start >= 8]
