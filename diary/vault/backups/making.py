"""Making a backup of an open vault, and remembering the last good one.

In order: the log is emptied into the main file, which then stands still, and in the same moment, with other
threads kept out, the files are listed and a second connection begins to sum the rows; everything is copied
into a file of an unfinished name, which is forced to the disk; that file is restored beside the vault, opened
and compared; only then it takes its name, and only then older ones go. Other threads go on writing meanwhile:
into the log. A recording that is removed under the copy begins it again.

What was spoilt in the vault is told, and such a backup replaces nothing: the one before may hold it whole.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from diary.errors import BackupDamaged, DiaryError, FileExists, NotABackup, StorageFailed
from diary.model.backup import BackupContents, BackupMade, LastBackup
from diary.model.progress import Cancelled, Report, never, silent
from diary.printable import encodable
from diary.vault import header as header_file
from diary.vault.backups.container import (
    BLOCK,
    DATABASE_MEMBER,
    HEADER_MEMBER,
    MANIFEST_MEMBER,
    Container,
    ContainerWriter,
)
from diary.vault.backups.manifest import Manifest, manifest_of, seal_manifest
from diary.vault.backups.moving import Mover
from diary.vault.backups.places import (
    Place,
    choose_place,
    create_unfinished,
    no_room,
    remove_older,
    require_ours,
    take_name,
    told_of_backup,
)
from diary.vault.backups.verifying import (
    VERIFYING,
    in_container,
    require_same,
    scratch,
    take_out,
    without_attachments,
)
from diary.vault.connection import Database, open_database
from diary.vault.failures import damaged
from diary.vault.files import names_of_ours
from diary.vault.keys import VaultKey
from diary.vault.preferences import Preferences
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS

SCRATCH = "vault.restored"
_LAST = "backup.last"
_SPOILT = "backup.spoilt"
_COPYING = "Copying (MB)"
_ATTEMPTS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Backups:
    """Makes backups of one open vault.

    :param vault_id: 16 bytes. :param page_size: of the database. :param now: the aware local time.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        key: VaultKey,
        preferences: Preferences,
        *,
        vault_id: bytes,
        page_size: int,
        now: Callable[[], datetime],
    ) -> None:
        self._page_size = page_size
        self._database = database
        self._folder = folder
        self._key = key
        self._preferences = preferences
        self._vault_id = vault_id
        self._now = now

    def make(
        self,
        target: Path,
        *,
        keep: int | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> BackupMade:
        """Make one and prove that it restores; then it has its name, and not before.

        :param target: a file; or a folder, in which it is named by its time.
        :param keep: in a folder, how many of this vault's stay there, this one included; None: all.
        :raises diary.errors.FileExists: when something is there that is no backup of this vault, or one that
            a backup of a spoilt vault would replace.
        :raises diary.errors.VaultDamaged: when the vault's own pages are spoilt.
        :raises diary.errors.DiskFull: or StorageFailed, or Stopped; then what was there before is untouched.
        """
        made = self._now()
        place = choose_place(target, made, vault=self._folder)
        require_ours(place.file, self._vault_id)
        with told_of_backup():
            handle = create_unfinished(place, self._vault_id)
            try:
                began = time.monotonic()
                self._write(handle, made, report, cancelled)
                written = time.monotonic()
                contents, findings = self._verify(place, report, cancelled)
                verified = time.monotonic()
                if findings and place.file.exists():
                    raise _spoilt(place, findings)
                take_name(place)
            finally:
                with suppress(OSError):  # the stick may be gone
                    place.unfinished.unlink(missing_ok=True)
        self._remember(place, contents, findings)
        rotates = place.rotates and keep is not None and not findings
        return BackupMade(
            file=place.file,
            contents=contents,
            findings=tuple(findings),
            removed=remove_older(place.file, self._vault_id, keep or 1) if rotates else (),
            written_seconds=written - began,
            verified_seconds=verified - written,
        )

    def last(self) -> LastBackup | None:
        """The last good backup that was made, of a vault that had lost nothing; None when there was none."""
        return self._remembered(_LAST)

    def last_spoilt(self) -> LastBackup | None:
        """One that was made after the last good one, of a vault that had lost something; or None."""
        return self._remembered(_SPOILT)

    def _remembered(self, name: str) -> LastBackup | None:
        kept = self._preferences.get(name)
        if kept is None:
            return None
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(kept, type=LastBackup)
        return None

    def sweep(self) -> None:
        """Remove what a kill left of a proof: copies under the vault's own key."""
        shutil.rmtree(self._folder / SCRATCH, ignore_errors=True)

    def _remember(self, place: Place, contents: BackupContents, findings: list[str]) -> None:
        last = LastBackup(
            made=contents.made,
            file=encodable(str(place.file)),
            entries=contents.entries,
            findings=tuple(findings),
        )
        with suppress(DiaryError):  # the backup is good all the same
            self._preferences.set(_SPOILT if findings else _LAST, msgspec.json.encode(last).decode())
            if not findings:
                self._preferences.set(_SPOILT, None)

    # Writing

    def _write(self, handle: int, made: datetime, report: Report, cancelled: Cancelled) -> None:
        with os.fdopen(handle, "wb", BLOCK) as file:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    with ExitStack() as last_attempt:
                        if attempt == _ATTEMPTS:
                            last_attempt.enter_context(self._database.held())
                        self._copy(file, made, report, cancelled)
                    return
                except FileNotFoundError:  # removed meanwhile, with its entry
                    if attempt == _ATTEMPTS:
                        raise
                    file.seek(0)
                    file.truncate()

    def _copy(self, file: BinaryIO, made: datetime, report: Report, cancelled: Cancelled) -> None:
        with ExitStack() as copying:
            with self._database.held():
                copying.enter_context(self._database.still())
                manifest = copying.enter_context(self._summed_meanwhile(made))
                header = self._header()
                sizes = self._sizes()
            total = sum(sizes.values())
            _require_room(file, total)
            mover = Mover(_COPYING, total, report=report, cancelled=cancelled)
            writer = ContainerWriter(
                file, vault_id=self._vault_id, made=(made - _EPOCH) // timedelta(microseconds=1)
            )
            self._add(writer, manifest, header, sizes, mover)
            writer.finish(self._key)
            mover.end()

    def _add(
        self,
        writer: ContainerWriter,
        manifest: Callable[[], Manifest],
        header: bytes,
        sizes: dict[str, int],
        mover: Mover,
    ) -> None:
        writer.add(HEADER_MEMBER, [header])
        for name, size in sizes.items():
            writer.add(name, mover.counted(_bytes_of(self._folder / name, size)))
        writer.add(MANIFEST_MEMBER, [seal_manifest(manifest(), self._key, vault_id=self._vault_id)])

    @contextmanager
    def _summed_meanwhile(self, made: datetime) -> Iterator[Callable[[], Manifest]]:
        """What the database holds at this moment, summed by another thread and connection while it is copied
        and written to.
        """
        stopped = threading.Event()
        reader = open_database(self._folder / DATABASE_MEMBER, self._key, page_size=self._page_size)
        try:
            reader.run("BEGIN")
            reader.rows("SELECT count(*) FROM settings")  # its moment is that of its first reading
            with ThreadPoolExecutor(max_workers=1) as other_thread:
                try:
                    summed = other_thread.submit(manifest_of, reader, made, cancelled=stopped.is_set)
                    yield summed.result
                finally:
                    stopped.set()
        finally:
            reader.close()

    def _header(self) -> bytes:
        """The newest copy that is authentic: it is what opens the backup."""
        for stored in header_file.load(self._folder):
            if stored.is_authentic(self._key):
                return stored.content
        raise damaged("no copy of its header is as diary wrote it")

    def _sizes(self) -> dict[str, int]:
        """The files to copy and how many bytes of each: a recording that is being made goes on growing."""
        names = [DATABASE_MEMBER]
        for folder in (ATTACHMENTS, SPOOLS):
            names += [f"{folder}/{name}" for name in names_of_ours(self._folder / folder)]
        return {name: (self._folder / name).stat().st_size for name in names}

    # Proving

    def _verify(self, place: Place, report: Report, cancelled: Cancelled) -> tuple[BackupContents, list[str]]:
        try:
            opened = Container.open(place.unfinished)
        except (BackupDamaged, NotABackup):
            raise _unreliable(place) from None
        with opened as container, scratch(self._folder / SCRATCH) as folder:
            mover = Mover(VERIFYING, container.size, report=report, cancelled=cancelled)
            taken_out = without_attachments(container)
            try:
                container.check(leave_out=taken_out, moved=mover.moved)
                take_out(container, folder, taken_out, mover, lasting=False)
            except BackupDamaged:
                raise _unreliable(place) from None
            try:
                manifest, findings = require_same(
                    container, folder, self._key, in_container(container), cancelled=cancelled
                )
            except BackupDamaged:
                raise damaged("a copy of it cannot be read to the end") from None
            mover.end()
            return manifest.contents(container.size), findings


def _bytes_of(path: Path, size: int) -> Iterator[bytes]:
    # Closing the database's file drops the locks that SQLite holds on it; `vault.lock` keeps others out.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as file:
        while size:
            piece = file.read(min(BLOCK, size))
            if not piece:
                raise FileNotFoundError(path.name)  # cut off: it is being removed
            yield piece
            size -= len(piece)


def _require_room(file: BinaryIO, total: int) -> None:
    """Told before a long copy, where the disk can be asked."""
    with suppress(OSError):
        disk = os.fstatvfs(file.fileno())
        if disk.f_blocks and disk.f_bavail * disk.f_frsize < total:
            raise no_room()


def _unreliable(place: Place) -> StorageFailed:
    return StorageFailed(
        f"What was written for {place.file.name} does not come back as it was, so no backup was made. "
        "The diary and the backups before are as they were.",
        hint="The disk or stick it was written to may be failing: use another.",
    )


def _spoilt(place: Place, findings: list[str]) -> FileExists:
    return FileExists(
        f"{findings[0]}, so {place.file.name}, which may hold what is lost, was not replaced. "
        "Nothing was changed.",
        hint="Give this backup another name.",
    )
