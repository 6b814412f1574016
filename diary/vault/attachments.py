"""Attachments: files put with an entry, each encrypted in a file of its own with a key of its own.

Rules: content is streamed both ways, a piece of 64 KiB at a time, so that a file of any size needs the same
memory. A file is on the disk, whole, before the row that names it commits: a crash between leaves a file
that nobody can read, swept at the next opening, never a row without its file. Several that are added
together are kept together or not at all. Files are named at random; what they were called is in the row.

To remove one, its row is erased with the key, then the file is unlinked, then the log is emptied. With an
entry its attachments go too (`removal`). Not here: what a file is, and whether it may be taken
(`diary.attached`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diary.errors import AttachmentNotFound, AttachmentRefused, EntryNotFound, Stopped
from diary.model.attachment import Attachment, AttachmentDraft, AttachmentId, Content
from diary.model.entry import EntryId
from diary.model.progress import Cancelled, never
from diary.vault.ballast import Ballast
from diary.vault.connection import Database, Row
from diary.vault.failures import damaged, told_to_the_reader
from diary.vault.files import open_plain, write_synced
from diary.vault.keyed_files import identity
from diary.vault.keys import KEY_BYTES
from diary.vault.removal import ATTACHMENTS
from diary.vault.rows import clean, time_from_row, time_to_row
from diary.vault.scrubbing import Scrubber
from diary.vault.stream import NotAuthentic, seal, unseal

_SELECT = "SELECT id, entry, name, media_type, size, added, added_offset FROM attachments"
_INSERT = """
    INSERT INTO attachments(entry, file, key, name, media_type, size, added, added_offset)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A file that is on the disk and has no row yet."""

    file: str
    key: bytes
    name: str
    media_type: str
    size: int


class _Counted:
    """Content whose bytes are counted, and that ends when it is asked to."""

    def __init__(self, content: Content, cancelled: Cancelled) -> None:
        self._content = content
        self._cancelled = cancelled
        self.size = 0

    def read(self, size: int, /) -> bytes:
        if self._cancelled():
            raise Stopped("Stopped. Nothing was attached.")
        piece = self._content.read(size)
        self.size += len(piece)
        return piece


class Attachments:
    """The AttachmentKeeper and AttachmentReader of a vault.

    :param vault_id: 16 bytes that bind each file to this vault.
    :param now: the clock for `added`; aware.
    """

    def __init__(
        self,
        database: Database,
        ballast: Ballast,
        folder: Path,
        scrubber: Scrubber,
        *,
        vault_id: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._ballast = ballast
        self._scrubber = scrubber
        self._vault = folder
        self._folder = folder / ATTACHMENTS
        self._vault_id = vault_id
        self._now = now

    def add(
        self, entry: EntryId, drafts: Iterable[AttachmentDraft], *, cancelled: Cancelled = never
    ) -> list[Attachment]:
        """Keep these files with an entry, all or none; they are on the disk when it returns.

        :param drafts: each is read to its end before the next is asked for.
        :raises diary.errors.EntryNotFound: when there is no such entry, or none any more at the end.
        :raises diary.errors.AttachmentRefused: when one has no name.
        :raises diary.errors.Stopped: when `cancelled` said so. :raises diary.errors.DiskFull: no room.
        """
        self._require(entry)
        sealed: list[_Sealed] = []
        try:
            for draft in drafts:
                sealed.append(self._seal(draft, cancelled))
            with self._database.transaction():
                self._require(entry)
                moment = time_to_row(self._now())
                numbers = [self._insert(entry, one, moment) for one in sealed]
                return [self.get(number) for number in numbers]
        except BaseException:
            for one in sealed:
                self._unlink(one.file)
            raise

    def of(self, entry: EntryId | None = None) -> list[Attachment]:
        """Those of an entry, or all, in the order they were added; none for an entry that is not there."""
        if entry is None:
            return [_from_row(row) for row in self._database.rows(f"{_SELECT} ORDER BY entry, id")]
        rows = self._database.rows(f"{_SELECT} WHERE entry = ? ORDER BY id", (entry,))
        return [_from_row(row) for row in rows]

    def get(self, attachment: AttachmentId) -> Attachment:
        """One of them.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        """
        row = self._database.row(f"{_SELECT} WHERE id = ?", (attachment,))
        if row is None:
            raise _not_found(attachment)
        return _from_row(row)

    def content(self, attachment: AttachmentId) -> Iterator[bytes]:
        """Its bytes in pieces; each is as it was given, and all are there when the iterator has ended.

        :raises diary.errors.AttachmentNotFound: at once, when there is none of this number.
        :raises diary.errors.VaultDamaged: at the first piece that is not as it was written, or the last.
        """
        row = self._database.row("SELECT file, key FROM attachments WHERE id = ?", (attachment,))
        if row is None:
            raise _not_found(attachment)
        return self._pieces(attachment, row[0], row[1])

    def remove(self, attachment: AttachmentId) -> Attachment:
        """Destroy one: its key, its name and its file; what it was.

        :raises diary.errors.AttachmentNotFound: when there is none of this number.
        :raises diary.errors.DiskFull: when giving back the ballast was not enough; it is still there.
        """

        self._database.require_erasable()

        def act() -> tuple[Attachment, str]:
            with self._database.transaction():
                found = self.get(attachment)
                ((file,),) = self._database.rows("SELECT file FROM attachments WHERE id = ?", (attachment,))
                self._database.run("DELETE FROM attachments WHERE id = ?", (attachment,))
                self._scrubber.make_due()
                return found, file

        removed, file = self._ballast.make_room_for(act)
        self._unlink(file)
        self._ballast.empty_log(self._database.checkpoint)
        self._scrubber.run_now()
        return removed

    def own_files(self) -> frozenset[tuple[int, int]]:
        """Device and inode of each file of the vault itself, by which it is known under any name."""
        found = set()
        with told_to_the_reader():
            for path in self._vault.rglob("*"):
                with suppress(FileNotFoundError):  # of a temporary name, gone meanwhile
                    about = path.lstat()
                    found.add((about.st_dev, about.st_ino))
        return frozenset(found)

    def _seal(self, draft: AttachmentDraft, cancelled: Cancelled) -> _Sealed:
        name = clean(draft.name)
        if not name.strip():
            raise AttachmentRefused("A file without a name was not attached. Nothing was changed.")
        file, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        counted = _Counted(draft.content, cancelled)
        with told_to_the_reader():
            pieces = seal(counted, key, identity=identity(self._vault_id, file))
            write_synced(self._folder / file, pieces)
        return _Sealed(file, key, name, clean(draft.media_type), counted.size)

    def _insert(self, entry: EntryId, one: _Sealed, moment: tuple[int, int]) -> AttachmentId:
        values = (entry, one.file, one.key, one.name, one.media_type, one.size, *moment)
        return AttachmentId(self._database.insert(_INSERT, values))

    def _pieces(self, attachment: AttachmentId, file: str, key: bytes) -> Iterator[bytes]:
        with told_to_the_reader():
            try:
                with open_plain(self._folder / file) as source:
                    yield from unseal(source, key, identity=identity(self._vault_id, file))
            except (NotAuthentic, FileNotFoundError):
                raise damaged(f"attachment {attachment} is not as it was written") from None

    def _require(self, entry: EntryId) -> None:
        if self._database.row("SELECT 1 FROM entries WHERE id = ?", (entry,)) is None:
            raise EntryNotFound(
                f"There is no entry {entry}. Nothing was changed.", hint="See what there is with: diary list"
            )

    def _unlink(self, file: str) -> None:
        with suppress(OSError):  # swept at the next opening
            (self._folder / file).unlink(missing_ok=True)


def _from_row(row: Row) -> Attachment:
    return Attachment(
        id=AttachmentId(row[0]),
        entry=EntryId(row[1]),
        name=row[2],
        media_type=row[3],
        size=row[4],
        added=time_from_row(row[5], row[6]),
    )


def _not_found(attachment: AttachmentId) -> AttachmentNotFound:
    return AttachmentNotFound(
        f"There is no attachment {attachment}. Nothing was changed.",
        hint="See them all with: diary attachments",
    )
