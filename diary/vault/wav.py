"""A recording as a WAV, made while it is read: none of it is held."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from diary.model.speech import RATE
from diary.vault.stream import PIECE

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SAMPLE_BYTES = 2
WAV_START = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""RIFF, `fmt ` and the beginning of `data`, of PCM (Microsoft and IBM, "Multimedia Programming Interface and
Data Specifications 1.0", 1991)."""


def wav_of(read: Callable[[int, int], bytes], size: int) -> tuple[io.BufferedReader, int]:
    """A file to read from, and how many bytes it has.

    :param read: gives sound (PCM as `diary.model.speech.RATE`) from a byte on, at most so many. Asked for
        one byte at the end, too, so that it can tell of sound that is there and cannot be reached.
    :param size: bytes of sound.
    """
    return io.BufferedReader(_Wav(read, size), PIECE), WAV_START.size + size


class _Wav(io.RawIOBase):
    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._read = read
        self._size = size
        self._start = _wav_start(size)
        self._place = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        begin = self._place - len(self._start)
        most = min(len(view), max(self._size - begin, 1))
        piece = self._start[self._place :][: len(view)] if begin < 0 else self._read(begin, most)
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def _wav_start(size: int) -> bytes:
    rest = WAV_START.size - 8
    fields = (16, 1, 1, RATE, RATE * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    # More than 37 hours do not fit: readers take the largest number for "to the end".
    return WAV_START.pack(
        *(b"RIFF", min(size + rest, 0xFFFFFFFF), b"WAVE", b"fmt ", *fields),
        *(b"data", min(size, 0xFFFFFFFF)),
    )
