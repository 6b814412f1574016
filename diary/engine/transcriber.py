"""Something that hears words, as ingest sees it; decoding and models run in their engine.

The process starts at the first recording, not when this is made. Whatever it says is checked before it goes
further (`heard`). Waiting is bounded by the length of the recording, and a stop is asked for several times a
second, while the engine starts too.

Live sound goes to the engine as it comes, at most a minute ahead of what the engine has told to be written
down: an engine that is slower than speech gets the rest later, from where it is kept.

Recordings are decoded for playing in a process of their own, so that one can be played while another is
written down.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime

from diary.engine.client import EngineClient
from diary.engine.failures import broken, failure, no_speech_model
from diary.engine.heard import HeardInOrder, Nonsense
from diary.engine.live_sound import GrowingSound, LiveSound
from diary.engine.messages import (
    Busy,
    Examine,
    Failed,
    FailureCode,
    Listen,
    Measured,
    Pcm,
    Result,
    Samples,
    Transcribe,
)
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import EngineFailed, Stopped
from diary.model.progress import Cancelled, never
from diary.model.speech import RATE, Hearing, Reached, Segment, SoundInfo

LONGEST_SECONDS = 6 * 3600

_DECODER = "the sound decoder"
_SILENT_SECONDS = 60.0  # without even a `Busy`
_BEAT_SECONDS = 0.2
_EXAMINE_SECONDS = 120.0
_BYTES_PER_SECOND = 50_000  # the slowest decoding that is waited for
_SLOWEST = 40  # seconds of work for one second of sound: a large model on an old machine


class EngineTranscriber:
    """Satisfies `ingest.ports.Transcriber` and `ingest.ports.LiveTranscriber`.

    :param whisper: the imported model; None examines recordings and leaves them waiting.
    """

    def __init__(self, whisper: WhisperFolder | None) -> None:
        self._name = "the speech engine"
        self.engine: str | None = None
        """What writes the words: `whisper NAME`, `pocketsphinx`, or None when nothing is installed."""
        service = "ingest.engines.service:serve"
        if whisper is not None:
            self._name, self.engine = "the speech model", f"whisper {whisper.name}"
            service = "ingest.engines.whisper:serve"
        self._client = EngineClient(service, [whisper.path] if whisper else [], name=self._name, lean=True)
        self._decoder = EngineClient("ingest.engines.decoding:serve", [], name=_DECODER)
        self._examined: tuple[bytes, SoundInfo] | None = None

    @classmethod
    def rough(cls) -> EngineTranscriber:
        """PocketSphinx, which needs no imported model: rough drafts only, in English."""
        made = cls(None)
        made.engine = "pocketsphinx"
        made._client = EngineClient("ingest.engines.pocketsphinx:serve", [], name=made._name)
        return made

    @property
    def pid(self) -> int | None:
        """Process number of the engine while it runs."""
        return self._client.pid

    def examine(self, sound: bytes) -> SoundInfo:
        """Decode wholly in memory and measure.

        :raises diary.errors.RecordingDamaged: when the bytes are no recording, or a broken one.
        :raises diary.errors.EngineFailed: when the engine crashed, timed out or answered nonsense.
        """
        info: SoundInfo | None = None
        ends = time.monotonic() + _EXAMINE_SECONDS + len(sound) / _BYTES_PER_SECOND
        results = self._client.stream(Examine(), bulk=sound, timeout=_SILENT_SECONDS)
        with closing(_while_wanted(results, never)) as wanted:
            for untrusted_result in wanted:
                if time.monotonic() > ends:
                    raise self._nonsense()
                if not isinstance(untrusted_result, Busy):
                    info = self._measured(untrusted_result)
        if info is None:
            raise self._nonsense()
        self._examined = (hashlib.sha256(sound).digest(), info)
        return info

    def transcribe(
        self, sound: bytes, *, hearing: Hearing, start: float = 0.0, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        """Segments in order as they are heard, and how far it is; close the iterator to stop.

        :param start: seconds to leave out: where a stopped transcription had `Reached`.
        :raises diary.errors.Stopped: when `cancelled` said so.
        :raises diary.errors.RecordingDamaged: as `examine`.
        :raises diary.errors.ModelMissing: when nothing is installed that hears this language.
        :raises diary.errors.EngineFailed: when the engine crashed, timed out or answered nonsense.
        """
        self._can(hearing)
        seconds = self._seconds(sound)
        ends = time.monotonic() + _EXAMINE_SECONDS + seconds * _SLOWEST
        heard = HeardInOrder(min(max(0.0, start), seconds))
        work = Transcribe(hearing, heard.reached)
        results = self._client.stream(work, bulk=sound, timeout=_SILENT_SECONDS, beat=_BEAT_SECONDS)
        with closing(_while_wanted(results, cancelled)) as wanted:
            for untrusted_result in wanted:
                if time.monotonic() > ends:
                    raise self._nonsense()
                if not isinstance(untrusted_result, Busy):
                    yield self._checked(heard, untrusted_result, seconds)

    def listen(
        self, sound: GrowingSound, *, hearing: Hearing, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        """Segments as their sentences end, and how far it is, while the sound is made; ends when it has ended
        and all of it is heard. Close the iterator to stop.

        :raises diary.errors.Stopped: when `cancelled` said so.
        :raises diary.errors.ModelMissing: when nothing is installed that hears this language.
        :raises diary.errors.EngineFailed: when the engine crashed, timed out or answered nonsense.
        :raises Exception: what reading the sound raised.
        """
        self._can(hearing)
        heard, live = HeardInOrder(), LiveSound(sound)
        results = self._client.stream(
            Listen(hearing), feed=live.next, timeout=_SILENT_SECONDS, beat=_BEAT_SECONDS
        )
        ends = math.inf
        with closing(_while_wanted(results, cancelled)) as wanted:
            for untrusted_result in wanted:
                if not isinstance(untrusted_result, Busy):
                    yield self._checked(heard, untrusted_result, live.seconds)
                    live.reached(heard.reached)
                    ends = math.inf
                elif not live.ahead:
                    ends = math.inf
                elif ends == math.inf:
                    ends = time.monotonic() + _EXAMINE_SECONDS + live.ahead * _SLOWEST
                elif time.monotonic() > ends:
                    raise self._nonsense()

    def samples(self, sound: bytes, *, start: float = 0.0) -> Iterator[bytes]:
        """A recording of any format as PCM, from `start` seconds on, in pieces of a second or less.

        It is decoded as the pieces are taken, and not in advance.

        :raises diary.errors.RecordingDamaged: as soon as it is known.
        :raises diary.errors.EngineFailed: when the engine crashed, timed out or answered nonsense.
        """
        given, nonsense = 0, broken(_DECODER)
        results = self._decoder.stream(Samples(start), bulk=sound, timeout=_SILENT_SECONDS)
        with closing(results):
            for untrusted_result in results:
                match untrusted_result:
                    case Busy():
                        continue
                    case Pcm(data=data) if 0 < len(data) <= 2 * RATE and len(data) % 2 == 0:
                        given += len(data)
                    case _:
                        self._decoder.close()
                        raise nonsense
                if given > 2 * RATE * (LONGEST_SECONDS + 1):
                    self._decoder.close()
                    raise nonsense
                yield data

    def close(self) -> None:
        """End the engines."""
        self._client.close()
        self._decoder.close()

    def _can(self, hearing: Hearing) -> None:
        if self.engine is None:
            raise no_speech_model()
        named = hearing.languages if hearing.language is None else (hearing.language, *hearing.languages)
        if not all(re.fullmatch("[a-z]{2,3}", code) for code in named):
            raise failure(Failed(FailureCode.LANGUAGE_UNKNOWN), self._name)

    def _seconds(self, sound: bytes) -> float:
        if self._examined is None or self._examined[0] != hashlib.sha256(sound).digest():
            self.examine(sound)
        assert self._examined is not None  # noqa: S101 - examine has set it
        return self._examined[1].seconds

    def _checked(self, heard: HeardInOrder, untrusted_result: Result, seconds: float) -> Segment | Reached:
        try:
            return heard.checked(untrusted_result, seconds)
        except Nonsense:
            raise self._nonsense() from None

    def _measured(self, untrusted_result: Result) -> SoundInfo:
        if not isinstance(untrusted_result, Measured):
            raise self._nonsense()
        seconds, speech = untrusted_result.seconds, untrusted_result.speech_seconds
        if not (
            math.isfinite(seconds) and 0 < seconds <= LONGEST_SECONDS + 1 and 0 <= speech <= seconds + 0.1
        ):
            raise self._nonsense()
        return SoundInfo(
            seconds=seconds, speech_seconds=min(speech, seconds), made=_moment(untrusted_result.made)
        )

    def _nonsense(self) -> EngineFailed:
        self.close()
        return broken(self._name)


def _while_wanted(
    results: Generator[Result, None, None], cancelled: Cancelled
) -> Generator[Result, None, None]:
    """Results until `cancelled`, which is asked after each."""
    with closing(results):
        for untrusted_result in results:
            if cancelled():
                raise Stopped("Stopped.")
            yield untrusted_result


def _moment(untrusted_made: str) -> datetime | None:
    """An aware time, or None: files say all kinds of things."""
    try:
        moment = datetime.fromisoformat(untrusted_made[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year >= 1990 else None
