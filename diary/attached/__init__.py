"""What an open diary can do with attachments: take files in, say what they are, show text, give them out.

Reached as `Session.attachments`; satisfies `diary.tui.attachment_ports.Attaching`, and what the command line
needs beside it. Rooms: `incoming` (files become attachments), `signatures` (what bytes are), `showing` (text
and facts), `outgoing` (back into a file), `names` (what such a file may be called).

Rules: a file is taken as it is, byte for byte, or not at all; what it is told by its bytes, its name is a
hint; nothing of it is run, decoded or rendered but plain text. Giving one out is always asked for by name:
what leaves the vault can be read by others. Not here: the keeping (`diary.vault.attachments`), and which
paths may be touched, which is settled before the files are sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diary.attached import incoming, outgoing, showing
from diary.attached.incoming import Offered
from diary.attached.names import file_name
from diary.attached.showing import Viewed
from diary.model.attachment import Attachment, AttachmentId
from diary.model.audit import Event
from diary.model.entry import EntryId
from diary.model.progress import Cancelled, Report, never, silent
from diary.parts import Attachments as Store
from diary.ports import EventLog
from diary.rules import NO_CLINIC, Effective

__all__ = ["Attached", "Offered", "Viewed"]


class Attached:
    """The attachments of an open diary."""

    def __init__(self, store: Store, policy: Effective = NO_CLINIC, *, audit: EventLog) -> None:
        self._store = store
        self._policy = policy
        self._audit = audit

    def add(
        self,
        entry: EntryId,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> list[Attachment]:
        """Keep copies of these files with an entry, all or none; the files stay where they are.

        :param name: what it is to be called instead of the file's name; for one file.
        :raises diary.errors.AttachmentRefused: when one cannot be read, or changed while it was.
        :raises diary.errors.EntryNotFound: or DiskFull, or Stopped; then nothing was attached.
        """
        drafts = incoming.drafts(paths, name=name, own=self._store.own_files(), report=report)
        try:
            return self._store.add(entry, drafts, cancelled=cancelled)
        finally:
            drafts.close()

    def of(self, entry: EntryId | None = None) -> list[Attachment]:
        """Those of an entry, or all, in the order they were added."""
        return self._store.of(entry)

    def get(self, attachment: AttachmentId) -> Attachment:
        """One of them.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        """
        return self._store.get(attachment)

    def view(self, attachment: AttachmentId, *, most: int = showing.MOST_SHOWN) -> Viewed:
        """What can be shown of one: the beginning of a text, the facts of a picture; reads no more than that.

        :param most: bytes of a text.
        :raises diary.errors.AttachmentNotFound: or VaultDamaged.
        """
        return showing.view(self._store.get(attachment), self._store.content(attachment), most=most)

    def export(
        self,
        attachment: AttachmentId,
        target: Path,
        *,
        replace: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Path:
        """Write one into a file, for its owner alone, where everybody who may read as its owner can read it;
        where it is then.

        :param target: a file, or a folder, in which it gets its own name made harmless, and a number when
            that is taken.
        :param replace: write in the place of a file that is there.
        :raises diary.errors.PolicyForbids: when no attachment may be given out.
        :raises diary.errors.FileExists: when something is there. :raises diary.errors.StorageFailed: when
            the disk refuses, or DiskFull, VaultDamaged, Stopped; then nothing new is there.
        """
        self.require_export()
        found = self._store.get(attachment)
        if target.is_dir():
            target, replace = outgoing.free_name(target, file_name(found.name)), False
        pieces = outgoing.counted(
            self._store.content(attachment), found.size, report=report, cancelled=cancelled
        )
        outgoing.write(pieces, target, replace=replace)
        self._audit.after(Event.EXPORTED, format="attachment", files=1)
        return target

    def require_export(self) -> None:
        """:raises diary.errors.PolicyForbids: when no attachment may be given out."""
        self._policy.require_export("attachments")

    def require_erasable(self) -> None:
        """:raises diary.errors.PolicyForbids: when none may be removed."""
        self._policy.require_erasable()

    def remove(self, attachment: AttachmentId) -> Attachment:
        """Destroy one: its key, then its file; what it was.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        """
        removed = self._store.remove(attachment)
        self._audit.after(Event.ERASED, files=1, by="person")
        return removed

    def offered(self, folder: Path) -> list[Offered]:
        """The files in a folder that could be attached, by name; links and hidden ones are left out.

        :raises diary.errors.StorageFailed: when the folder cannot be read.
        """
        return incoming.offered(folder, own=self._store.own_files())
