"""What a session needs of the vault; satisfied structurally by `diary.vault` and by the fakes in
`tests/fakes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from diary.model.attachment import Attachment, AttachmentDraft, AttachmentId
from diary.model.audit import Checkpoint, Detail, Event, Logged, ShortCode
from diary.model.backup import BackupMade, LastBackup
from diary.model.deleted import DeletedEntry
from diary.model.entry import (
    BatchId,
    Draft,
    Entry,
    EntryChanges,
    EntryDraft,
    EntryFilter,
    EntryId,
    ImportBatch,
    Revision,
)
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import Aged


class EventLog(Protocol):
    """Takes what was done to the diary. Satisfied by `diary.vault.audit.AuditLog`."""

    def after(self, event: Event, **details: Detail) -> None:
        """Log what is done already; what cannot be written is not told.

        :raises ValueError: when a detail could be something that a person wrote.
        """
        ...


class AuditTrail(EventLog, Protocol):
    """Shows the log, signs it and compares it. Satisfied by `diary.vault.audit.AuditLog`."""

    def events(self, *, last: int | None = None) -> list[Logged]:
        """All events, oldest first, or only the last few."""
        ...

    def size(self) -> int:
        """How many events there are."""
        ...

    def checkpoint(self) -> Checkpoint:
        """The log as it is now, signed."""
        ...

    def findings(self, checkpoint: Checkpoint | ShortCode | None = None) -> list[str]:
        """What is wrong with it, by itself and against a checkpoint that was kept elsewhere."""
        ...


class EntryStore(Protocol):
    """Keeps and shows entries. Satisfied by `diary.vault.entries.Entries`.

    Every write is on the disk (fsync) when it returns, and raises `diary.errors.DiskFull` or `StorageFailed`
    with nothing changed otherwise; a number that is not there raises `diary.errors.EntryNotFound`.
    """

    def add(self, draft: EntryDraft) -> Entry:
        """Keep an entry."""
        ...

    def get(self, entry: EntryId) -> Entry:
        """The entry as it is now."""
        ...

    def list(self, chosen: EntryFilter, *, limit: int | None = None, offset: int = 0) -> list[Entry]:
        """Entries that match, latest happened first."""
        ...

    def count(self) -> int:
        """How many entries there are."""
        ...


class BackupMaker(Protocol):
    """Makes backups, and remembers the last good one. Satisfied by `diary.vault.backups.making.Backups`."""

    def make(
        self,
        target: Path,
        *,
        keep: int | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> BackupMade:
        """Make one, in a folder with a name by its time, and prove that it restores; `keep` of them stay."""
        ...

    def last(self) -> LastBackup | None:
        """The last good one; None when there was none."""
        ...


class EntryEditor(Protocol):
    """Changes entries, keeping what was there. Satisfied by `diary.vault.entries.Entries`."""

    def revise(self, entry: EntryId, changes: EntryChanges) -> Entry:
        """Save a new version; the one before stays in the history."""
        ...

    def delete(self, entry: EntryId) -> None:
        """Erase the entry for good, with its revisions, passages, vectors, full-text tokens, recording and
        attachments.
        """
        ...

    def history(self, entry: EntryId) -> list[Revision]:
        """All versions, oldest first; the last is the entry as it is."""
        ...


class DeletedStore(Protocol):
    """Deleted entries that can still be brought back. Satisfied by `diary.vault.deleted.Deleted`."""

    def take_out(self, entry: EntryId, *, kept_for: timedelta) -> DeletedEntry:
        """Take an entry out of everything and keep it beside, for so long, until it is restored or erased."""
        ...

    def list(self) -> list[DeletedEntry]:
        """All that can be brought back, last deleted first."""
        ...

    def over(self, now: datetime) -> Sequence[EntryId]:
        """Those whose time is over, first deleted first."""
        ...

    def restore(self, entry: EntryId) -> Entry:
        """Bring an entry back as it was; EntryNotFound when it is not among the deleted."""
        ...

    def erase(self, entries: Sequence[EntryId], *, by: str = "person") -> int:
        """Erase deleted entries for good, all or none; how many. `by` is "person" or "retention"."""
        ...


class AgeingStore(Protocol):
    """What is old enough for a rule of retention. Satisfied by `diary.vault.ageing.Ageing`."""

    def entries(self, before: datetime) -> list[Aged]:
        """Entries that are about a day and came in as long ago as this, oldest first."""
        ...

    def versions(self, before: datetime) -> list[Aged]:
        """Older versions that were replaced then or earlier, earliest replaced first."""
        ...

    def to_condense(self, before: datetime) -> list[Aged]:
        """Of `entries` those that were not condensed yet, oldest first."""
        ...

    def condense(self, aged: Sequence[Aged], condensed: Callable[[str], str]) -> int:
        """Leave of these entries what `condensed` makes of their words; how many were still there."""
        ...

    def erase(self, aged: Sequence[Aged]) -> int:
        """Erase these for good; how many were still there."""
        ...

    def finish(self, *, report: Report = silent, cancelled: Cancelled = never) -> bool:
        """Finish an erasure that was cut short; whether nothing is left to do."""
        ...


class EmergencyNotices(Protocol):
    """Tells the owner of emergency access. Satisfied by `diary.vault.break_glass.Emergencies`."""

    def notices(self) -> Sequence[str]:
        """What was not told yet, in sentences without a full stop."""
        ...

    def told(self) -> None:
        """They were seen."""
        ...


class DraftStore(Protocol):
    """Keeps unsaved words of the editor, encrypted. Satisfied by `diary.vault.drafts.Drafts`."""

    def save(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        """Keep the words of this slot, on the disk when it returns; replaces what the slot held."""
        ...

    def list(self) -> list[Draft]:
        """All drafts, latest saved first."""
        ...

    def discard(self, slot: str) -> None:
        """Forget the words of this slot."""
        ...


class BatchLedger(Protocol):
    """Lists and undoes imports. Satisfied by `diary.vault.imports.Imports`."""

    def batches(self) -> Sequence[ImportBatch]:
        """The imports that can be undone, latest first."""
        ...

    def undo(self, batch: BatchId) -> int:
        """Delete what this import added and nobody edited since; the number of entries removed.

        :raises diary.errors.BatchNotFound: when there is no such import.
        """
        ...


class AttachmentKeeper(Protocol):
    """Keeps files with entries, encrypted. Satisfied by `diary.vault.attachments.Attachments`."""

    def add(
        self, entry: EntryId, drafts: Iterable[AttachmentDraft], *, cancelled: Cancelled = never
    ) -> list[Attachment]:
        """Keep these files with an entry, all or none; they are on the disk when it returns.

        :param drafts: each is read to its end before the next is asked for.
        :raises diary.errors.EntryNotFound: when there is no such entry, or none any more at the end.
        :raises diary.errors.AttachmentRefused: when one has no name.
        :raises diary.errors.Stopped: when `cancelled` said so. :raises diary.errors.DiskFull: no room.
        """
        ...

    def remove(self, attachment: AttachmentId) -> Attachment:
        """Destroy one: its key, its name and its file; what it was.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        """
        ...

    def own_files(self) -> frozenset[tuple[int, int]]:
        """Device and inode of each file of the vault itself, by which it is known under any name."""
        ...


class AttachmentReader(Protocol):
    """Gives attachments out. Satisfied by `diary.vault.attachments.Attachments`."""

    def of(self, entry: EntryId | None = None) -> list[Attachment]:
        """Those of an entry, or all, in the order they were added; none for an entry that is not there."""
        ...

    def get(self, attachment: AttachmentId) -> Attachment:
        """One of them.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        """
        ...

    def content(self, attachment: AttachmentId) -> Iterator[bytes]:
        """Its bytes in pieces; each is as it was given, and all are there when the iterator has ended.

        :raises diary.errors.AttachmentNotFound: at once, when there is none of this number.
        :raises diary.errors.VaultDamaged: at the first piece that is not as it was written, or the last.
        """
        ...


class IndexState(Protocol):
    """How much of the diary can be searched. Satisfied by `diary.vault.passages.Passages`."""

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written where it lies: what is pending stays so, and is not found."""
        ...

    def pending_count(self) -> int:
        """How many entries are not searchable yet."""
        ...
