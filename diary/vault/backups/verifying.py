"""Proving that a backup restores: its files are opened with the key, read to the end, compared.

A drill and a restore take the database, the header and unsaved recordings out as a restored vault has them;
recordings of entries are read where they lie, through their own encryption. Each page of the database is
authenticated on its way, and the tags of all of them are those that were summed when the backup was made: so
it is the very database, as of that moment. Then SQLite looks at its structure as well, and authenticates what
it reads once more.

While a backup is made (`Written`), pages and attachments were authenticated on their way and are the same on
the disk, so that nothing is copied. The database of a whole one is opened where it is, at the front of the
file. Of an incremental the pages that it has are laid, by their tags, over those of what it goes on from,
each of which was read and is as diary wrote it: where all tags are those of the vault's own database at that
moment, the two are the same bytes, and what a copy of it would show the vault itself shows.

What a vault had lost before the backup was made is no fault of the backup: it is told as a finding.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from diary.durable import sync
from diary.errors import Stopped, VaultDamaged
from diary.model.progress import Cancelled, never
from diary.vault.backups.chain import Chain
from diary.vault.backups.index import DATABASE_MEMBER, HEADER_MEMBER, MANIFEST_MEMBER
from diary.vault.backups.manifest import Manifest, manifest_of, open_manifest, sum_of_rows
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import PageProof, tags_of_file
from diary.vault.backups.structure import indexes_are_sound, trees_are_sound
from diary.vault.backups.writing import Written
from diary.vault.ballast import Ballast
from diary.vault.connection import Database, open_database
from diary.vault.files import FOLDER_OWNER_ONLY, OWNER_ONLY, open_plain
from diary.vault.header import COPY, HEADER, StoredHeader, decode
from diary.vault.keyed_files import unreadable
from diary.vault.keys import VaultKey
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS, Spools

VERIFYING = "Proving that it restores (MB)"
OpenFile = Callable[[str], BinaryIO]
_INDEX_BROKEN = "the full-text index was broken in the diary already; the words that it is made of are whole"


def take_out(
    chain: Chain,
    folder: Path,
    names: list[str],
    mover: Mover,
    *,
    lasting: bool,
) -> None:
    """Write these files into the folder as a vault has them; the header in both of its places.

    :param names: not that of the database, which `put_together` takes out. :param lasting: force each to the
        disk.
    :raises OSError: when the disk refuses.
    :raises diary.errors.BackupDamaged: when one is not as it was written.
    """
    for name in (ATTACHMENTS, SPOOLS):
        (folder / name).mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
    for name in names:
        for path in [folder / HEADER, folder / COPY] if name == HEADER_MEMBER else [folder / name]:
            handle = _created(path)
            with os.fdopen(handle, "wb") as file:
                file.writelines(mover.counted(chain.pieces(name)))
                file.flush()
                if lasting:
                    os.fsync(handle)
    if lasting:
        for path in (folder / ATTACHMENTS, folder / SPOOLS, folder):
            sync(path)


def put_together(chain: Chain, folder: Path, proof: PageProof, mover: Mover, *, lasting: bool) -> bytes:
    """Write the database into the folder; the tags of its pages, all of which are as diary wrote them.

    :param lasting: force it to the disk; the tags are those that stand there then.
    :raises: as `take_out`.
    """
    handle = _created(folder / DATABASE_MEMBER)
    try:
        tags = chain.write_database(handle, proof, moved=mover.moved)
        if lasting:
            os.fsync(handle)
            sync(folder)
            size = os.fstat(handle).st_size
            if tags_of_file(handle, size - size % proof.page_size, proof.page_size) != tags:
                raise chain.damaged("what was taken out of it does not come back as it was")
        return tags
    finally:
        os.close(handle)


def _created(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)


def unsaved_in(chain: Chain) -> list[str]:
    """What has to be taken out to be opened, besides the database: unsaved recordings."""
    return sorted(name for name in chain.names if name.startswith(f"{SPOOLS}/"))


def all_but_database(chain: Chain) -> list[str]:
    """What else a vault is made of."""
    return sorted(chain.names - {MANIFEST_MEMBER, DATABASE_MEMBER})


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
    tags: bytes,
    cancelled: Cancelled = never,
) -> tuple[Manifest, list[str]]:
    """Open what was taken out, and compare it with the manifest; the manifest, and findings in sentences.

    :param tags: of the pages of the database that was put together.
    :raises diary.errors.BackupDamaged: when the diary in it is not the one that was backed up.
    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    header, manifest = authentic_manifest(chain, key)
    page_size, path = header.header.page_size, folder / DATABASE_MEMBER
    if manifest.pages:
        _require_pages(chain, manifest, path.stat().st_size, page_size, tags)
    _stop_if(cancelled)
    opened = partial(_opened, chain, path, key, page_size, writable=True)
    with opened() as database:
        with ThreadPoolExecutor(2, thread_name_prefix="structure") as beside:
            trees = beside.submit(_looked_at, opened, trees_are_sound)
            indexes = beside.submit(_looked_at, opened, indexes_are_sound)
            if manifest.pages:
                _require_same_rows(chain, database, manifest)
            else:
                _require_rows_of_version_1(chain, database, manifest, cancelled)
            _stop_if(cancelled)
            found = _files(database, folder, chain.vault_id, open_file, set(), cancelled)
        database.checkpoint()
    _stop_if(cancelled)
    if not trees.result():
        raise chain.damaged("the structure of its database is broken")
    return manifest, found if indexes.result() else [*found, _INDEX_BROKEN]


