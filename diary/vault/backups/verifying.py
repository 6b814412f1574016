"""Proving that a backup restores: its files are opened with the key, read to the end, compared.

A drill and a restore take the database, the header and unsaved recordings out as a restored vault has them;
recordings of entries are read where they lie, through their own encryption. Each page of the database is
authenticated, and the tags of all of them are those that were summed when the backup was made: so it is the
very database, as of that moment. Then SQLite looks at its structure as well.

While a backup is made (`Written`), pages and attachments were authenticated on their way and are the same on
the disk, so that a whole one is not copied: its database is opened where it is, at the front of the file. An
incremental is put together beside the vault; where the sum of what it goes on from is no proof against
somebody who made that up, its pages are authenticated again. The attachments of an earlier backup that was
proved are summed again, and not opened again.

What a vault had lost before the backup was made is no fault of the backup: it is told as a finding.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from diary.durable import sync
from diary.errors import Stopped, VaultDamaged
from diary.model.progress import Cancelled, never
from diary.vault.backups.chain import Chain
from diary.vault.backups.container import Container
from diary.vault.backups.index import DATABASE_MEMBER, HEADER_MEMBER, MANIFEST_MEMBER
from diary.vault.backups.manifest import Manifest, manifest_of, open_manifest, sum_of_rows
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import PageProof, prove_file, tags_of_file
from diary.vault.backups.writing import Written
from diary.vault.ballast import Ballast
from diary.vault.connection import Database, open_database
from diary.vault.files import FOLDER_OWNER_ONLY, OWNER_ONLY, open_plain
from diary.vault.header import COPY, HEADER, StoredHeader, decode
from diary.vault.integrity import page_findings
from diary.vault.keyed_files import unreadable
from diary.vault.keys import VaultKey
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS, Spools

VERIFYING = "Proving that it restores (MB)"
OpenFile = Callable[[str], BinaryIO]


def take_out(
    chain: Chain,
    folder: Path,
    names: list[str],
    mover: Mover,
    *,
    lasting: bool,
) -> None:
    """Write these files into the folder as a vault has them; the header in both of its places.

    :param lasting: force each to the disk.
    :raises OSError: when the disk refuses.
    :raises diary.errors.BackupDamaged: when one is not as it was written.
    """
    for name in (ATTACHMENTS, SPOOLS):
        (folder / name).mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
    for name in names:
        for path in [folder / HEADER, folder / COPY] if name == HEADER_MEMBER else [folder / name]:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
            with os.fdopen(handle, "wb") as file:
                if name == DATABASE_MEMBER:
                    chain.write_database(handle, moved=mover.moved)
                else:
                    file.writelines(mover.counted(chain.pieces(name)))
                    file.flush()
                if lasting:
                    os.fsync(handle)
    if lasting:
        for path in (folder / ATTACHMENTS, folder / SPOOLS, folder):
            sync(path)


def read_through(chain: Chain, mover: Mover, *, stopped: Callable[[], bool]) -> None:
    """Read what is not taken out, and was not written and read back just now: the attachments in what it goes
    on from.

    :param stopped: asked now and then; it ends there.

    :raises diary.errors.BackupDamaged: when one is not as it was written.
    """
    for name in chain.names - set(without_attachments(chain)):
        if not chain.is_new(name):
            for piece in chain.pieces(name):
                if stopped():
                    return
                mover.moved(len(piece))


def without_attachments(chain: Chain) -> list[str]:
    """What has to be taken out to be opened."""
    return sorted(name for name in chain.names if name != MANIFEST_MEMBER and not _is_attachment(name))


def needed_beside(chain: Chain) -> list[str]:
    """What has to be taken out where the database of a whole one is opened where it is."""
    return sorted(name for name in chain.names if name.startswith(f"{SPOOLS}/"))


def all_but_manifest(chain: Chain) -> list[str]:
    """What a vault is made of; the database last."""
    return [*sorted(chain.names - {MANIFEST_MEMBER, DATABASE_MEMBER}), DATABASE_MEMBER]


def _is_attachment(name: str) -> bool:
    return name.startswith(f"{ATTACHMENTS}/")


def in_chain(chain: Chain) -> OpenFile:
    """Opens recordings where they lie in the backup."""
    return lambda file: chain.stream(f"{ATTACHMENTS}/{file}")


def in_folder(folder: Path) -> OpenFile:
    """Opens recordings of a restored vault."""
    return lambda file: open_plain(folder / ATTACHMENTS / file)


def authentic_manifest(chain: Chain, key: VaultKey) -> tuple[StoredHeader, Manifest]:
    """The header and the manifest within, once the whole is authentic.

    :raises diary.errors.BackupDamaged: when somebody without the key put it together.
    """
    header = decode(chain.read(HEADER_MEMBER))
    manifest = open_manifest(chain.read(MANIFEST_MEMBER), key, vault_id=chain.vault_id)
    if (
        header is None
        or manifest is None
        or header.header.vault_id != chain.vault_id
        or not (header.is_authentic(key) and chain.is_authentic(key))
    ):
        raise chain.damaged("something other than diary put it together")
    return header, manifest


def require_same(
    chain: Chain,
    folder: Path,
    key: VaultKey,
    open_file: OpenFile,
    *,
    written: Written | None = None,
    in_place: Path | None = None,
    cancelled: Cancelled = never,
) -> tuple[Manifest, list[str]]:
    """Open what was taken out, and compare it with the manifest; the manifest, and findings in sentences.

    :param written: what is known of it, when it was written just now; the structure of the database is not
        looked at then.
    :param in_place: the file at the front of which the database is; None: it was taken out.
    :raises diary.errors.BackupDamaged: when the diary in it is not the one that was backed up.
    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    header, manifest = authentic_manifest(chain, key)
    page_size = header.header.page_size
    path = in_place or folder / DATABASE_MEMBER
    if in_place and written:
        size = chain.links[0].members[DATABASE_MEMBER].size
        _require_pages(chain, manifest, size, page_size, written.tags)
    elif manifest.pages:
        # What changed was authenticated on its way; the whole one that it goes on from may be made up.
        suspect = chain.links[-1] if written else chain.links[0]
        trusted = written is not None and not suspect.is_checksummed
        size, tags = _pages_of(suspect, path, key, page_size, trusted=trusted, cancelled=cancelled)
        _require_pages(chain, manifest, size, page_size, tags)
    _stop_if(cancelled)
    try:
        database = open_database(path, key, page_size=page_size, writable=in_place is None)
        try:
            _require_same_rows(chain, database, manifest, proved=written is not None, cancelled=cancelled)
            _stop_if(cancelled)
            known = _known(chain, written) if written else set[str]()
            found = _files(database, folder, chain.vault_id, open_file, known, cancelled)
            if in_place is None:
                database.checkpoint()
        finally:
            database.close()
    except VaultDamaged:
        raise chain.damaged("its database cannot be read to the end") from None
    _stop_if(cancelled)
    return manifest, found


