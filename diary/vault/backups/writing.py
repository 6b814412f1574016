"""Writing a backup of an open vault into an empty file: a whole one, or what changed since another.

In order: the log is emptied into the main file, which then stands still (`Database.still`), and in the same
moment, with other threads kept out, the files are listed and a second connection begins to read. As it reads
the main file and no log, SQLite moves nothing into that file before it ends: the file can be copied while
other threads go on writing, into the log. Each page is authenticated on its way, by two threads (`pages`),
and each attachment by a third; what was written is read back and compared meanwhile (`blocks`). So what is
known of the bytes that passed is known of those on the disk. A recording that is removed under the copy
begins it again.

Of an incremental (`comparing`) a page that rotted in the vault under an unchanged tag is not copied: the base
has it whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from diary.model.progress import Cancelled, Report
from diary.vault import header as header_file
from diary.vault.backups.chain import Chain
from diary.vault.backups.comparing import Changes, changes_since
from diary.vault.backups.container_writer import ContainerWriter
from diary.vault.backups.index import (
    DATABASE_MEMBER,
    HEADER_MEMBER,
    MANIFEST_MEMBER,
    PAGES_MEMBER,
    ChangedPages,
)
from diary.vault.backups.manifest import manifest_of, seal_manifest
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import PageProof, PageProver, proving
from diary.vault.backups.places import no_room
from diary.vault.backups.reading import fill_from
from diary.vault.backups.sums import PIECE
from diary.vault.connection import Database, open_database
from diary.vault.failures import damaged
from diary.vault.files import names_of_ours
from diary.vault.keyed_files import all_files, identity
from diary.vault.keys import VaultKey
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.stream import Check

COPYING = "Copying (MB)"
_ATTEMPTS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open vault. :ivar vault_id: 16 bytes. :ivar page_size: of the database."""

    database: Database
    folder: Path
    key: VaultKey
    vault_id: bytes
    page_size: int


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a backup that was written and came back from the disk as it was.

    :ivar tags: of all pages of the database as of that moment; of a whole one they are authenticated.
    :ivar before: of an incremental those of what it goes on from, whose pages are as diary wrote them.
    :ivar authentic: random names of the attachments in it that are as the diary wrote them.
    :ivar reader: reads the vault as of that moment.
    """

    tags: bytes
    before: bytes | None
    authentic: frozenset[str]
    reader: Database


@contextmanager
def write_backup(
    handle: int, source: Source, made: datetime, base: Chain | None, report: Report, cancelled: Cancelled
) -> Iterator[Written]:
    """Write one into an empty file, closed by then, and read it back meanwhile. The vault can be read
    as of that moment for as long as the block lasts.

    :param base: what it may go on from; a whole one is written all the same when too much has changed.
    :raises diary.vault.backups.blocks.NotAsWritten: when something else came back.
    :raises diary.errors.BackupDamaged: when the base is not as it was written.
    :raises diary.errors.VaultDamaged: when the vault's own pages are spoilt.
    :raises diary.errors.Stopped: when `cancelled` said so. :raises OSError: when the disk refuses.
    """
    with ExitStack() as standing:
        try:
            written = _written(_Copy(handle, source, made, base, report, cancelled), standing)
        finally:
            os.close(handle)
        yield written


def _written(copy: _Copy, standing: ExitStack) -> Written:
    for _ in range(_ATTEMPTS - 1):
        with suppress(FileNotFoundError), ExitStack() as reading:  # removed meanwhile, with its entry
            written = copy.run(reading)
            standing.push(reading.pop_all())
            return written
        copy.start_again()
    with copy.source.database.held():
        return copy.run(standing)


class _Copy:
    """Writes into the file."""

    def __init__(
        self,
        handle: int,
        source: Source,
        made: datetime,
        base: Chain | None,
        report: Report,
        cancelled: Cancelled,
    ) -> None:
        self.source = source
        self._handle = handle
        self._made = made
        self._base = base
        self._report = report
        self._cancelled = cancelled
        self._authentic: set[str] = set()

    def start_again(self) -> None:
        """Forget what was written."""
        os.ftruncate(self._handle, 0)
        self._authentic.clear()

    def run(self, reading: ExitStack) -> Written:
        """One attempt.

        :param reading: until it is closed the vault stands still and is read as of this moment.
        """
        source = self.source
        with source.database.held():
            reading.enter_context(source.database.still())
            reader = reading.enter_context(_reading(source))
            header = _authentic_header(source)
            sizes = _sizes(source.folder)
        changes = self._changes(sizes)
        left = {*changes.kept, DATABASE_MEMBER} if changes else set[str]()
        total = sum(size for name, size in sizes.items() if name not in left)
        total += changes.pages.size if changes else 0
        _require_room(self._handle, total)
        mover = Mover(COPYING, total, report=self._report, cancelled=self._cancelled)
        with ContainerWriter(
            self._handle,
            vault_id=source.vault_id,
            made=(self._made - _EPOCH) // timedelta(microseconds=1),
            base=changes.base if changes else None,
        ) as writer:
            tags = self._add_database(writer, sizes[DATABASE_MEMBER], changes, mover)
            writer.add(HEADER_MEMBER, [header])
            keys = {one.file: one.key for one in all_files(reader)}
            for name in (name for name in sizes if name not in left | {DATABASE_MEMBER}):
                self._add_file(writer, name, sizes[name], keys, mover)
            manifest = manifest_of(reader, self._made, tags)
            writer.add(MANIFEST_MEMBER, [seal_manifest(manifest, source.key, vault_id=source.vault_id)])
            writer.finish(
                source.key,
                database=changes.pages if changes else None,
                kept=changes.kept if changes else (),
            )
        mover.end()
        return Written(tags, changes.before if changes else None, frozenset(self._authentic), reader)

    def _changes(self, sizes: dict[str, int]) -> Changes | None:
        if self._base is None:
            return None
        database, proof = (
            self.source.folder / DATABASE_MEMBER,
            PageProof(self.source.key, self.source.page_size),
        )
        return changes_since(self._base, database, sizes, proof, self._report, self._cancelled)

    def _add_database(
        self, writer: ContainerWriter, size: int, changes: Changes | None, mover: Mover
    ) -> bytes:
        """The database, or its changed pages; the tags of all its pages."""
        page_size, path = self.source.page_size, self.source.folder / DATABASE_MEMBER
        if size % page_size:
            raise damaged("its database ends within a page")
        with proving(PageProof(self.source.key, page_size)) as prover, _opened(path) as file:
            if changes is None:
                writer.add_database(file, size, prover, moved=mover.moved)
            else:
                writer.add(PAGES_MEMBER, mover.counted(_pages_of(file, changes.pages, prover)))
            wrong, tags = prover.finish()
        if wrong:
            raise damaged(f"{len(wrong)} pages of its database were changed")
        return tags if changes is None else changes.tags

    def _add_file(
        self, writer: ContainerWriter, name: str, size: int, keys: dict[str, bytes], mover: Mover
    ) -> None:
        """A recording or an attachment, which is authenticated on its way when the diary has its key."""
        file = name.rpartition("/")[2]
        if not name.startswith(f"{ATTACHMENTS}/") or file not in keys:
            check = None
        else:
            check = Check(keys[file], identity=identity(self.source.vault_id, file))
        with _opened(self.source.folder / name) as opened:
            seen = check.see if check else _unseen
            writer.add_file(name, opened, size, seen=seen, moved=mover.moved)
        if check and check.is_authentic():
            self._authentic.add(file)


@contextmanager
def _reading(source: Source) -> Iterator[Database]:
    """A connection that reads what the main file holds, as of this moment, and has it stay as it is."""
    reader = open_database(source.folder / DATABASE_MEMBER, source.key, page_size=source.page_size)
    try:
        reader.run("BEGIN")
        reader.rows("SELECT count(*) FROM settings")  # its moment is that of its first reading
        yield reader
    finally:
        reader.close()


def _authentic_header(source: Source) -> bytes:
    """The newest copy that is authentic: it is what opens the backup."""
    for stored in header_file.load(source.folder):
        if stored.is_authentic(source.key):
            return stored.content
    raise damaged("no copy of its header is as diary wrote it")


def _sizes(folder: Path) -> dict[str, int]:
    """The files to copy and how many bytes of each: a recording that is being made goes on growing."""
    names = [DATABASE_MEMBER]
    for inner in (ATTACHMENTS, SPOOLS):
        names += [f"{inner}/{name}" for name in names_of_ours(folder / inner)]
    return {name: (folder / name).stat().st_size for name in names}


def _pages_of(file: int, pages: ChangedPages, prover: PageProver) -> Iterator[bytes]:
    """The pages of these runs, each handed over to be proved."""
    for first, count in pages.runs:
        place, end = (first - 1) * pages.page_size, (first - 1 + count) * pages.page_size
        while place < end:
            piece = bytearray(min(PIECE, end - place))
            fill_from(file, memoryview(piece), place)
            content = bytes(piece)
            prover.take(place // pages.page_size + 1, content)
            yield content
            place += len(piece)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Closing the database's file drops the locks that SQLite holds on it; `vault.lock` keeps others out, and
    # those that keep the log out of it are on another file.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        yield handle
    finally:
        os.close(handle)


def _unseen(_: memoryview) -> None:
    """For what has no key."""


def _require_room(handle: int, total: int) -> None:
    """Told before a long copy, where the disk can be asked."""
    with suppress(OSError):
        disk = os.fstatvfs(handle)
        if disk.f_blocks and disk.f_bavail * disk.f_frsize < total:
            raise no_room()