def require_as_written(
    chain: Chain, folder: Path, key: VaultKey, written: Written, file: Path, *, cancelled: Cancelled = never
) -> tuple[Manifest, list[str]]:
    """As `require_same`, of a backup that was written just now; the structure is not looked at.

    :param folder: where its unsaved recordings were taken out. :param file: the backup.
    """
    header, manifest = authentic_manifest(chain, key)
    page_size, increment = header.header.page_size, chain.links[0].increment
    size, tags = chain.database_size, written.tags
    if increment is not None and written.before is not None:
        size = increment.database.count * page_size
        tags = chain.tags_over(written.before, page_size)
    _require_pages(chain, manifest, size, page_size, tags)
    _stop_if(cancelled)
    with ExitStack() as opened:
        database = written.reader
        if increment is None:
            database = opened.enter_context(_opened(chain, file, key, page_size, writable=False))
        _require_same_rows(chain, database, manifest)
        _stop_if(cancelled)
        open_file, known = in_chain(chain), _known(chain, written)
        found = _files(database, folder, chain.vault_id, open_file, known, cancelled)
    _stop_if(cancelled)
    return manifest, found


def _looked_at(
    opened: Callable[[], AbstractContextManager[Database]], look: Callable[[Database], bool]
) -> bool:
    with opened() as database:
        return look(database)


@contextmanager
def _opened(chain: Chain, path: Path, key: VaultKey, page_size: int, *, writable: bool) -> Iterator[Database]:
    """:raises diary.errors.BackupDamaged: when it cannot be read in the block."""
    try:
        database = open_database(path, key, page_size=page_size, writable=writable)
        try:
            yield database
        finally:
            database.close()
    except VaultDamaged:
        raise chain.damaged("its database cannot be read to the end") from None


def _known(chain: Chain, written: Written) -> set[str]:
    """Random names of the attachments that are as the diary wrote them."""
    earlier = {name.rpartition("/")[2] for name in chain.names if not chain.is_new(name)}
    return earlier | written.authentic


def _require_pages(chain: Chain, manifest: Manifest, size: int, page_size: int, tags: bytes) -> None:
    if size != manifest.pages * page_size or hashlib.sha256(tags).hexdigest() != manifest.digest:
        raise chain.damaged("its pages are not those that were backed up")


def _require_same_rows(chain: Chain, database: Database, manifest: Manifest) -> None:
    ((pages,),) = database.rows("PRAGMA page_count")
    told = manifest_of(database, manifest.made, b"")
    if pages != manifest.pages or _counts(told) != _counts(manifest):
        raise chain.damaged("its entries are not those that were backed up")


def _require_rows_of_version_1(
    chain: Chain, database: Database, manifest: Manifest, cancelled: Cancelled
) -> None:
    wrong = database.rows("PRAGMA cipher_integrity_check")
    if wrong:
        raise chain.damaged(f"{len(wrong)} pages of the database were changed")
    same = sum_of_rows(database, cancelled=cancelled) == (manifest.rows, manifest.digest)
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
