"""Words while they are spoken: a thread follows a recording that grows on the disk and writes it down.

The order: sound is on the disk; the engine hears it from there, so one that is slow or dead holds no sound
up; what it heard is noted beside the sound, up to where it says that all speech is written down; only then is
it told. What was told is therefore never heard twice: after a crash the engine is asked once more from where
it was, and after a second one not again. The rest is written down when the recording has ended
(`diary.voice.Voice.hear`).

Not here: the microphone (`ingest.recording`), the model (`ingest.engines`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from diary.errors import DiaryError, EngineFailed, Stopped
from diary.model.recording import SpoolId
from diary.model.speech import RATE, Hearing, Reached, Segment
from ingest.heard import moved, told_to_stop
from ingest.ports import LiveTranscriber, SpoolStore

BYTES_PER_SECOND = 2 * RATE
LATER = "The words will be written down when the recording has ended."

HUSH_SECONDS = 2.2
"""Longer than any silence that an engine waits for before a sentence has ended (`ingest.utterances`)."""

_ON_ITS_WAY = 0.4  # seconds that the last sound takes from the microphone to the disk, at most
_WAIT_SECONDS = 0.2  # for more sound; a stop is seen as soon
_MOST_BYTES = 4 * BYTES_PER_SECOND  # at once, when the engine has fallen behind
_NOTE_SECONDS = 15.0  # without a word, how far it is is noted as often as this


class Growth:
    """How much of a recording is on the disk; one thread says so, another waits for more."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._length = 0
        self._ended = False
        self._paused: float | None = None

    @property
    def length(self) -> int:
        """Bytes so far."""
        return self._length

    def add(self, length: int) -> None:
        """So many more bytes are on the disk."""
        with self._changed:
            self._length += length
            self._changed.notify_all()

    def pause(self) -> None:
        """No more is expected for now, but for what is on its way."""
        self._paused = time.monotonic()

    def resume(self) -> None:
        """More is expected again."""
        self._paused = None

    @property
    def rests(self) -> bool:
        """Whether it is paused, and all that was on its way has come: a sentence has ended."""
        paused = self._paused
        return paused is not None and time.monotonic() - paused > _ON_ITS_WAY

    def end(self) -> None:
        """No more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def beyond(self, position: int, timeout: float) -> tuple[int, bool]:
        """The length and whether it has ended, as soon as there is more than `position` or it has."""
        with self._changed:
            self._changed.wait_for(lambda: self._length > position or self._ended, timeout)
            return self._length, self._ended


class SpoolSound:
    """A GrowingSound: an unsaved recording from a second on, read from the disk as it grows.

    A pause of the recording is a pause for whoever listens, though no sound came: silence is given out once,
    and taken from the times again (`moment`).
    """

    def __init__(self, spools: SpoolStore, spool: SpoolId, growth: Growth, start: float) -> None:
        self._spools = spools
        self._spool = spool
        self._growth = growth
        self._start = start
        self._position = 2 * round(start * RATE)
        self._given = 0
        self._hushes: list[float] = []
        self._hushed = True  # nothing was said yet

    def read(self) -> bytes | None:
        """What came since, waiting a little; empty when nothing did, None at the end."""
        length, ended = self._growth.beyond(self._position, _WAIT_SECONDS)
        if length > self._position:
            sound = self._spools.read(self._spool, self._position, min(length - self._position, _MOST_BYTES))
            self._position += len(sound)
            self._given += len(sound)
            self._hushed = False
            return sound or None  # what was promised is not there: no waiting for it
        if ended:
            return None
        return self._hush() if self._growth.rests and not self._hushed else b""

    def moment(self, seconds: float) -> float:
        """The second of the recording that a second of what was given out is."""
        for hush in reversed(self._hushes):
            if seconds > hush:
                seconds = max(hush, seconds - HUSH_SECONDS)
        return round(self._start + seconds, 3)

    def _hush(self) -> bytes:
        self._hushed = True
        self._hushes.append(self._given / BYTES_PER_SECOND)
        silence = bytes(2 * round(HUSH_SECONDS * RATE))
        self._given += len(silence)
        return silence


class LiveWords:
    """Follows one recording in a thread of its own.

    :param write: makes of a segment what is to be written: the glossary's replacements.
    :param heard: told each segment once it is kept; called in this thread.
    :ivar note: a sentence for the reader once words are given up on for now; else empty.
    """

    def __init__(
        self,
        transcriber: LiveTranscriber,
        hearing: Hearing,
        spools: SpoolStore,
        *,
        engine: str,
        write: Callable[[Segment], Segment],
        heard: Callable[[Segment], None],
    ) -> None:
        self._transcriber = transcriber
        self._hearing = hearing
        self._spools = spools
        self._engine = engine
        self._write = write
        self._heard = heard
        self._telling = threading.Lock()
        self._cancelled = threading.Event()
        self._segments: list[Segment] = []
        self._ended = threading.Event()
        self._ended.set()
        self._noted = 0.0
        self.reached = 0.0
        self.note = ""

    def follow(self, spool: SpoolId, growth: Growth) -> None:
        """Begin."""
        self._ended.clear()
        threading.Thread(
            target=self._run, args=(spool, growth), name="words of a recording", daemon=True
        ).start()

    def stop(self) -> None:
        """Hear no more; what was written down is kept."""
        self._cancelled.set()

    def tell(self, heard: Callable[[Segment], None]) -> None:
        """Tell this one from now on: each segment is told once, to the one before or to this one."""
        with self._telling:
            self._heard = heard

    def ended(self, timeout: float) -> bool:
        """Wait for it; whether all is written down, or given up on."""
        return self._ended.wait(timeout)

    def _run(self, spool: SpoolId, growth: Growth) -> None:
        try:
            try:
                self._follow(spool, growth)
            except EngineFailed:
                if not self._cancelled.is_set():
                    self._follow(spool, growth)
        except Stopped:
            pass
        except DiaryError as error:
            self.note = f"{error.message} {LATER}"
        except Exception as error:  # the sound is safe, and the person is told instead of a traceback
            self.note = f"The words are not written down now ({type(error).__name__}). {LATER}"
        finally:
            self._ended.set()

    def _follow(self, spool: SpoolId, growth: Growth) -> None:
        sound = SpoolSound(self._spools, spool, growth, self.reached)
        new: list[Segment] = []
        events = self._transcriber.listen(sound, hearing=self._hearing, cancelled=self._cancelled.is_set)
        with told_to_stop(events):
            for event in events:
                if isinstance(event, Reached):
                    self._keep(spool, new, sound.moment(event.seconds))
                    new = []
                else:
                    new.append(self._write(moved(event, sound.moment)))
        self._keep(spool, new, max([self.reached, *(segment.end for segment in new)]), last=True)

    def _keep(self, spool: SpoolId, new: list[Segment], reached: float, *, last: bool = False) -> None:
        if new or last or reached - self._noted >= _NOTE_SECONDS:
            self._spools.note(spool, [*self._segments, *new], reached, self._engine)
            self._noted = reached
        self._segments += new
        self.reached = reached
        for segment in new:
            with self._telling, suppress(Exception):  # a screen that is gone must not end the words
                self._heard(segment)
