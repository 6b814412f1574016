"""Where to cut sound for a model that hears at most 30 seconds at once; pure, no sound in here.

In come probabilities of speech, one for each frame of 32 ms in order (Silero's frames of 512 samples at 16
kHz); out come windows, in order and without overlap, that together hold all speech. Rules:

1. Speech begins at a probability of 0.5 and ends below 0.35 (Silero's own hysteresis).
2. A window starts 0.2 s before its speech and ends 0.2 s after.
3. It ends where silence has lasted 2 s: Whisper invents words for long silence. Once it holds a second of
   speech, a pause of a second ends it; half a second while someone speaks and waits for the words (`LIVE`).
4. It is at most 28 s long: then it is cut in its last pause of at least 0.4 s, and else, when someone talks
   without any pause, at the frame least like speech of its last 8 s.
5. A window with less than 0.25 s of speech is dropped: a click or a cough is not a sentence.
6. The first window of a recording is cut as live ones are, so that there is something to read soon.
7. Cutting from a frame on gives the windows that cutting the whole gives from there, when the frame is the
   end of one of its windows: what was stopped goes on as if it had not been.

Whisper pays for 30 s of encoding per window whatever it holds; windows are filled by joining them
(`ingest.engines.silence.packed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

FRAME_SECONDS = 0.032
BEGIN = 0.5
END = 0.35


@dataclass(frozen=True, slots=True)
class Cutting:
    """The limits above, in frames of 32 ms.

    :ivar pause: silence that ends a window which holds `enough` speech.
    """

    pad: int = 6
    longest_silence: int = 62
    pause: int = 31
    enough: int = 31
    longest_window: int = 875
    shortest_pause: int = 13
    search: int = 250
    shortest_speech: int = 8

    def within(self, seconds: float) -> Cutting:
        """The same, with windows of so many seconds at most."""
        return replace(self, longest_window=min(self.longest_window, int(seconds / FRAME_SECONDS)))


LIVE = Cutting(pause=16)
"""For someone who is speaking."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames from `start` up to, not including, `end`, of which `speech` frames are speech."""

    start: int
    end: int
    speech: int


def cut(probabilities: Iterable[float], limits: Cutting | None = None) -> list[Window]:
    """All windows of a whole recording."""
    cutter = Cutter(limits)
    windows = [window for p in probabilities for window in cutter.push(p)]
    return windows + list(cutter.finish())


class Cutter:
    """Cuts while sound arrives: `push` each frame, `finish` at the end; both yield complete windows.

    A frame before `needed` is never asked for again, so its sound can be forgotten.

    :param first: the limits until there is a window. :param begin: frames before it are in no window.
    """

    def __init__(
        self, limits: Cutting | None = None, *, first: Cutting | None = None, begin: int = 0
    ) -> None:
        self._after = limits or Cutting()
        self._limits = first or self._after
        self._frame = 0  # number of the next frame
        self._taken = begin  # end of the last window
        self._start: int | None = None  # of the open window
        self._last_speech = 0  # number of the frame after the last speech
        self._talking = False
        self._heard: list[bool] = []  # since `start`
        self._likeness: list[float] = []  # probabilities since `start`
        self.speech_frames = 0

    @property
    def needed(self) -> int:
        """The first frame that a window to come may contain."""
        if self._start is not None:
            return self._start
        return max(min(self._taken, self._frame), self._frame - self._limits.pad)

    @property
    def quiet(self) -> bool:
        """Whether no window is open."""
        return self._start is None

    def push(self, probability: float) -> Iterator[Window]:
        """Take the probability (0 to 1) of the next frame."""
        at = self._frame
        self._talking = probability >= (END if self._talking else BEGIN)
        if self._talking and self._start is None and at >= self._taken:
            self._open(max(self._taken, at - self._limits.pad))
        self._frame += 1
        if self._start is None:
            return
        self._note(self._talking, probability)
        if self._talking:
            self.speech_frames += 1
            self._last_speech = self._frame
        silence = self._frame - self._last_speech
        enough = silence >= self._limits.pause and sum(self._heard) >= self._limits.enough
        if enough or silence >= self._limits.longest_silence:
            yield from self._close(self._last_speech + self._limits.pad)
        elif self._frame - self._start >= self._limits.longest_window:
            yield from self._split()

    def finish(self) -> Iterator[Window]:
        """The sound has ended."""
        if self._start is not None:
            yield from self._close(min(self._frame, self._last_speech + self._limits.pad))

    def _open(self, start: int) -> None:
        self._start, self._heard, self._likeness = start, [], []
        for _ in range(self._frame - start):
            self._note(False, 0.0)

    def _note(self, heard: bool, likeness: float) -> None:
        self._heard.append(heard)
        self._likeness.append(likeness)

    def _close(self, end: int) -> Iterator[Window]:
        assert self._start is not None  # noqa: S101 - callers have an open window
        window = Window(self._start, end, sum(self._heard[: end - self._start]))
        self._start, self._taken = None, end
        if window.speech >= self._limits.shortest_speech:
            self._limits = self._after
            yield window

    def _split(self) -> Iterator[Window]:
        """The window is full: end it in a pause, and open the next with what is left."""
        assert self._start is not None  # noqa: S101 - only called with an open window
        start, heard, likeness = self._start, self._heard, self._likeness
        pause = _last_pause(heard, self._limits.shortest_pause)
        if pause is not None:
            end, begin = _around(pause, self._limits.pad)
        else:
            tail = range(max(1, len(likeness) - self._limits.search), len(likeness))
            end = begin = min(tail, key=lambda frame: (likeness[frame], -frame))
        yield from self._close(start + end)
        if any(heard[begin:]):
            begin = max(begin, heard.index(True, begin) - self._limits.pad)
            self._start = start + begin
            self._heard, self._likeness = heard[begin:], likeness[begin:]


def _last_pause(heard: list[bool], shortest: int) -> tuple[int, int] | None:
    """First frame and frame after the last run of silence, with speech before it, of at least `shortest`."""
    end = len(heard)
    for frame in range(len(heard) - 1, -1, -1):
        if heard[frame]:
            if end - frame - 1 >= shortest:
                return frame + 1, end
            end = frame
    return None


def _around(pause: tuple[int, int], pad: int) -> tuple[int, int]:
    """Where the window before a pause ends and the one after it begins: never overlapping."""
    middle = (pause[0] + pause[1] + 1) // 2
    return min(pause[0] + pad, middle), max(pause[1] - pad, middle)
