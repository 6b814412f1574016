"""What ingest needs from the world: somewhere to keep imports, recordings, observations and a glossary,
microphones, and something that hears words.

The vault and the engine clients satisfy these structurally; the fakes in `tests/fakes` do too, and both pass
the suites in `tests/contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from diary.model.entry import Entry, EntryDraft, EntryId, ImportOutcome, Transcript
from diary.model.glossary import Term, TermDraft, TermId
from diary.model.observation import ObservationDraft
from diary.model.progress import Cancelled, never
from diary.model.recording import SpoolId, TranscriptVersion, Unfinished
from diary.model.speech import Hearing, Microphone, Reached, Segment, SoundInfo


class ImportLedger(Protocol):
    """Keeps imported entries in batches. Satisfied by `diary.vault.imports.Imports`."""

    def known(self, draft: EntryDraft, format: str) -> bool:
        """Whether this draft is here already: same format, source id and time, or same time, title and text.

        Different source ids of one format are different entries, whatever they say.
        """
        ...

    def add(self, drafts: Sequence[EntryDraft], *, format: str, source: str) -> ImportOutcome:
        """Keep all drafts that are not here yet, in one transaction: all or none.

        :raises diary.errors.DiskFull: and nothing was added.
        """
        ...


class RecordingStore(Protocol):
    """Keeps the sound of voice entries, encrypted. Satisfied by `diary.vault.recordings.Recordings`."""

    def keep(self, draft: EntryDraft, sound: bytes, *, name: str) -> Entry:
        """Keep a recording (the bytes of its file, unchanged) and its entry together: both or neither."""
        ...

    def keep_spool(
        self, draft: EntryDraft, spool: SpoolId, *, name: str, without_damage: bool = False
    ) -> Entry:
        """Make an entry with its recording (a WAV) of an unsaved one, which is gone then: all or nothing.

        What was noted with it becomes the entry's first transcript, or its partial one when the draft waits.

        :param without_damage: put silence of the same length where the sound does not authenticate.
        :raises diary.errors.RecordingNotFound: when there is none of this name.
        :raises diary.errors.VaultDamaged: when some of it does not authenticate; it stays unsaved.
        :raises diary.errors.DiskFull: and it stays unsaved.
        """
        ...

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        """Replace the words of a voice entry (a revision) and record who heard them; the version before
        stays in the history.
        """
        ...

    def set_partial(self, entry: EntryId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        """Keep what was written down before a stop; the entry goes on waiting.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        ...

    def partial(self, entry: EntryId) -> tuple[tuple[Segment, ...], float, str] | None:
        """What `set_partial` kept: segments, seconds and the engine; None when there is nothing, as after
        `set_transcript`.
        """
        ...

    def sound(self, entry: EntryId) -> bytes:
        """The bytes of the recording, as they were given.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.VaultDamaged: when they do not authenticate.
        """
        ...

    def forget_sound(self, entry: EntryId) -> None:
        """Destroy the recording of an entry; its words and transcripts stay. One that waited for its words
        waits no more.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        ...

    def confirm(self, entry: EntryId) -> Entry:
        """The person has read a rough draft and vouches for it: it counts like any other entry from now on.

        :raises diary.errors.EntryNotFound: when the entry is no rough draft.
        """
        ...


class TranscriptHistory(Protocol):
    """What was written down of recordings. Satisfied by `diary.vault.recordings.Recordings`."""

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        """All versions, oldest first; none when nothing was written down."""
        ...

    def heard(self, entry: EntryId) -> tuple[str | None, tuple[Segment, ...]]:
        """The newest version: who wrote it down, None when nobody yet, and the segments.

        :raises diary.errors.EntryNotFound: when the entry has neither a recording nor a transcript.
        """
        ...

    def kept_before(self, moment: datetime) -> list[EntryId]:
        """Entries that still have a recording, of status other than waiting, recorded before then."""
        ...


class OpenSpool(Protocol):
    """A recording that is being made."""

    @property
    def id(self) -> SpoolId:
        """Its name."""
        ...

    def append(self, sound: bytes) -> None:
        """Add samples (PCM as `diary.model.speech.RATE`); encrypted and on the disk when it returns.

        :raises diary.errors.DiskFull: what came before is kept, and more may be appended.
        :raises diary.errors.RecordingNotFound: when it was discarded or became an entry meanwhile.
        """
        ...

    def close(self) -> None:
        """No more comes; it stays unfinished until it becomes an entry or is discarded."""
        ...


class SpoolStore(Protocol):
    """Keeps recordings that are no entries yet. Satisfied by `diary.vault.spools.Spools`."""

    def begin(self, started: datetime) -> OpenSpool:
        """Begin one; it is there, empty, when this returns."""
        ...

    def read(self, spool: SpoolId, start: int, most: int) -> bytes:
        """Up to so many bytes of PCM from byte `start` on; empty at the end. While it grows, too.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        :raises diary.errors.VaultDamaged: when the first byte asked for is in a record that does not
            authenticate; fewer bytes are given when it comes later.
        """
        ...

    def note(self, spool: SpoolId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        """Keep what was written down of it so far, in the place of what was kept before.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        """
        ...

    def unfinished(self) -> list[Unfinished]:
        """All that are there, oldest first; a torn last record is left out of the length."""
        ...

    def discard(self, spool: SpoolId) -> None:
        """Destroy one; none of this name is no error."""
        ...


class GlossaryStore(Protocol):
    """Keeps the person's own words. Satisfied by `diary.vault.glossary.Glossary`."""

    def terms(self) -> list[Term]:
        """All, by kind and text."""
        ...

    def add(self, term: TermDraft) -> Term:
        """Keep one; one of the same text, whatever its case, and kind is replaced and keeps its number."""
        ...

    def change(self, term: Term) -> Term:
        """Put this in the place of the one of its number.

        :raises diary.errors.DiaryError: when there is none of this number, or another of its text and kind.
        """
        ...

    def remove(self, term: TermId) -> None:
        """Forget one.

        :raises diary.errors.DiaryError: when there is none of this number.
        """
        ...


