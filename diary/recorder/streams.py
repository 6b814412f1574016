"""A recording and a playback as the core sees them. What the recorder says of them is checked here: sizes,
order, finite times, and never more sound than time.

Frames arrive on the client's thread (`take`, `fail`); the rest is called by whoever records or plays.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from diary.engine.frames import BadFrame
from diary.errors import DiaryError, MicrophoneFailed, MicrophoneMissing
from diary.model.speech import RATE, Microphone
from diary.recorder.failures import KEPT, broken, failure
from diary.recorder.gaps import GapMeter
from diary.recorder.messages import (
    Block,
    Device,
    Ended,
    Last,
    Opened,
    Pause,
    Paused,
    Played,
    Request,
    Response,
    Resume,
    Sound,
    Stop,
    Trouble,
    TroubleCode,
)

Send = Callable[[Request], None]

LONGEST_BLOCK = RATE
"""Bytes of one block: half a second."""

_MOST_UNREAD = 120 * 2 * RATE  # bytes that wait for a reader; what comes then is lost, and counted so
_STOP_SECONDS = 3.0  # for the rest after a stop
_SILENT_SECONDS = 8.0  # without a word from a recorder that watches the microphone itself: it hangs
_EARLY = 3.0  # seconds of sound that may arrive before their time: what a sound server held back
_FASTER = 1.01  # than the clock, a sound card at most
_STUCK_SECONDS = 8.0  # without any of it being played
_AHEAD = 1.5  # seconds of sound that are with the recorder, to be played
_LONGEST_ID = 256
_LONGEST_NAME = 100
_PART = RATE // 2  # bytes in one frame


def checked(untrusted_device: Device) -> Microphone | None:
    """A microphone as it can be shown and remembered; None when its id can not."""
    name = "".join(c if c.isprintable() else " " for c in untrusted_device.name[:_LONGEST_NAME])
    id_ = untrusted_device.id
    if not 0 < len(id_) <= _LONGEST_ID or not id_.isprintable():
        return None
    return Microphone(
        id=id_, name=" ".join(name.split()) or id_[:_LONGEST_NAME], default=untrusted_device.default
    )


class Stream:
    """What has a number of its own in the conversation with the recorder."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._opened = False
        self._over = False
        self._failure: DiaryError | None = None

    def wait_until_open(self, seconds: float) -> bool:
        """Whether it is; False when nothing was said of it in time.

        :raises diary.errors.DiaryError: when it cannot be opened.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._opened or self._failure is not None, seconds)
            self._raise_failure()
            return self._opened

    def take(self, untrusted_body: Response) -> bool:
        """What the recorder says of it; whether this was its last word.

        :raises diary.engine.frames.BadFrame: when it makes no sense.
        """
        with self._changed:
            match untrusted_body:
                case Ended():
                    self._over = last = True
                    self._end()
                case Trouble(code=code):
                    last = True
                    self._failed(failure(code))
                case _:
                    last = False
                    self._hear(untrusted_body)
            self._changed.notify_all()
            return last

    def fail(self, error: DiaryError) -> None:
        """The recorder is gone."""
        with self._changed:
            self._failed(error)
            self._changed.notify_all()

    def _hear(self, untrusted_body: Response) -> None:
        raise BadFrame("about nothing")

    def _end(self) -> None:
        """It ended as it was asked to."""

    def _failed(self, error: DiaryError) -> None:
        if not self._over and self._failure is None:
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _say(self, request: Request) -> None:
        """Ask for something that a failure makes needless; whoever reads next is told."""
        with suppress(DiaryError):
            self._send(request)


class Capture(Stream):
    """Satisfies `ingest.ports.Capture`. :ivar microphone: which."""

    microphone: Microphone

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self._pieces: deque[bytes] = deque()
        self._unread = 0
        self._gaps = GapMeter()
        self._lost_before = 0.0
        self._dropped = 0
        self._paused = False
        self._stop_by: float | None = None
        self._began = self._last_word = time.monotonic()
        self._last_at = -math.inf
        self._samples = 0

    @property
    def lost(self) -> float:
        """Seconds of sound that did not arrive so far, by the clock; known some seconds after the gap."""
        return self._lost_before + self._gaps.lost + self._dropped / (2 * RATE)

    def read(self, timeout: float) -> bytes | None:
        """The next sound (PCM as `diary.model.speech.RATE`), at most half a second of it; empty after so many
        seconds without any, None when the recording has ended.

        :raises diary.errors.MicrophoneFailed: when it was unplugged or the sound server went away; what it
            heard before was given out.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._pieces:
                if self._over:
                    return None
                if self._failure is not None:
                    raise self._failure
                now = time.monotonic()
                self._look_at_the_clock(now)
                if now >= deadline:
                    return b""
                self._changed.wait(min(deadline - now, 0.1))
            piece = self._pieces.popleft()
            self._unread -= len(piece)
            return piece

    def pause(self) -> None:
        """Hear nothing until `resume`; the microphone is released."""
        with self._changed:
            self._paused = True
        self._say(Pause())

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused = False
            self._last_word = time.monotonic()
        self._say(Resume())

    def stop(self) -> None:
        """Give the rest out, then end."""
        with self._changed:
            if self._stop_by is not None:
                return
            self._stop_by = time.monotonic() + _STOP_SECONDS
        self._say(Stop())

    def _hear(self, untrusted_body: Response) -> None:
        self._last_word = time.monotonic()
        match untrusted_body:
            case Block():
                self._block(untrusted_body)
            case Opened() | Paused():
                # Another stretch, with a clock of its own, begins at its first block.
                self._lost_before += self._gaps.end()
                self._gaps = GapMeter()
                if isinstance(untrusted_body, Opened):
                    self._open_on(checked(untrusted_body.device))
            case _:
                raise BadFrame("not about a recording")

    def _end(self) -> None:
        self._gaps.end()

    def _failed(self, error: DiaryError) -> None:
        if self._opened and isinstance(error, MicrophoneMissing):  # it was there, and is not after a pause
            error = MicrophoneFailed(f"{error.message} {KEPT}", hint=error.hint)
        super()._failed(error)

    def _open_on(self, microphone: Microphone | None) -> None:
        if microphone is None:
            raise BadFrame("a microphone of no name")
        if not self._opened:
            self.microphone, self._opened = microphone, True

    def _block(self, untrusted_block: Block) -> None:
        sound, at, now = untrusted_block.data, untrusted_block.at, time.monotonic()
        if not 0 < len(sound) <= LONGEST_BLOCK or len(sound) % 2:
            raise BadFrame("a block of another size")
        if not (math.isfinite(at) and max(self._last_at, self._began - 1) <= at <= now + 1):
            raise BadFrame("a block of another time")
        self._samples += len(sound) // 2
        if self._samples / RATE > (now - self._began) * _FASTER + _EARLY:
            raise BadFrame("more sound than time")
        self._last_at = at
        self._gaps.block(len(sound) // 2, at)
        if self._unread + len(sound) > _MOST_UNREAD:
            self._dropped += len(sound)
            return
        self._pieces.append(sound)
        self._unread += len(sound)

    def _look_at_the_clock(self, now: float) -> None:
        if self._stop_by is not None and now > self._stop_by:
            self._over = True
        elif not self._paused and now - self._last_word > _SILENT_SECONDS:
            self._failure = failure(TroubleCode.NO_SOUND)
            self._say(Stop())  # the microphone is released when it wakes


class Playback(Stream):
    """Satisfies `ingest.ports.Playback`."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self._written = 0  # samples
        self._played = 0
        self._last_sent = False

    def write(self, sound: bytes) -> None:
        """Play this after what was given before (PCM as `diary.model.speech.RATE`); waits while 1.5 seconds
        are waiting to be played. Nothing is played after `stop` or `finish`.

        :raises diary.errors.MicrophoneFailed: when the loudspeaker or the sound server went away.
        """
        for start in range(0, len(sound), _PART):
            part = sound[start : start + _PART]
            if not self._room():
                return
            self._written += len(part) // 2
            self._send(Sound(part))

    def played(self) -> float:
        """Seconds given to the loudspeaker so far: heard a tenth of a second later, at most three."""
        with self._changed:
            self._raise_failure()
            return self._played / RATE

    def finish(self) -> bool:
        """No more comes. Wait up to a tenth of a second for the end; whether all was played.

        :raises diary.errors.MicrophoneFailed: as `write`.
        """
        if not self._last_sent and not self._over:
            self._last_sent = True
            self._say(Last())
        with self._changed:
            self._changed.wait_for(lambda: self._over, 0.1)
            self._raise_failure()
            return self._over

    def stop(self) -> None:
        """Be silent at once."""
        with self._changed:
            if self._over:
                return
            self._over = True
            self._changed.notify_all()
        self._say(Stop())

    def _hear(self, untrusted_body: Response) -> None:
        match untrusted_body:
            case Opened():
                self._opened = True
            case Played(samples=samples) if self._played <= samples <= self._written:
                self._played = samples
            case _:
                raise BadFrame("not about a playback")

    def _failed(self, error: DiaryError) -> None:
        super()._failed(error)
        self._over = True

    def _room(self) -> bool:
        """Wait until more may be sent; False when nothing more is wanted."""
        with self._changed:
            while not self._over and not self._last_sent:
                if self._written - self._played < _AHEAD * RATE:
                    return True
                before = self._played
                if not self._changed.wait(_STUCK_SECONDS) and self._played == before:
                    raise broken()
            self._raise_failure()
            return False
