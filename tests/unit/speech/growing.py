"""Sound that grows, for the tests of live hearing: as fast as it is asked for, or held at gates."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from diary.model.speech import RATE


def as_pcm(samples: NDArray[np.float32]) -> bytes:
    """As the recorder gives it."""
    return (samples * 32767).astype("<i2").tobytes()


class Growing:
    """Satisfies `ingest.ports.GrowingSound`.

    :param pieces: what comes, in order. :param gate: after this many pieces nothing comes until `open`.
    :ivar given: bytes that were read.
    """

    def __init__(self, pieces: Iterable[bytes], *, gate: int | None = None) -> None:
        self._pieces = iter(pieces)
        self._left = gate
        self._opened = threading.Event()
        self.given = 0

    def open(self) -> None:
        self._opened.set()

    def read(self) -> bytes | None:
        if self._left == 0 and not self._opened.wait(0.05):
            return b""
        if self._left:
            self._left -= 1
        piece = next(self._pieces, None)
        self.given += len(piece or b"")
        return piece


def halves(samples: NDArray[np.float32]) -> list[bytes]:
    """Pieces of half a second."""
    pcm = as_pcm(samples)
    return [pcm[at : at + RATE] for at in range(0, len(pcm), RATE)]
