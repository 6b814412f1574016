"""Writing a backup of an open vault into an empty file: a whole one, or what changed since another.

In order: the log is emptied into the main file, which then stands still (`Database.still`), and in the same
moment, with other threads kept out, the files are listed and a second connection begins to read. As it reads
the main file and no log, SQLite moves nothing into that file before it ends: the file can be copied while
other threads go on writing, into the log. Each page is authenticated on its way, by two threads (`pages`),
and each attachment by a third; what was written is read back and compared meanwhile (`blocks`). So what is
known of the bytes that passed is known of those on the disk. A recording that is removed under the copy
begins it again.

What changed is told by the tags of the pages and the random names of the attachments, which are never written
twice. A page that rotted in the vault under an unchanged tag is not copied: the base has it whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from diary.model.progress import Cancelled, Report
from diary.vault import header as header_file
from diary.vault.backups.chain import Chain
from diary.vault.backups.container import ContainerWriter
from diary.vault.backups.index import (
    DATABASE_MEMBER,
    HEADER_MEMBER,
    MANIFEST_MEMBER,
    PAGES_MEMBER,
    Base,
    ChangedPages,
)
from diary.vault.backups.manifest import manifest_of, seal_manifest
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import TAG_BYTES, PageProof, PageProver, proving, tags_of_file
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
class _Changes:
    """What an incremental holds: pages of the database, and what it leaves to its base."""

    base: Base
    pages: ChangedPages
    kept: tuple[str, ...]
    tags: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a backup that was written and came back from the disk as it was.

    :ivar tags: of all pages of the database as of that moment, authenticated but for those that it leaves to
        its base. :ivar authentic: random names of the attachments in it that are as the diary wrote them.
    """

    tags: bytes
    authentic: frozenset[str]


def write_backup(
    handle: int, source: Source, made: datetime, base: Chain | None, report: Report, cancelled: Cancelled
) -> Written:
    """Write one into an empty file, which is closed at the end, and read it back meanwhile.

    :param base: what it may go on from; a whole one is written all the same when too much has changed.
    :raises diary.vault.backups.blocks.NotAsWritten: when something else came back.
    :raises diary.errors.VaultDamaged: when the vault's own pages are spoilt.
    :raises diary.errors.Stopped: when `cancelled` said so. :raises OSError: when the disk refuses.
    """
    try:
        for _ in range(_ATTEMPTS - 1):
            with suppress(FileNotFoundError):  # removed meanwhile, with its entry
                return _Copy(handle, source, made, base).run(report, cancelled)
            os.ftruncate(handle, 0)
        with source.database.held():
            return _Copy(handle, source, made, base).run(report, cancelled)
    finally:
        os.close(handle)


class _Copy:
    """One attempt."""

    def __init__(self, handle: int, source: Source, made: datetime, base: Chain | None) -> None:
        self._handle = handle
        self._source = source
        self._made = made
        self._base = base
        self._authentic: set[str] = set()

    def run(self, report: Report, cancelled: Cancelled) -> Written:
        source = self._source
        with ExitStack() as copying:
            with source.database.held():
                copying.enter_context(source.database.still())
                reader = copying.enter_context(_reading(source))
                header = _authentic_header(source)
                sizes = _sizes(source.folder)
            changes = self._changes(sizes)
            left = {*changes.kept, DATABASE_MEMBER} if changes else set[str]()
            total = sum(size for name, size in sizes.items() if name not in left)
            total += changes.pages.size if changes else 0
            _require_room(self._handle, total)
            mover = Mover(COPYING, total, report=report, cancelled=cancelled)
            writer = copying.enter_context(
                ContainerWriter(
                    self._handle,
                    vault_id=source.vault_id,
                    made=(self._made - _EPOCH) // timedelta(microseconds=1),
                    base=changes.base if changes else None,
                )
            )
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
            return Written(tags, frozenset(self._authentic))

    def _add_database(
        self, writer: ContainerWriter, size: int, changes: _Changes | None, mover: Mover
    ) -> bytes:
        """The database, or its changed pages; the tags of all its pages."""
        page_size, path = self._source.page_size, self._source.folder / DATABASE_MEMBER
        if size % page_size:
            raise damaged("its database ends within a page")
        with proving(PageProof(self._source.key, page_size)) as prover, _opened(path) as file:
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
            check = Check(keys[file], identity=identity(self._source.vault_id, file))
        with _opened(self._source.folder / name) as opened:
            seen = check.see if check else _unseen
            writer.add_file(name, opened, size, seen=seen, moved=mover.moved)
        if check and check.is_authentic():
            self._authentic.add(file)

    def _changes(self, sizes: dict[str, int]) -> _Changes | None:
        """What changed since the base; None when it is so much that a whole one is better."""
        base, page_size, size = self._base, self._source.page_size, sizes[DATABASE_MEMBER]
        if base is None or size % page_size:
            return None
        with (
            (self._source.folder / DATABASE_MEMBER).open("rb", buffering=0) as file,
            ThreadPoolExecutor(1, thread_name_prefix="base") as beside,
        ):
            before = beside.submit(base.tags, page_size)
            tags = tags_of_file(file.fileno(), size, page_size)
            runs = _runs(tags, before.result())
        pages = ChangedPages(page_size=page_size, count=size // page_size, runs=runs)
        kept = {
            name
            for name, length in sizes.items()
            if name.startswith(f"{ATTACHMENTS}/") and name in base.names and base.file_size(name) == length
        }
        changed = pages.size + sum(
            length for name, length in sizes.items() if name not in kept and name != DATABASE_MEMBER
        )
        whole = base.links[-1].size
        if 2 * changed > sum(sizes.values()) or base.whole_size - whole + changed > whole:
            return None
        newest = base.links[0]
        return _Changes(Base(name=newest.name, sha256=newest.sum), pages, tuple(sorted(kept)), tags)


def _runs(tags: bytes, before: bytes) -> tuple[tuple[int, int], ...]:
    """Where the pages differ: number of the first, from 1, and how many."""
    runs: list[tuple[int, int]] = []
    for place in range(0, len(tags), TAG_BYTES):
        if tags[place : place + TAG_BYTES] == before[place : place + TAG_BYTES]:
            continue
        number = place // TAG_BYTES + 1
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return tuple(runs)


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
