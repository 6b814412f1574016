"""What is told of a backup: what it holds, how it was made, and whether it restores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupContents:
    """What one backup holds.

    :ivar made: when, with the UTC offset of the machine then.
    :ivar newest: the latest day that an entry is about; None without entries.
    :ivar recordings: sound of entries. :ivar unsaved: recordings that are no entries yet.
    :ivar size: of the file, in bytes.
    """

    made: datetime
    entries: int
    newest: date | None
    recordings: int
    unsaved: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade:
    """A backup that was restored and compared before this was said.

    :ivar findings: what was spoilt in the vault already, in sentences.
    :ivar needs: names of the backups beside it that it goes on from; empty for a whole one.
    :ivar notes: what was met on the way, in sentences: an earlier backup that is spoilt.
    :ivar removed: older backups that went, by rotation.
    :ivar written_seconds: until it was on the disk. :ivar verified_seconds: for restoring and comparing.
    """

    file: Path
    contents: BackupContents
    findings: tuple[str, ...]
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    removed: tuple[Path, ...]
    written_seconds: float
    verified_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """The last backup that was made and verified, as the vault remembers it.

    :ivar findings: what was spoilt in the vault then, in sentences; empty for a good one.
    :ivar needs: names of the backups that it goes on from, the whole one last.
    """

    made: datetime
    file: str
    entries: int
    findings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDue:
    """A backup should be made.

    :ivar days: since the last good one; None when there was none yet.
    :ivar folder: whether the settings say where it goes.
    """

    days: int | None
    folder: bool

    @property
    def words(self) -> str:
        """For the reader, in a few words."""
        return "no backup yet" if self.days is None else f"last backup {self.days} days ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """A backup that restores.

    :ivar findings: what was spoilt in the vault when it was made, in sentences.
    """

    contents: BackupContents
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """What was there of a damaged backup, in a folder, unproved.

    :ivar unread: bytes that the disk did not give. :ivar missing: files that it names and has not.
    :ivar lacks: the backup that it goes on from and that is not there; None when all are.
    """

    folder: Path
    unread: int
    missing: int
    lacks: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A vault that was made of a backup.

    :ivar aside: where the vault that was in its place is now; None when there was none.
    """

    folder: Path
    drilled: Drilled
    aside: Path | None
