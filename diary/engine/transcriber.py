"""Something that hears words, as ingest sees it; decoding and models run in their engine.

The process starts at the first recording, not when this is made. Whatever it says is checked before it goes
further: times in order and inside the recording, text bounded and printable, never more words than time
allows. Waiting is bounded by the length of the recording, and a stop is asked for every half second.
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
from diary.engine.failures import broken, failure
from diary.engine.messages import (
    Busy,
    Examine,
    Failed,
    FailureCode,
    Heard,
    Measured,
    Result,
    Transcribe,
    Work,
)
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import EngineFailed, Stopped
from diary.model.progress import Cancelled, never
from diary.model.speech import Hearing, Reached, Segment, SoundInfo

LONGEST_SECONDS = 6 * 3600
LONGEST_TEXT = 4096
"""Characters of one segment: a window of Whisper's has 448 tokens at most."""

_SILENT_SECONDS = 60.0  # without even a `Busy`
_EXAMINE_SECONDS = 120.0
_BYTES_PER_SECOND = 50_000  # the slowest decoding that is waited for
_SLOWEST = 40  # seconds of work for one second of sound: a large model on an old machine
_JOINERS = "\u200c\u200d"  # not printable by themselves, and needed to write Persian or Hindi


class EngineTranscriber:
    """Satisfies `ingest.ports.Transcriber`.

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
        self._client = EngineClient(service, [whisper.path] if whisper else [], name=self._name)
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
        limit = _EXAMINE_SECONDS + len(sound) / _BYTES_PER_SECOND
        with closing(self._results(Examine(), sound, limit, never)) as results:
            for untrusted_result in results:
                info = self._measured(untrusted_result)
        if info is None:
            raise self._nonsense()
        self._examined = (hashlib.sha256(sound).digest(), info)
        return info

    def transcribe(
        self, sound: bytes, *, hearing: Hearing, start: float = 0.0, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        """Segments in order as they are heard, and how far it is; close the iterator to stop.

        :raises diary.errors.Stopped: when `cancelled` said so.
        :raises diary.errors.RecordingDamaged: as `examine`.
        :raises diary.errors.ModelMissing: when nothing is installed that hears this language.
        :raises diary.errors.EngineFailed: when the engine crashed, timed out or answered nonsense.
        """
        named = hearing.languages if hearing.language is None else (hearing.language, *hearing.languages)
        if not all(re.fullmatch("[a-z]{2,3}", code) for code in named):
            raise failure(Failed(FailureCode.LANGUAGE_UNKNOWN), self._name)
        seconds = self._seconds(sound)
        limit = _EXAMINE_SECONDS + seconds * _SLOWEST
        last, count = 0.0, 0
        with closing(self._results(Transcribe(hearing, start), sound, limit, cancelled)) as results:
            for untrusted_result in results:
                segment = self._segment(untrusted_result, last, seconds)
                count += 1
                if count > 100 + 10 * seconds:
                    raise self._nonsense()
                last = segment.start
                yield segment

    def close(self) -> None:
        """End the engine."""
        self._client.close()

    def _results(
        self, work: Work, sound: bytes, limit: float, cancelled: Cancelled
    ) -> Generator[Result, None, None]:
        """Results without `Busy`, for at most `limit` seconds, until `cancelled`."""
        ends = time.monotonic() + limit
        with closing(self._client.stream(work, bulk=sound, timeout=_SILENT_SECONDS)) as results:
            for untrusted_result in results:
                if cancelled():
                    raise Stopped("Stopped.")
                if time.monotonic() > ends:
                    raise self._nonsense()
                if not isinstance(untrusted_result, Busy):
                    yield untrusted_result

    def _seconds(self, sound: bytes) -> float:
        if self._examined is None or self._examined[0] != hashlib.sha256(sound).digest():
            self.examine(sound)
        assert self._examined is not None  # noqa: S101 - examine has set it
        return self._examined[1].seconds

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

    def _segment(self, untrusted_result: Result, last: float, seconds: float) -> Segment:
        if not isinstance(untrusted_result, Heard):
            raise self._nonsense()
        start, end = untrusted_result.start, untrusted_result.end
        ordered = math.isfinite(start) and math.isfinite(end) and last <= start <= end <= seconds + 1
        if not (
            ordered and 0 <= untrusted_result.confidence <= 1 and len(untrusted_result.text) <= LONGEST_TEXT
        ):
            raise self._nonsense()
        text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in untrusted_result.text)
        return Segment(
            start=start, end=end, text=" ".join(text.split()), confidence=untrusted_result.confidence
        )

    def _nonsense(self) -> EngineFailed:
        self._client.close()
        return broken(self._name)


def _moment(untrusted_made: str) -> datetime | None:
    """An aware time, or None: files say all kinds of things."""
    try:
        moment = datetime.fromisoformat(untrusted_made[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year >= 1990 else None
