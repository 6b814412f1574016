"""The stores by their ports, so that a fake or a vault in their place is checked against them by mypy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from diary.ports import (
    AgeingStore,
    AttachmentKeeper,
    AttachmentReader,
    BackupMaker,
    BatchLedger,
    DeletedStore,
    DraftStore,
    EntryEditor,
    EntryStore,
    IndexState,
)
from ingest.ports import (
    GlossaryStore,
    ImportLedger,
    ObservationWriter,
    Preferences,
    ReadingState,
    RecordingStore,
    SpoolStore,
    TranscriptHistory,
)
from retrieval.ports import IndexWriter, ObservationReader, PassageIndex


class EntriesPort(EntryStore, EntryEditor, Protocol): ...


class ImportsPort(ImportLedger, BatchLedger, Protocol): ...


class PassagesPort(PassageIndex, IndexWriter, IndexState, Protocol): ...


class ObservationsPort(ObservationReader, ObservationWriter, ReadingState, Protocol): ...


class AttachmentsPort(AttachmentKeeper, AttachmentReader, Protocol): ...


class RecordingsPort(RecordingStore, TranscriptHistory, Protocol): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    entries: EntriesPort
    deleted: DeletedStore
    ageing: AgeingStore
    drafts: DraftStore
    imports: ImportsPort
    recordings: RecordingsPort
    attachments: AttachmentsPort
    passages: PassagesPort
    observations: ObservationsPort
    spools: SpoolStore
    glossary: GlossaryStore
    preferences: Preferences
    backups: BackupMaker
