"""Which parts of a recording are speech: Silero's detector from the faster-whisper wheel. Runs in the engine.

faster-whisper's own function wants the whole recording at once; here the detector's state is carried from
block to block, so that a recording of any length needs the memory of one window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from ingest.engines.sound import RATE, Samples
from ingest.utterances import Cutter, Window

FRAME = 512
CONTEXT = 64
"""The detector sees each frame of 512 samples together with the 64 before it (Silero v6)."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A window of sound: where it starts in the recording, in seconds, and its samples."""

    start: float
    samples: Samples

    @property
    def end(self) -> float:
        """Where it ends in the recording, in seconds."""
        return self.start + len(self.samples) / RATE


class Detector:
    """Probabilities of speech, frame by frame, over blocks of any length."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)
        self._context = np.zeros(CONTEXT, dtype=np.float32)

    def probabilities(self, samples: Samples) -> NDArray[np.float32]:
        """One for each 512 samples; the number of samples must be a multiple of 512."""
        if not len(samples):
            return np.zeros(0, dtype=np.float32)
        joined = np.concatenate([self._context, samples])
        frames = np.lib.stride_tricks.sliding_window_view(joined, FRAME + CONTEXT)[::FRAME]
        given = {"input": np.ascontiguousarray(frames), "h": self._h, "c": self._c}
        out, self._h, self._c = self._session.run(None, given)
        self._context = samples[-CONTEXT:]
        return np.asarray(out, dtype=np.float32).reshape(-1)


class Listener:
    """Cuts blocks into utterances as they come, and counts seconds of sound and of speech."""

    def __init__(self) -> None:
        self._detector = Detector()
        self._cutter = Cutter()
        self.held = np.zeros(0, dtype=np.float32)
        """Samples from frame `_first` on that a window to come may need."""
        self._first = 0
        self._seen = 0  # frames given to the detector
        self._samples = 0

    @property
    def seconds(self) -> float:
        """Sound heard so far."""
        return self._samples / RATE

    @property
    def speech_seconds(self) -> float:
        """Of which speech."""
        return min(self._cutter.speech_frames * FRAME / RATE, self.seconds)

    def utterances(self, blocks: Iterable[Samples]) -> Iterator[Utterance]:
        """All utterances of the recording, each as soon as it is complete."""
        for block in blocks:
            self._samples += len(block)
            self.held = np.concatenate([self.held, block])
            yield from self._detect()
        rest = -len(self.held) % FRAME
        self.held = np.concatenate([self.held, np.zeros(rest, dtype=np.float32)])
        yield from self._detect()
        yield from (self._utterance(window) for window in self._cutter.finish())

    def _detect(self) -> Iterator[Utterance]:
        fresh = self.held[(self._seen - self._first) * FRAME :]
        fresh = fresh[: len(fresh) // FRAME * FRAME]
        for probability in self._detector.probabilities(fresh):
            self._seen += 1
            for window in self._cutter.push(float(probability)):
                yield self._utterance(window)
        self._forget()

    def _utterance(self, window: Window) -> Utterance:
        samples = self.held[(window.start - self._first) * FRAME : (window.end - self._first) * FRAME]
        return Utterance(window.start * FRAME / RATE, samples)

    def _forget(self) -> None:
        gone = self._cutter.needed - self._first
        if gone > 0:
            self.held = self.held[gone * FRAME :].copy()
            self._first += gone