def _known(chain: Chain, written: Written) -> set[str]:
    """Random names of the attachments that are as the diary wrote them."""
    earlier = {name.rpartition("/")[2] for name in chain.names if not chain.is_new(name)}
    return earlier | written.authentic


def _pages_of(
    suspect: Container, path: Path, key: VaultKey, page_size: int, *, trusted: bool, cancelled: Cancelled
) -> tuple[int, bytes]:
    """The size of the database and the tags of its pages, which are authenticated unless they are trusted."""
    size = path.stat().st_size
    if trusted:
        with path.open("rb", buffering=0) as file:
            return size, tags_of_file(file.fileno(), size, page_size)
    wrong, tags = prove_file(path, PageProof(key, page_size), cancelled=cancelled)
    _stop_if(cancelled)
    if wrong:
        raise suspect.damaged(f"{len(wrong)} pages of the database were changed")
    return size, tags


def _require_pages(chain: Chain, manifest: Manifest, size: int, page_size: int, tags: bytes) -> None:
    if size != manifest.pages * page_size or hashlib.sha256(tags).hexdigest() != manifest.digest:
        raise chain.damaged("its pages are not those that were backed up")


def _require_same_rows(
    chain: Chain, database: Database, manifest: Manifest, *, proved: bool, cancelled: Cancelled
) -> None:
    if not manifest.pages:  # of version 1
        wrong = page_findings(database)
        if wrong:
            raise chain.damaged(wrong[0])
        same = sum_of_rows(database, cancelled=cancelled) == (manifest.rows, manifest.digest)
    else:
        ((pages,),) = database.rows("PRAGMA page_count")
        told = manifest_of(database, manifest.made, b"")
        same = pages == manifest.pages and _counts(told) == _counts(manifest)
        if not proved and database.rows("PRAGMA quick_check(10)") != [("ok",)]:
            raise chain.damaged("the structure of its database is broken")
    _stop_if(cancelled)
    if not same:
        raise chain.damaged("its entries are not those that were backed up")


def _counts(manifest: Manifest) -> tuple[object, ...]:
    return manifest.entries, manifest.newest, manifest.recordings, manifest.unsaved


def _files(
    database: Database,
    folder: Path,
    vault_id: bytes,
    open_file: OpenFile,
    known: set[str],
    cancelled: Cancelled,
) -> list[str]:
    spoilt = unreadable(database, open_file, vault_id=vault_id, known=known, cancelled=cancelled)
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