class Preferences(Protocol):
    """Small choices that the program remembers, encrypted: the microphone. Satisfied by
    `diary.vault.preferences.Preferences`.
    """

    def get(self, name: str) -> str | None:
        """What was chosen, or None."""
        ...

    def set(self, name: str, value: str | None) -> None:
        """Remember, or with None forget."""
        ...


class ObservationWriter(Protocol):
    """Keeps what was read of entries. Satisfied by `diary.vault.observations.Observations`."""

    def use_reader(self, version: int) -> None:
        """Name the reader's version; another than before forgets what was read and makes all unread."""
        ...

    def unread(self, *, limit: int) -> list[Entry]:
        """Entries whose newest words were not read for observations yet, earliest happened first."""
        ...

    def record(self, read: Sequence[tuple[Entry, Sequence[ObservationDraft]]]) -> None:
        """Put these in the place of the entries' observations, and mark those entries read.

        One transaction. An entry deleted or revised meanwhile is left alone.
        """
        ...


class ReadingState(Protocol):
    """What was read so far. Satisfied by `diary.vault.observations.Observations`."""

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written where it lies: what was not read stays so."""
        ...

    def unread_count(self) -> int:
        """How many entries were not read yet."""
        ...

    def units(self, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        """The units that values of these keys are kept in, as (key, name, unit), the first kept first."""
        ...


class ObservationStore(ObservationWriter, ReadingState, Protocol):
    """One store is written and says what it holds."""


class Transcriber(Protocol):
    """Hears words in a recording. Satisfied by `diary.engine.transcriber.EngineTranscriber`."""

    @property
    def engine(self) -> str | None:
        """Name of what writes the words, e.g. `whisper base`; None when nothing is installed that can."""
        ...

    def examine(self, sound: bytes) -> SoundInfo:
        """Decode wholly in memory and measure.

        :raises diary.errors.RecordingDamaged: when the bytes are no recording, or a broken one.
        """
        ...

    def transcribe(
        self, sound: bytes, *, hearing: Hearing, start: float = 0.0, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        """Segments in order as they are heard, and how far it is, never going back; close the iterator to
        stop, or answer True from `cancelled`.

        :param start: seconds to leave out: where a stopped transcription had `Reached`.
        :raises diary.errors.Stopped: when `cancelled` said so while waiting for the next segment.
        :raises diary.errors.RecordingDamaged: likewise.
        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...


class GrowingSound(Protocol):
    """Sound that is still being made."""

    def read(self) -> bytes | None:
        """What came since the last call (PCM as `diary.model.speech.RATE`), waiting a little for it; empty
        when nothing came yet, None at the end.
        """
        ...


class LiveTranscriber(Protocol):
    """Hears words while they are spoken. Satisfied by `diary.engine.transcriber.EngineTranscriber`."""

    def listen(
        self, sound: GrowingSound, *, hearing: Hearing, cancelled: Cancelled = never
    ) -> Iterator[Segment | Reached]:
        """Segments as their sentences end (a pause of half a second), and how far it is.

        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...

    def samples(self, sound: bytes, *, start: float = 0.0) -> Iterator[bytes]:
        """A recording of any format as PCM, from `start` seconds on, in pieces of a second or less.

        :raises diary.errors.RecordingDamaged: when it does not decode.
        """
        ...


class Capture(Protocol):
    """A microphone that is open. Satisfied by `diary.recorder.client.Capture`."""

    @property
    def microphone(self) -> Microphone:
        """Which."""
        ...

    def read(self, timeout: float) -> bytes | None:
        """The next sound (PCM as `diary.model.speech.RATE`), at most half a second of it; empty after so many
        seconds without any, None when the recording has ended.

        :raises diary.errors.MicrophoneFailed: when it was unplugged or the sound server went away.
        """
        ...

    @property
    def lost(self) -> float:
        """Seconds of sound that did not arrive so far, by the clock."""
        ...

    def pause(self) -> None:
        """Hear nothing until `resume`; the microphone is released."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def stop(self) -> None:
        """Give the rest out, then end."""
        ...


class Playback(Protocol):
    """Sound that is being played. Satisfied by `diary.recorder.client.Playback`."""

    def write(self, sound: bytes) -> None:
        """Play this after what was given before (PCM as `diary.model.speech.RATE`); waits while much is
        waiting to be played.
        """
        ...

    def played(self) -> float:
        """Seconds played so far."""
        ...

    def finish(self) -> bool:
        """Wait up to a tenth of a second for the end; whether all was played."""
        ...

    def stop(self) -> None:
        """Be silent at once."""
        ...


class SoundDevices(Protocol):
    """Microphones and the loudspeaker. Satisfied by `diary.recorder.client.RecorderClient`."""

    def microphones(self) -> list[Microphone]:
        """What can be recorded from, the sound system's own choice first.

        :raises diary.errors.MicrophoneMissing: with the reason, when there is none.
        """
        ...

    def record(self, microphone: str | None) -> Capture:
        """Open one by its id, or the sound system's own choice.

        :raises diary.errors.MicrophoneMissing: when there is none, or not this one.
        """
        ...

    def play(self) -> Playback:
        """Open the loudspeaker.

        :raises diary.errors.MicrophoneMissing: when there is none.
        """
        ...
