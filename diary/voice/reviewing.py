"""Reading through what was heard: the words beside their sound, the questions they raise, the sound."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator, Sequence

from diary.errors import EntryNotFound
from diary.model.entry import Entry, EntryId
from diary.model.glossary import Doubt, SpokenObservation
from diary.model.progress import Cancelled
from diary.model.recording import SpoolId, TranscriptVersion
from diary.model.speech import RATE, Segment
from diary.voice.base import Base

_PIECE = RATE  # bytes of half a second


class Reviewing(Base):
    """Reads through what was heard, beside its sound."""

    def heard(self, entry: EntryId) -> tuple[Segment, ...]:
        """The segments of a kept voice entry's newest transcript; none when it has no recording."""
        try:
            return self._stores.recordings.heard(entry)[1]
        except EntryNotFound:
            return ()

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        """Every writing-down of it, oldest first."""
        return self._stores.recordings.transcripts(entry)

    def doubts(self, text: str) -> Sequence[Doubt]:
        """Words that sound like one of the person's medicines, and are none."""
        from ingest.glossary.doubts import doubts

        return doubts(text, self._stores.glossary.terms())

    def spoken_observations(self, text: str) -> Sequence[SpokenObservation]:
        """Observations told in words that do not stand there as `key:: value` yet."""
        from ingest.observations.spoken import spoken_observations

        return spoken_observations(text)

    def confirm(self, entry: EntryId) -> Entry:
        """Vouch for a rough draft, as it is now: it counts like any other entry.

        :raises diary.errors.EntryNotFound: when the entry is no rough draft.
        """
        confirmed = self._kept(self._stores.recordings.confirm(entry))
        self._forget_at_once(confirmed)
        return confirmed

    def play(
        self,
        sound: SpoolId | EntryId,
        *,
        start: float,
        position: Callable[[float], None],
        cancelled: Cancelled,
    ) -> None:
        """Play from `start` seconds on until the end or `cancelled`, which is obeyed within 0.2 s;
        `position` is told as it plays, in seconds of the recording.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.MicrophoneMissing: when there is nothing to play on.
        """
        from ingest.playing import play

        start = max(0.0, start)
        if isinstance(sound, str):
            pieces = self._unsaved(SpoolId(sound), start)
        else:
            pieces = self._saved(self._stores.recordings.sound(sound), start)
        play(
            pieces,
            self._engines.sound.play(),
            start=start,
            position=position,
            cancelled=lambda: cancelled() or self._closing.is_set(),
        )

    def _unsaved(self, spool: SpoolId, start: float) -> Iterator[bytes]:
        at = 2 * round(start * RATE)
        while piece := self._stores.spools.read(spool, at, _PIECE):
            at += len(piece)
            yield piece

    def _saved(self, sound: bytes, start: float) -> Iterator[bytes]:
        """Our own recordings are played as they are; what other programs made, an engine decodes."""
        samples = _own_samples(sound)
        if samples is not None:
            for at in range(2 * round(start * RATE), len(samples), _PIECE):
                yield samples[at : at + _PIECE]
            return
        yield from self._engines.transcriber.samples(sound, start=start)


def _own_samples(sound: bytes) -> bytes | None:
    """The samples of a WAV as this program writes them; None for anything else."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            ours = (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            return file.readframes(file.getnframes()) if ours else None
    except (wave.Error, EOFError, ValueError):
        return None
