"""Hear a microphone without keeping anything: the sound stays in memory until the program ends.

It is told as a recording is, so that what shows one can show this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from diary.errors import DiaryError
from diary.model.recording import Meter, Phase, SpoolId
from diary.model.speech import RATE, Segment
from ingest.loudness import Loudness
from ingest.ports import Capture, SoundDevices

LONGEST_SECONDS = 300
"""A passage is read in half a minute; memory is not filled by somebody who went away."""

_MUTED_SECONDS = 2.0
_WAIT = 0.2


class TryOut:
    """Opens microphones for a try.

    :param microphone: the id of the one to use; None is the sound system's choice.
    :ivar newest: what was heard last.
    """

    def __init__(self, devices: SoundDevices, microphone: str | None) -> None:
        self._devices = devices
        self._microphone = microphone
        self.newest: Try | None = None

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> Try:
        """Begin; `heard` is never called.

        :raises diary.errors.MicrophoneMissing: when there is none.
        """
        self.newest = Try(self._devices.record(microphone or self._microphone), meter)
        return self.newest


class Try:
    """A microphone that is heard.

    :ivar lost: seconds of sound that did not arrive, by the clock.
    """

    id = SpoolId("")
    """It has no name: nothing is kept."""

    def __init__(self, capture: Capture, meter: Callable[[Meter], None]) -> None:
        self._capture = capture
        self._meter = meter
        self._sound = bytearray()
        self._phase = Phase.OPENING
        self._loudness = Loudness()
        self._failure: DiaryError | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def sound(self) -> bytes:
        """What was heard, as `diary.model.speech.RATE`."""
        return bytes(self._sound)

    @property
    def lost(self) -> float:
        """Seconds that did not arrive."""
        return self._capture.lost

    def pause(self) -> None:
        """Hear nothing until `resume`."""
        self._capture.pause()
        self._tell(Phase.PAUSED)

    def resume(self) -> None:
        """Go on."""
        self._capture.resume()
        self._tell(Phase.RECORDING)

    def stop(self) -> None:
        """End it; all sound is there when this returns.

        :raises diary.errors.MicrophoneFailed: when it ended by itself.
        """
        self._capture.stop()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _listen(self) -> None:
        try:
            while (piece := self._capture.read(_WAIT)) is not None:
                self._sound += piece
                self._loudness.add(piece)
                if piece and self._phase is Phase.OPENING:
                    self._phase = Phase.RECORDING
                self._tell(self._phase)
                if self._seconds >= LONGEST_SECONDS:
                    break
        except DiaryError as error:
            self._failure = error
        self._tell(Phase.ENDED)

    @property
    def _seconds(self) -> float:
        return len(self._sound) / (2 * RATE)

    def _tell(self, phase: Phase) -> None:
        self._phase = phase
        self._meter(
            Meter(
                phase=phase,
                seconds=self._seconds,
                peak=self._loudness.peak,
                heard=self._loudness.heard,
                silent=self._loudness.quiet_seconds >= _MUTED_SECONDS,
                lost=self._capture.lost,
                behind=None,
                microphone=self._capture.microphone.name,
            )
        )
