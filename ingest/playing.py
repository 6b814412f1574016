"""Plays sound: one thread gives it out, the caller's tells where it is and stops it.

The two are apart because giving out waits, on the loudspeaker or on an engine that decodes, and a person who
presses stop does not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from diary.model.progress import Cancelled
from diary.model.speech import RATE
from ingest.heard import told_to_stop
from ingest.ports import Playback

_LOOKS_EVERY = 0.05  # seconds
_PIECE = RATE // 5  # bytes of a tenth of a second: what is given out at once


def play(
    pieces: Iterator[bytes],
    playback: Playback,
    *,
    start: float,
    position: Callable[[float], None],
    cancelled: Cancelled,
) -> None:
    """Play to the end or until `cancelled`; silent when this returns.

    :param start: the second of the recording that the pieces begin with; `position` is told on from there.
    :raises diary.errors.DiaryError: what the pieces or the loudspeaker raise.
    """
    giver = _Giver(pieces, playback)
    threading.Thread(target=giver.run, name="sound to play", daemon=True).start()
    finished = False
    try:
        while not finished and not cancelled():
            position(start + playback.played())
            if giver.ended.wait(_LOOKS_EVERY):
                if giver.failure is not None:
                    raise giver.failure
                finished = playback.finish()
    finally:
        giver.stopped.set()
        if not finished:
            playback.stop()
    position(start + playback.played())


class _Giver:
    """Gives out all pieces, unless stopped."""

    def __init__(self, pieces: Iterator[bytes], playback: Playback) -> None:
        self._pieces = pieces
        self._playback = playback
        self.stopped = threading.Event()
        self.ended = threading.Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            with told_to_stop(self._pieces):
                for piece in self._pieces:
                    for at in range(0, len(piece), _PIECE):
                        if self.stopped.is_set():
                            return
                        self._playback.write(piece[at : at + _PIECE])
        except Exception as error:  # raised again where somebody hears of it
            self.failure = error
        finally:
            self.ended.set()
