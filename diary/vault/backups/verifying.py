"""Proving that a backup restores: its files are taken out, opened with the key, read to the end, compared.

The database, the header and unsaved recordings are taken out as a restored vault has them; recordings of
entries are read where they lie, through their own encryption. What a vault had lost before the backup was
made is no fault of the backup: it is told as a finding.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from diary.durable import sync
from diary.errors import Stopped, VaultDamaged
from diary.model.progress import Cancelled, Report, never, silent
from diary.vault.backups.container import DATABASE_MEMBER, HEADER_MEMBER, MANIFEST_MEMBER, Container
from diary.vault.backups.manifest import Manifest, open_manifest, sum_of_rows
from diary.vault.backups.moving import Mover
from diary.vault.ballast import Ballast
from diary.vault.connection import Database, open_database
from diary.vault.files import FOLDER_OWNER_ONLY, OWNER_ONLY
from diary.vault.header import COPY, HEADER, StoredHeader, decode
from diary.vault.integrity import page_findings
from diary.vault.keyed_files import unreadable
from diary.vault.keys import VaultKey
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS, Spools

VERIFYING = "Proving that it restores (MB)"
OpenFile = Callable[[str], BinaryIO]


def take_out(container: Container, folder: Path, names: list[str], mover: Mover, *, lasting: bool) -> None:
    """Write these members into the folder as a vault has them; the header in both of its places.

    :param lasting: force each to the disk.
    :raises OSError: when the disk refuses.
    :raises diary.errors.BackupDamaged: when one is not as it was written.
    """
    for name in (ATTACHMENTS, SPOOLS):
        (folder / name).mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
    for name in names:
        for path in [folder / HEADER, folder / COPY] if name == HEADER_MEMBER else [folder / name]:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
            with os.fdopen(handle, "wb") as file:
                for piece in mover.counted(container.pieces(name)):
                    file.write(piece)
                if lasting:
                    file.flush()
                    os.fsync(handle)
    if lasting:
        for path in (folder / ATTACHMENTS, folder / SPOOLS, folder):
            sync(path)


def without_attachments(container: Container) -> list[str]:
    """What has to be taken out to be opened."""
    return [name for name in container.members if name != MANIFEST_MEMBER and not _is_attachment(name)]


def all_but_manifest(container: Container) -> list[str]:
    """What a vault is made of; the database last."""
    names = [name for name in container.members if name not in (MANIFEST_MEMBER, DATABASE_MEMBER)]
    return [*names, DATABASE_MEMBER]


def _is_attachment(name: str) -> bool:
    return name.startswith(f"{ATTACHMENTS}/")


def in_container(container: Container) -> OpenFile:
    """Opens recordings where they lie in the backup."""
    return lambda file: container.stream(f"{ATTACHMENTS}/{file}")


def in_folder(folder: Path) -> OpenFile:
    """Opens recordings of a restored vault."""
    return lambda file: (folder / ATTACHMENTS / file).open("rb")


def authentic_manifest(container: Container, key: VaultKey) -> tuple[StoredHeader, Manifest]:
    """The header and the manifest within, once the whole is authentic.

    :raises diary.errors.BackupDamaged: when somebody without the key put it together.
    """
    header = decode(container.read(HEADER_MEMBER))
    manifest = open_manifest(container.read(MANIFEST_MEMBER), key, vault_id=container.vault_id)
    if (
        header is None
        or manifest is None
        or header.header.vault_id != container.vault_id
        or not (header.is_authentic(key) and container.is_authentic(key))
    ):
        raise container.damaged("something other than diary put it together")
    return header, manifest


def require_same(
    container: Container,
    folder: Path,
    key: VaultKey,
    open_file: OpenFile,
    *,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> tuple[Manifest, list[str]]:
    """Open what was taken out, and compare it with the manifest; the manifest, and findings in sentences.

    :raises diary.errors.BackupDamaged: when the diary in it is not the one that was backed up.
    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    header, manifest = authentic_manifest(container, key)
    try:
        database = open_database(folder / DATABASE_MEMBER, key, page_size=header.header.page_size)
        try:
            wrong = page_findings(database)
            if wrong:
                raise container.damaged(wrong[0])
            same = sum_of_rows(database, cancelled=cancelled) == (manifest.rows, manifest.digest)
            _stop_if(cancelled)
            if not same:
                raise container.damaged("its entries are not those that were backed up")
            found = _files(database, folder, container.vault_id, open_file, cancelled)
            database.checkpoint()
        finally:
            database.close()
    except VaultDamaged:
        raise container.damaged("its database cannot be read to the end") from None
    _stop_if(cancelled)
    return manifest, found


def _files(
    database: Database, folder: Path, vault_id: bytes, open_file: OpenFile, cancelled: Cancelled
) -> list[str]:
    spoilt = unreadable(database, open_file, vault_id=vault_id, cancelled=cancelled)
    spools = Spools(database, folder, Ballast(folder), vault_id=vault_id)
    try:
        unsaved = spools.findings()
    finally:
        spools.close()
    count = "1 file was" if spoilt == 1 else f"{spoilt} files were"
    return [*([f"{count} missing or spoilt in the diary already"] if spoilt else []), *unsaved]


def _stop_if(cancelled: Cancelled) -> None:
    if cancelled():
        raise Stopped("Stopped. Nothing was changed.")


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """An empty folder that is gone afterwards; what a kill left of one of this name goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=FOLDER_OWNER_ONLY)
    try:
        yield folder
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)
