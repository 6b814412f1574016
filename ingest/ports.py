"""What ingest needs from the world: somewhere to keep imports, recordings and observations, and something
that hears words.

The vault and the engine clients satisfy these structurally; the fakes in `tests/fakes` do too, and both pass
the suites in `tests/contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from diary.model.entry import Entry, EntryDraft, EntryId, ImportOutcome, Transcript
from diary.model.observation import ObservationDraft
from diary.model.progress import Cancelled, never
from diary.model.speech import Segment, SoundInfo


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

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        """Replace the words of a voice entry (a revision) and record who heard them."""
        ...

    def sound(self, entry: EntryId) -> bytes:
        """The bytes of the recording, as they were given.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.VaultDamaged: when they do not authenticate.
        """
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
        self, sound: bytes, *, language: str | None, cancelled: Cancelled = never
    ) -> Iterator[Segment]:
        """Segments in order as they are heard; close the iterator to stop, or answer True from `cancelled`.

        :raises diary.errors.Stopped: when `cancelled` said so while waiting for the next segment.
        :raises diary.errors.RecordingDamaged: likewise.
        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...
