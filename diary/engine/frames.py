"""Length-prefixed msgpack over a pipe: 4 bytes of length, big-endian, then one message. Never pickle.

A length of nothing or beyond the cap, or bytes that are not the expected struct, is `BadFrame`: the other
side is not believed any more. Every wait can have a time-out, writing too: a side that stops reading must
not hold the other. A read that timed out goes on where it stopped.
"""

from __future__ import annotations

import os
import select
import time
from typing import Generic, TypeVar

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
    """Nothing whole came, or could be written, in time."""


class FrameReader(Generic[Frame]):
    """Reads frames of one type from a file descriptor.

    :param kind: the struct to decode. :param cap: bytes of one message at most.
    """

    def __init__(self, descriptor: int, kind: type[Frame], cap: int = FRAME_CAP) -> None:
        self._descriptor = descriptor
        self._cap = cap
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._part = bytearray()  # of the frame that is being read, its prefix included

    def read(self, timeout: float | None = None) -> Frame:
        """The next frame; waits at most `timeout` seconds, None: for ever.

        :raises BadFrame: when the bytes are no frame.
        :raises PipeClosed: when the other side is gone.
        :raises FrameTimeout: when no whole frame came in time; the next call goes on reading it.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        self._fill(_PREFIX, deadline)
        length = int.from_bytes(self._part[:_PREFIX], "big")
        if not 0 < length <= self._cap:
            raise BadFrame(f"a frame of {length} bytes")
        self._fill(_PREFIX + length, deadline)
        whole, self._part = self._part, bytearray()
        try:
            return self._decoder.decode(memoryview(whole)[_PREFIX:])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            # The message is left out on purpose: it could quote what the frame held.
            raise BadFrame("a frame of another shape") from None

    def _fill(self, count: int, deadline: float | None) -> None:
        while len(self._part) < count:
            _wait(self._descriptor, select.POLLIN, deadline)
            got = os.read(self._descriptor, min(count - len(self._part), BULK_PART))
            if not got:
                raise PipeClosed
            self._part += got


def write_frame(descriptor: int, frame: object, timeout: float | None = None) -> None:
    """Write one frame whole. With a time-out the descriptor must not block (`os.set_blocking`).

    :param timeout: seconds at most, None: for ever. After a time-out the pipe holds half a frame.
    :raises BadFrame: when it is larger than the cap.
    :raises PipeClosed: when the other side is gone.
    :raises FrameTimeout: when the other side did not read it in time.
    """
    data = msgspec.msgpack.encode(frame)
    if len(data) > FRAME_CAP:
        raise BadFrame(f"a frame of {len(data)} bytes")
    deadline = None if timeout is None else time.monotonic() + timeout
    view = memoryview(len(data).to_bytes(_PREFIX, "big") + data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            _wait(descriptor, select.POLLOUT, deadline)
        except BrokenPipeError:
            raise PipeClosed from None


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    """Until the descriptor is ready or closed; `poll`, because `select` fails beyond 1,024 descriptors."""
    poll = select.poll()
    poll.register(descriptor, event)
    left = None if deadline is None else max(deadline - time.monotonic(), 0)
    if not poll.poll(None if left is None else left * 1000):
        raise FrameTimeout
