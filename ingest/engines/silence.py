"""Which parts of a recording are speech: Silero's detector from the faster-whisper wheel. Runs in the engine.

faster-whisper's own function wants the whole recording at once; here the detector's state is carried from
block to block, so that a recording of any length needs the memory of one window, and one that is still being
spoken can be heard.

`Listener` gives parts, each a window of sound. `packed` joins parts that were apart to fill what Whisper
encodes at once: two parts of 10 s cost one window and not two. A time in the joined sound is told as one of
the recording (`Utterance.at`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from ingest.engines.sound import RATE, Samples
from ingest.utterances import Cutter, Cutting, Window

FRAME = 512
CONTEXT = 64
"""The detector sees each frame of 512 samples together with the 64 before it (Silero v6)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A window of sound: where it starts in the recording, in seconds, and its samples."""

    start: float
    samples: Samples

    @property
    def end(self) -> float:
        """Where it ends in the recording, in seconds."""
        return self.start + len(self.samples) / RATE


@dataclass(frozen=True, slots=True)
class Utterance:
    """Parts of the recording in order, at least one, heard as one sound."""

    parts: tuple[Part, ...]

    @property
    def start(self) -> float:
        """Where the first part starts in the recording, in seconds."""
        return self.parts[0].start

    @property
    def end(self) -> float:
        """Where the last part ends."""
        return self.parts[-1].end

    @property
    def samples(self) -> Samples:
        """All parts, one after another."""
        return self.parts[0].samples if len(self.parts) == 1 else np.concatenate(self._sounds)

    @property
    def seconds(self) -> float:
        """The length of them together."""
        return sum(map(len, self._sounds)) / RATE

    @property
    def _sounds(self) -> list[Samples]:
        return [part.samples for part in self.parts]

    def part_at(self, seconds: float) -> int:
        """The number of the part in which a time of the joined sound lies."""
        for number, part in enumerate(self.parts[:-1]):
            seconds -= len(part.samples) / RATE
            if seconds < 0:
                return number
        return len(self.parts) - 1

    def at(self, seconds: float, part: int | None = None) -> float:
        """A time of the joined sound as one of the recording; inside the part.

        :param part: in which it lies; None: `part_at` says.
        """
        number = self.part_at(seconds) if part is None else part
        before = sum(map(len, self._sounds[:number])) / RATE
        inside = self.parts[number]
        return min(inside.end, inside.start + max(0.0, seconds - before))


@dataclass(frozen=True, slots=True)
class Quiet:
    """No speech before so many seconds of the recording is left to be given."""

    seconds: float


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
    """Cuts blocks into parts as they come, and counts seconds of sound and of speech.

    :param limits: where to cut. :param first: where to cut the first part.
    :param start: seconds that are decoded and in no part.
    """

    def __init__(
        self, limits: Cutting | None = None, *, first: Cutting | None = None, start: float = 0.0
    ) -> None:
        self._detector = Detector()
        self._cutter = Cutter(limits, first=first, begin=round(start * RATE / FRAME))
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

    @property
    def quiet(self) -> Quiet | None:
        """How far all speech was given; None while there is some that was not."""
        return Quiet(self._cutter.needed * FRAME / RATE) if self._cutter.quiet else None

    def parts(self, blocks: Iterable[Samples]) -> Iterator[Part]:
        """All parts of the recording, each as soon as it is complete."""
        for block in blocks:
            yield from self.heard(block)
        yield from self.ended()

    def heard(self, block: Samples) -> Iterator[Part]:
        """The parts that this block, of any length, completes."""
        self._samples += len(block)
        self.held = np.concatenate([self.held, block])
        yield from self._detect()

    def ended(self) -> Iterator[Part]:
        """The part that the end of the sound completes."""
        rest = -len(self.held) % FRAME
        self.held = np.concatenate([self.held, np.zeros(rest, dtype=np.float32)])
        yield from self._detect()
        yield from (self._part(window) for window in self._cutter.finish())

    def _detect(self) -> Iterator[Part]:
        fresh = self.held[(self._seen - self._first) * FRAME :]
        fresh = fresh[: len(fresh) // FRAME * FRAME]
        for probability in self._detector.probabilities(fresh):
            self._seen += 1
            for window in self._cutter.push(float(probability)):
                yield self._part(window)
        self._forget()

    def _part(self, window: Window) -> Part:
        end = min(window.end * FRAME, self._samples)  # the last frame is filled up with zeros
        samples = self.held[(window.start - self._first) * FRAME : end - self._first * FRAME]
        return Part(window.start * FRAME / RATE, samples)

    def _forget(self) -> None:
        gone = self._cutter.needed - self._first
        if gone > 0:
            self.held = self.held[gone * FRAME :].copy()
            self._first += gone


def packed(parts: Iterable[Part], longest: float, *, soon: bool) -> Iterator[Utterance]:
    """Parts joined while they are at most `longest` seconds together; a longer one stays alone.

    :param soon: the first part is given at once, by itself.
    """
    waiting: list[Part] = []
    length = 0.0
    for part in parts:
        seconds = len(part.samples) / RATE
        if waiting and length + seconds > longest:
            yield Utterance(tuple(waiting))
            waiting, length = [], 0.0
        waiting.append(part)
        length += seconds
        if soon:
            soon = False
            yield Utterance(tuple(waiting))
            waiting, length = [], 0.0
    if waiting:
        yield Utterance(tuple(waiting))
