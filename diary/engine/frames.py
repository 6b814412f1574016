"""Length-prefixed msgpack over a pipe: 4 bytes of length, big-endian, then one message. Never pickle.

A length of nothing or beyond the cap, or bytes that are not the expected struct, is `BadFrame`: the other
side is not believed any more. Reading waits with a time-out and can be woken by nothing else.
"""

from __future__ import annotations

import os
import select
import time
from typing import TypeVar

import msgspec

FRAME_CAP = 16 * 1024 * 1024
"""Bytes of one message at most; a batch of 4,096 vectors of 768 dimensions still fits."""

BULK_PART = 1024 * 1024
"""Bytes of file content in one `Bulk` message."""

_PREFIX = 4

Frame = TypeVar("Frame")


class BadFrame(Exception):
    """The other side sent something that is no frame of ours."""


class PipeClosed(Exception):
    """The other side is gone."""


class FrameTimeout(Exception):
    """Nothing whole came in time."""


class FrameReader:
    """Reads frames of one type from a file descriptor.

    :param kind: the struct to decode.
    """

    def __init__(self, descriptor: int, kind: type[Frame]) -> None:
        self._descriptor = descriptor
        self._decoder = msgspec.msgpack.Decoder(kind)

    def read(self, timeout: float | None = None) -> object:
        """The next frame, of the reader's type; waits at most `timeout` seconds, None: for ever.

        :raises BadFrame: when the bytes are no frame.
        :raises PipeClosed: when the other side is gone.
        :raises FrameTimeout: when no whole frame came in time.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        length = int.from_bytes(self._exactly(_PREFIX, deadline), "big")
        if not 0 < length <= FRAME_CAP:
            raise BadFrame(f"a frame of {length} bytes")
        try:
            return self._decoder.decode(self._exactly(length, deadline))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            # The message is left out on purpose: it could quote what the frame held.
            raise BadFrame("a frame of another shape") from None

    def _exactly(self, count: int, deadline: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            ready, _, _ = select.select([self._descriptor], [], [], left)
            if not ready:
                raise FrameTimeout
            got = os.read(self._descriptor, min(count - len(parts), BULK_PART))
            if not got:
                raise PipeClosed
            parts += got
        return bytes(parts)


def write_frame(descriptor: int, frame: object) -> None:
    """Write one frame whole.

    :raises BadFrame: when it is larger than the cap.
    :raises PipeClosed: when the other side is gone.
    """
    data = msgspec.msgpack.encode(frame)
    if len(data) > FRAME_CAP:
        raise BadFrame(f"a frame of {len(data)} bytes")
    view = memoryview(len(data).to_bytes(_PREFIX, "big") + data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BrokenPipeError:
            raise PipeClosed from None
