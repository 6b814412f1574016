"""What a session is made of: the stores of an open vault, the models, and what the status line shows.

The stores are named by the ports of those who use them; `diary.bootstrap` puts the vault and the engines in
their places, a test its fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from diary.model.audit import FailedAttempts
from diary.ports import (
    AgeingStore,
    AttachmentKeeper,
    AttachmentReader,
    AuditTrail,
    BackupMaker,
    BatchLedger,
    DeletedStore,
    DraftStore,
    EmergencyNotices,
    EntryEditor,
    EntryStore,
    IndexState,
)
from diary.rules import NO_CLINIC, Effective
from ingest.ports import (
    GlossaryStore,
    ImportLedger,
    LiveTranscriber,
    ObservationStore,
    Preferences,
    RecordingStore,
    SoundDevices,
    SpoolStore,
    Transcriber,
    TranscriptHistory,
)
from retrieval.ports import IndexWriter, LanguageModel, ObservationReader, PassageIndex, TextEmbedder
from retrieval.serving import Former, none_before

if TYPE_CHECKING:
    from retrieval.composing import Trust


class Entries(EntryStore, EntryEditor, Protocol):
    """One store both keeps and edits entries."""


class Imports(ImportLedger, BatchLedger, Protocol):
    """One ledger both takes and undoes imports."""


class Attachments(AttachmentKeeper, AttachmentReader, Protocol):
    """One store both keeps files and gives them out."""


class Passages(PassageIndex, IndexWriter, IndexState, Protocol):
    """One index is written, read and counted."""


class Observations(ObservationReader, ObservationStore, Protocol):
    """One store both keeps and reads observations."""


class Recordings(RecordingStore, TranscriptHistory, Protocol):
    """One store keeps recordings and what was written down of them."""


class Hearer(Transcriber, LiveTranscriber, Protocol):
    """One engine hears recordings, and what is being spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The open vault, by what it keeps.

    :ivar read_only: whether nothing can be written where it lies.
    :ivar policy: the clinic's, under which it is open.
    :ivar clock_in_doubt: why the machine's clock may be wrong; then nothing is erased by its age.
    :ivar emergencies: what the owner is to be told of emergency access.
    :ivar warnings: asked for sentences about what is amiss with it and keeps nobody from using it.
    :ivar tried: which attempts to open it failed before this opening; their sentence is a warning, too.
    """

    entries: Entries
    deleted: DeletedStore
    ageing: AgeingStore
    drafts: DraftStore
    imports: Imports
    recordings: Recordings
    attachments: Attachments
    passages: Passages
    observations: Observations
    spools: SpoolStore
    glossary: GlossaryStore
    preferences: Preferences
    backups: BackupMaker
    audit: AuditTrail
    read_only: bool = False
    clock_in_doubt: Callable[[], str | None] = lambda: None
    policy: Effective = NO_CLINIC
    warnings: Callable[[], Sequence[str]] = tuple
    tried: FailedAttempts | None = None
    emergencies: EmergencyNotices | None = None


class Warned:
    """Passes on the warnings of the vault, its log, and what its owner has to know."""

    _stores: Stores

    @property
    def warnings(self) -> Sequence[str]:
        """Sentences about what is amiss with the vault and keeps nobody from using it."""
        return self._stores.warnings()

    @property
    def tried(self) -> FailedAttempts | None:
        """Which attempts to open the diary failed before this opening."""
        return self._stores.tried

    @property
    def audit(self) -> AuditTrail:
        """The log of what was done."""
        return self._stores.audit

    def emergency_notices(self) -> Sequence[str]:
        """What the owner was not told yet of emergency access, in sentences without a full stop."""
        emergencies = self._stores.emergencies
        return () if emergencies is None else emergencies.notices()

    def emergencies_told(self) -> None:
        """The owner has seen them."""
        if self._stores.emergencies is not None:
            self._stores.emergencies.told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The models, each in its own process, started on first use; `language_model` None when none is
    installed.

    :ivar former_embedder: the embedder of a model that was used before, by its name, if it is still there.
    :ivar trust: how far the language model is trusted; asked when it is to write first.
    """

    embedder: TextEmbedder
    language_model: LanguageModel | None
    transcriber: Hearer
    rough_transcriber: Hearer
    sound: SoundDevices
    former_embedder: Former = none_before
    trust: Callable[[], Trust] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """For the status line: entries kept, entries not searchable yet, and the models' names."""

    entries: int
    pending: int
    embedder: str
    language_model: str | None
    transcriber: str | None
