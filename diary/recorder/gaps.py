"""How much sound did not arrive, by the clock: what sound libraries say of it cannot be trusted.

Blocks arrive late now and then and catch up, so lateness is no loss. What stays behind for a whole window is.
Sound cards also run a little slower or faster than the computer's clock; so much is forgiven.
"""

from __future__ import annotations

from diary.model.speech import RATE

_WINDOW = 2.0  # seconds; longer than a busy machine holds a block back
_SMALLEST = 0.08  # seconds behind that are counted as lost
_DRIFT = 0.001  # of the time: ten times what a poor crystal is off


class GapMeter:
    """One stretch of recording, from its first block."""

    def __init__(self) -> None:
        self.lost = 0.0
        """Seconds of sound that did not arrive so far; known some seconds after the gap."""
        self._first: float | None = None
        self._samples = 0  # since the first block
        self._forgiven = 0.0  # seconds behind that are counted, or the card's own
        self._since = 0.0  # when the window began
        self._least = 0.0  # seconds behind, the least in the window

    def block(self, samples: int, at: float) -> None:
        """So many samples arrived, the last of them at this moment of the monotonic clock."""
        if self._first is None:
            self._first = self._since = at
            return
        self._samples += samples
        behind = at - self._first - self._samples / RATE
        self._least = min(self._least, behind)
        if at - self._since >= _WINDOW:
            rise = self._least - self._forgiven
            if rise >= _SMALLEST:
                self.lost += rise
                self._forgiven = self._least
            else:
                self._forgiven += min(rise, _DRIFT * (at - self._since))
            self._since, self._least = at, behind
