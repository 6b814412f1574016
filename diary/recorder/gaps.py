"""How much sound did not arrive, by the clock: what sound libraries say of it cannot be trusted.

Blocks arrive late now and then and catch up, so lateness is no loss. What stays behind for a whole window is.
Sound cards also run a little slower or faster than the computer's clock; so much is forgiven.
"""

from __future__ import annotations

from collections import deque

from diary.model.speech import RATE

_WINDOW = 3.0  # seconds; longer than a busy machine holds a block back
_LAST_WINDOW = 1.0  # likewise, when no more blocks come
_SMALLEST = 0.1  # seconds behind that are counted as lost
_DRIFT = 0.001  # of the time: ten times what a poor crystal is off


class GapMeter:
    """One stretch of recording, from its first block."""

    def __init__(self) -> None:
        self.lost = 0.0
        """Seconds of sound that did not arrive so far; known three seconds after the gap."""
        self._first: float | None = None
        self._samples = 0  # since the first block
        self._forgiven = 0.0  # seconds behind that are counted, or the card's own
        self._recent: deque[tuple[float, float]] = deque()  # when, and how far behind

    def block(self, samples: int, at: float) -> None:
        """So many samples arrived, the last of them at this moment of the monotonic clock."""
        if self._first is None:
            self._first = at
        else:
            self._samples += samples
        before = self._recent[-1][0] if self._recent else at
        self._recent.append((at, at - self._first - self._samples / RATE))
        self._forget_before(at - _WINDOW)
        self._count(_WINDOW, at - before)

    def end(self) -> float:
        """No more comes: `lost`, with a gap that is no three seconds old."""
        if self._recent:
            self._forget_before(self._recent[-1][0] - _LAST_WINDOW)
            self._count(_LAST_WINDOW, 0.0)
        return self.lost

    def _forget_before(self, moment: float) -> None:
        while len(self._recent) > 1 and self._recent[1][0] <= moment:
            self._recent.popleft()

    def _count(self, window: float, passed: float) -> None:
        """Count what stayed behind for the whole window, if blocks came for so long."""
        if self._recent[-1][0] - self._recent[0][0] < window:
            return
        rise = min(behind for _, behind in self._recent) - self._forgiven
        if rise >= _SMALLEST:
            self.lost += rise
            self._forgiven += rise
        else:
            self._forgiven += min(rise, _DRIFT * passed)
