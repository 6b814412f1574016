"""Live sound on its way to an engine: in small pieces, and never far ahead of what is written down.

What is not sent yet stays where it comes from, on the disk and encrypted; so a slow engine costs no memory.
One thread sends (`next`), another tells how far the engine is (`reached`).
"""

from __future__ import annotations

import threading
from typing import Protocol

from diary.engine.messages import Fed, Sound, SoundEnd
from diary.model.speech import RATE

MOST_AHEAD = 60.0
"""Seconds that are sent and not written down, at most."""

_PIECE = 2 * RATE  # bytes of a second
_WAIT_SECONDS = 0.05


class GrowingSound(Protocol):
    """As `ingest.ports.GrowingSound`."""

    def read(self) -> bytes | None:
        """What came since the last call; empty when nothing came yet, None at the end."""
        ...


class LiveSound:
    """Sound as frames."""

    def __init__(self, sound: GrowingSound) -> None:
        self._sound = sound
        self._unsent = memoryview(b"")
        self._sent = 0
        self._reached = 0.0
        self._room = threading.Event()

    @property
    def seconds(self) -> float:
        """How much was sent."""
        return self._sent / (2 * RATE)

    @property
    def ahead(self) -> float:
        """Seconds that were sent and are not written down."""
        return max(0.0, self.seconds - self._reached)

    def reached(self, seconds: float) -> None:
        """All before so many seconds is written down."""
        if seconds > self._reached:
            self._reached = seconds
            self._room.set()

    def next(self) -> Fed | None:
        """The next piece of a second or less; None when there is none, after a short wait."""
        if self.ahead >= MOST_AHEAD:
            self._room.clear()
            self._room.wait(_WAIT_SECONDS)
            return None
        if not self._unsent:
            came = self._sound.read()
            if came is None:
                return SoundEnd()
            if not came:  # it has waited, or it is in memory and has nothing to wait for
                self._room.wait(_WAIT_SECONDS)
                return None
            self._unsent = memoryview(came)
        piece, self._unsent = self._unsent[:_PIECE], self._unsent[_PIECE:]
        self._sent += len(piece)
        return Sound(bytes(piece))
