"""A stand-in for the engine that hears words: reads WAV, measures loudness, says what it was told to say."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from diary.errors import DiaryError, RecordingDamaged, Stopped
from diary.model.progress import Cancelled, never
from diary.model.speech import RATE, Hearing, Reached, Segment, SoundInfo, Word
from ingest.ports import GrowingSound
from tests.fakes.guard import refuse_outside_tests

LOUD = 0.02
"""Full scale is 1; a frame of 32 ms above this counts as speech."""

FRAME = 512
FRAME_SECONDS = FRAME / RATE
PAUSE = 16
"""Frames of silence that end a sentence: half a second."""

LEAST = 8
"""Frames of a sentence, at least."""


class FakeTranscriber:
    """Satisfies `ingest.ports.Transcriber` for WAV files, and `LiveTranscriber`.

    :param engine: its name; None is an installation without a model.
    :param words: what each sentence it hears says, by its number in the recording; the last one again when
        there are more.
    :param unsure: words that it gives a low confidence.
    :param failure: raised after `fails_after` segments, as an engine that dies.
    :ivar asked: the languages it was asked to transcribe in. :ivar hearings: with all that helped to hear.
    :ivar starts: where it was asked to begin.
    """

    def __init__(
        self,
        engine: str | None = "whisper fake",
        *,
        words: Sequence[str] = ("something was said",),
        unsure: Collection[str] = (),
        failure: DiaryError | None = None,
        fails_after: int = 0,
        on_transcribe: Callable[[], None] | None = None,
    ) -> None:
        refuse_outside_tests()
        self.engine = engine
        self.hearings: list[Hearing] = []
        self.starts: list[float] = []
        self.stopped = False
        self._words = words
        self._unsure = unsure
        self._failure = failure
        self._fails_after = fails_after
        self._on_transcribe = on_transcribe

    @property
    def asked(self) -> list[str | None]:
        return [hearing.language for hearing in self.hearings]

    def examine(self, sound: bytes) -> SoundInfo:
        loud = _loud_frames(_samples(sound))
        return SoundInfo(seconds=len(loud) * FRAME_SECONDS, speech_seconds=float(loud.sum()) * FRAME_SECONDS)

    def transcribe(
        self, sound: bytes, *, hearing: Hearing, start: float = 0.0, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        self._begin(hearing, start)
        try:
            loud = _loud_frames(_samples(sound))
            for number, (first, last) in enumerate(_sentences(loud)):
                if last * FRAME_SECONDS > start:
                    yield self._said(number, first, last, cancelled)
                    yield Reached(last * FRAME_SECONDS)
            yield Reached(max(start, len(loud) * FRAME_SECONDS))
        finally:
            self.stopped = True

    def listen(
        self, sound: GrowingSound, *, hearing: Hearing, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        self._begin(hearing, 0.0)
        pcm, told, length, ended = b"", 0, 0, False
        try:
            while not ended:
                if cancelled():
                    raise Stopped("Stopped.")
                piece = sound.read()
                ended = piece is None
                pcm += piece or b""
                loud = _loud_frames(np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2") / 32768)
                whole = [one for one in _sentences(loud) if ended or len(loud) - one[1] >= PAUSE]
                for first, last in whole[told:]:
                    yield self._said(told, first, last, cancelled)
                    told += 1
                    yield Reached(last * FRAME_SECONDS)
                if len(loud) > length and (ended or not loud[-PAUSE:].any()):
                    length = len(loud)
                    yield Reached(length * FRAME_SECONDS)
        finally:
            self.stopped = True

    def samples(self, sound: bytes, *, start: float = 0.0) -> Iterator[bytes]:
        pcm = (_samples(sound) * 32768).astype("<i2").tobytes()
        for at in range(2 * round(start * RATE), len(pcm), RATE):
            yield pcm[at : at + RATE]

    def _begin(self, hearing: Hearing, start: float) -> None:
        self.hearings.append(hearing)
        self.starts.append(start)
        if self._on_transcribe is not None:
            self._on_transcribe()

    def _said(self, number: int, first: int, last: int, cancelled: Cancelled) -> Segment:
        if cancelled():
            raise Stopped("Stopped.")
        if self._failure is not None and number >= self._fails_after:
            raise self._failure
        text = " ".join(self._words[min(number, len(self._words) - 1)].split())
        start, end = first * FRAME_SECONDS, last * FRAME_SECONDS
        spelt = text.split()
        edges = np.linspace(start, end, len(spelt) + 1)
        words = tuple(
            Word(
                start=float(edges[at]),
                end=float(edges[at + 1]),
                text=word,
                confidence=0.3 if word in self._unsure else 0.9,
            )
            for at, word in enumerate(spelt)
        )
        return Segment(start=start, end=end, text=text, confidence=0.9, words=words)


def _samples(sound: bytes) -> np.ndarray:
    """One channel between -1 and 1, at the rate of the file, which is taken for ours."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
            whole = len(samples) == file.getnframes() > 0
    except (wave.Error, EOFError, ValueError):
        whole = False
    if not whole:
        raise RecordingDamaged("This is no recording, or a damaged or incomplete one; nothing was kept.")
    return samples


def _loud_frames(samples: np.ndarray) -> np.ndarray:
    frames = np.pad(samples, (0, -len(samples) % FRAME)).reshape(-1, FRAME)
    loud: np.ndarray = np.abs(frames).max(axis=1) > LOUD
    return loud


def _sentences(loud: np.ndarray) -> list[tuple[int, int]]:
    """Loud stretches, with pauses below half a second counted in: first frame, frame after the last."""
    found: list[list[int]] = []
    for frame in np.flatnonzero(loud):
        if found and frame - found[-1][1] < PAUSE:
            found[-1][1] = int(frame) + 1
        else:
            found.append([int(frame), int(frame) + 1])
    return [(start, end) for start, end in found if end - start >= LEAST]
