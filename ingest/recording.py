"""A recording that runs: sound goes from the microphone to the disk, encrypted, before anything else happens.

A thread of its own reads the microphone and appends to the spool; only then the level is measured and told.
What hears words follows the disk in another thread (`ingest.live_words`), so nothing it does can lose sound.

However it ends (`stop`, a microphone that goes away, a full disk, the lock), everything until then is kept,
the microphone is released, and `stop` raises what went wrong.

Not here: the microphone itself (`diary.recorder`), what becomes of the recording (`diary.voice`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from diary.errors import DiaryError, MicrophoneFailed
from diary.model.recording import Meter, Phase, SpoolId
from ingest.live_words import BYTES_PER_SECOND, Growth, LiveWords
from ingest.loudness import DIGITAL_SILENCE, Loudness
from ingest.ports import Capture, OpenSpool

SILENT_SECONDS = 3.0
"""Nothing but silence for longer than this is no room with somebody in it who wants to speak."""

OPENING_SECONDS = 20.0
"""A microphone that gave nothing by then will not; a headset over the air may need some seconds."""

_READ_SECONDS = 0.2  # how often the meter is told when no sound comes
_STOP_SECONDS = 10.0  # a microphone that gives no end is left behind


class RunningRecording:
    """One recording, from `begin` on. Any thread may call anything; the two callbacks must not call `stop`.

    :param meter: told how it stands, several times a second, from the recording's own thread.
    :param words: follows what is on the disk; None when nothing is installed that hears words.
    :param clock: monotonic seconds.
    """

    def __init__(
        self,
        capture: Capture,
        spool: OpenSpool,
        *,
        meter: Callable[[Meter], None],
        words: LiveWords | None,
        note: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capture = capture
        self._spool = spool
        self._meter = meter
        self._words = words
        self._note = note
        self._clock = clock
        self._loudness = Loudness()
        self._growth = Growth()
        self._phase = Phase.OPENING
        self._changing = threading.Lock()  # the phase; held for no longer than that takes
        self._writing = threading.Lock()  # to the spool
        self._sound_came = clock()
        self._failure: DiaryError | None = None
        self._ended = threading.Event()

    @property
    def id(self) -> SpoolId:
        """Its name."""
        return self._spool.id

    @property
    def running(self) -> bool:
        """Whether more sound may come."""
        return not self._ended.is_set()

    @property
    def seconds(self) -> float:
        """Of sound on the disk."""
        return self._growth.length / BYTES_PER_SECOND

    @property
    def words(self) -> LiveWords | None:
        """What writes it down."""
        return self._words

    def begin(self) -> None:
        """Read the microphone from now on."""
        if self._words is not None:
            self._words.follow(self.id, self._growth)
        threading.Thread(target=self._run, name="sound of a recording", daemon=True).start()

    def pause(self) -> None:
        """Hear nothing until `resume`; what was heard before still goes to the disk."""
        with self._changing:
            if self._phase in (Phase.ENDED, Phase.PAUSED):
                return
            self._phase = Phase.PAUSED
        self._capture.pause()
        self._growth.pause()

    def resume(self) -> None:
        """Go on; RECORDING again when the first sound is there."""
        with self._changing:
            if self._phase is not Phase.PAUSED:
                return
            self._phase = Phase.OPENING
            self._sound_came = self._clock()
        self._growth.resume()
        self._capture.resume()

    def stop(self) -> None:
        """End it; all sound is on the disk when this returns. Stopping twice is no error.

        :raises diary.errors.MicrophoneFailed: when the microphone went away; what it gave is kept.
        :raises diary.errors.DiskFull: when there was no more room; what was before is kept.
        """
        with suppress(DiaryError):  # it went away; its thread knows, and says how
            self._capture.stop()
        if not self._ended.wait(_STOP_SECONDS):
            self._end(
                MicrophoneFailed(
                    "The microphone did not stop when it was told to. What it gave until then is kept."
                )
            )
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        failure: DiaryError | None = None
        try:
            while (sound := self._capture.read(_READ_SECONDS)) is not None and self.running:
                if sound:
                    self._keep(sound)
                elif self._phase is Phase.OPENING and self._nothing_for(OPENING_SECONDS):
                    raise _gives_nothing()
                self._tell()
        except DiaryError as error:
            failure = error
        except Exception as error:  # what was said must not go down with a thread that nobody sees
            failure = MicrophoneFailed(
                f"The recording ended because of a fault in the program ({type(error).__name__}). "
                "What was recorded until then is kept."
            )
        finally:
            self._end(failure)
            with suppress(Exception):  # released, whatever state it is in
                self._capture.stop()

    def _keep(self, sound: bytes) -> None:
        """Put sound on the disk, and only then look at it."""
        with self._writing:
            if self._phase is Phase.ENDED:  # left behind, and too late
                return
            self._spool.append(sound)
        with self._changing:
            if self._phase is Phase.OPENING:
                self._phase = Phase.RECORDING
        self._growth.add(len(sound))
        self._loudness.add(sound)
        self._sound_came = self._clock()

    def _end(self, failure: DiaryError | None) -> None:
        with self._changing:
            if self._phase is Phase.ENDED:
                return
            self._phase = Phase.ENDED
            self._failure = failure
        with self._writing, suppress(DiaryError):  # every piece is on the disk already
            self._spool.close()
        self._growth.end()
        self._tell()
        self._ended.set()

    def _nothing_for(self, seconds: float) -> bool:
        return self._clock() - self._sound_came > seconds

    def _tell(self) -> None:
        with suppress(Exception):  # a screen that is gone must not end the recording
            self._meter(self._standing())

    def _standing(self) -> Meter:
        words, runs = self._words, self._phase in (Phase.OPENING, Phase.RECORDING)
        nothing_came = runs and self._nothing_for(SILENT_SECONDS)
        return Meter(
            phase=self._phase,
            seconds=self.seconds,
            peak=self._loudness.peak if self._phase is Phase.RECORDING else DIGITAL_SILENCE,
            heard=self._phase is Phase.RECORDING and not nothing_came and self._loudness.heard,
            silent=nothing_came or (runs and self._loudness.quiet_seconds > SILENT_SECONDS),
            lost=self._capture.lost,
            behind=None if words is None else max(0.0, self.seconds - words.reached),
            microphone=self._capture.microphone.name,
            note=(words.note if words is not None else "") or self._note,
        )


def _gives_nothing() -> MicrophoneFailed:
    return MicrophoneFailed(
        f"The microphone was opened, but no sound came from it for {OPENING_SECONDS:.0f} seconds, so the "
        "recording was ended. What came before is kept.",
        hint="Try again, or choose another microphone.",
    )
