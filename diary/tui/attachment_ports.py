"""What the screens need of attachments. Satisfied by `diary.attached.Attached`.

Every method may be called from a worker's thread and raises `diary.errors.DiaryError` with a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from diary.attached import Offered, Viewed
from diary.model.attachment import Attachment, AttachmentId
from diary.model.entry import EntryId
from diary.model.progress import Cancelled, Report, never, silent


class ShowingFiles(Protocol):
    """Lists and shows what is attached."""

    def of(self, entry: EntryId | None = None) -> list[Attachment]:
        """Those of an entry, in the order they were added."""
        ...

    def view(self, attachment: AttachmentId, *, most: int = ...) -> Viewed:
        """What can be shown of one; of a text at most so many bytes."""
        ...


class MovingFiles(Protocol):
    """Takes files in and gives them out, through the exchange folder."""

    def offered(self, folder: Path) -> list[Offered]:
        """The files in a folder that could be attached, by name."""
        ...

    def add(
        self,
        entry: EntryId,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> list[Attachment]:
        """Keep copies of these files with an entry, all or none; the files stay where they are."""
        ...

    def export(
        self,
        attachment: AttachmentId,
        target: Path,
        *,
        replace: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Path:
        """Write one into a file of a folder, under a name that is free; where it is then."""
        ...

    def remove(self, attachment: AttachmentId) -> Attachment:
        """Destroy one: its key, then its file; what it was."""
        ...


class Allowing(Protocol):
    """Knows at once what a clinic's policy forbids: raises PolicyForbids, and waits for nothing."""

    def require_export(self) -> None:
        """Whether one may be given out."""
        ...

    def require_erasable(self) -> None:
        """Whether one may be removed."""
        ...


class Attaching(ShowingFiles, MovingFiles, Allowing, Protocol):
    """All of it."""
