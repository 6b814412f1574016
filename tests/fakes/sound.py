"""A stand-in for microphones and the loudspeaker: a test says what is heard, when, and what goes wrong."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence

from diary.errors import DiaryError, MicrophoneFailed, MicrophoneMissing
from diary.model.speech import RATE, Microphone
from tests.fakes.guard import refuse_outside_tests

PIECE = RATE // 2
"""Bytes of a quarter of a second, what one `read` gives at most."""

DESK = Microphone(id="desk", name="Desk microphone", default=True)
HEADSET = Microphone(id="headset", name="Headset")


def unplugged() -> MicrophoneFailed:
    """What a microphone says that went away."""
    return MicrophoneFailed("The microphone was unplugged. What it heard before is kept.")


class FakeCapture:
    """Satisfies `ingest.ports.Capture`. Any thread may call anything.

    :param sound: is there to be read at once; `hears` brings more.
    :ivar stopped, paused: what was asked of it. :ivar read_so_far: bytes given out.
    """

    def __init__(
        self, microphone: Microphone = DESK, sound: bytes = b"", failure: DiaryError | None = None
    ) -> None:
        refuse_outside_tests()
        self.microphone = microphone
        self.lost = 0.0
        self.paused = False
        self.stopped = False
        self.read_so_far = 0
        self._pieces: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._failure: DiaryError | None = None
        self.hears(sound)
        self._failure = failure

    def hears(self, sound: bytes) -> None:
        """Sound comes now; it is not heard while paused, after a stop or a failure."""
        with self._changed:
            if not (self.paused or self.stopped or self._failure):
                self._pieces.extend(sound[at : at + PIECE] for at in range(0, len(sound), PIECE))
            self._changed.notify_all()

    def loses(self, seconds: float) -> None:
        """So much more sound did not arrive."""
        self.lost += seconds

    def fails(self, failure: DiaryError | None = None) -> None:
        """It goes away; what it heard before can still be read."""
        with self._changed:
            self._failure = failure or unplugged()
            self._changed.notify_all()

    def read(self, timeout: float) -> bytes | None:
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._pieces:
                if self._failure is not None:
                    raise self._failure
                if self.stopped:
                    return None
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return b""
            piece = self._pieces.popleft()
            self.read_so_far += len(piece)
            return piece

    def wait_until_read(self, timeout: float = 5.0) -> bool:
        """Until everything it heard was read; False when that took longer."""
        deadline = time.monotonic() + timeout
        while self._pieces and time.monotonic() < deadline:
            time.sleep(0.005)
        return not self._pieces

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def stop(self) -> None:
        with self._changed:
            self.stopped = True
            self._changed.notify_all()


class FakePlayback:
    """Satisfies `ingest.ports.Playback`.

    :param at_once: all that is written counts as played; otherwise a test moves it on with `plays`.
    :ivar sound: everything written. :ivar stopped: whether it was asked to be silent.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        refuse_outside_tests()
        self.sound = b""
        self.stopped = False
        self._at_once = at_once
        self._played = 0.0

    def plays(self, seconds: float) -> None:
        """So much more is heard, of what there is."""
        self._played = min(self._played + seconds, self._written)

    def write(self, sound: bytes) -> None:
        if self.stopped:
            return
        self.sound += sound
        if self._at_once:
            self._played = self._written

    def played(self) -> float:
        return self._played

    def finish(self) -> bool:
        if self._played < self._written and not self.stopped:
            time.sleep(0.01)
        return self.stopped or self._played >= self._written

    def stop(self) -> None:
        self.stopped = True

    @property
    def _written(self) -> float:
        return len(self.sound) / (2 * RATE)


class FakeSoundDevices:
    """Satisfies `ingest.ports.SoundDevices`.

    :param microphones: what there is, the sound system's own choice first; none: MicrophoneMissing.
    :param sound: what every recording hears at once; more comes by `capture.hears`.
    :param failure: raised by a recording after that sound. :param missing: raised before anything is opened.
    :ivar captures, playbacks: everything that was opened, in order.
    """

    def __init__(
        self,
        microphones: Sequence[Microphone] = (DESK, HEADSET),
        *,
        sound: bytes = b"",
        failure: DiaryError | None = None,
        missing: DiaryError | None = None,
        plays_at_once: bool = True,
    ) -> None:
        refuse_outside_tests()
        self.captures: list[FakeCapture] = []
        self.playbacks: list[FakePlayback] = []
        self.missing = missing
        self._microphones = list(microphones)
        self._sound = sound
        self._failure = failure
        self._plays_at_once = plays_at_once

    @property
    def capture(self) -> FakeCapture:
        """The newest recording."""
        return self.captures[-1]

    def microphones(self) -> list[Microphone]:
        if self.missing is not None:
            raise self.missing
        if not self._microphones:
            raise MicrophoneMissing("No microphone was found.", hint="Plug one in and try again.")
        return list(self._microphones)

    def record(self, microphone: str | None) -> FakeCapture:
        found = self.microphones()
        chosen = [each for each in found if microphone is None or each.id == microphone]
        if not chosen:
            raise MicrophoneMissing("The chosen microphone is not there.", hint="Choose another one.")
        self.captures.append(FakeCapture(chosen[0], self._sound, self._failure))
        return self.captures[-1]

    def play(self) -> FakePlayback:
        if self.missing is not None:
            raise self.missing
        self.playbacks.append(FakePlayback(at_once=self._plays_at_once))
        return self.playbacks[-1]
