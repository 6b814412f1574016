"""Writing the files of a new vault.

The database is built under another name, then the header is written, and the database takes its name last.
Until then there is no vault, and making one again clears what a crash left: nobody has put a word in it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from diary.durable import sync
from diary.vault import header as header_file
from diary.vault.anchor import ANCHOR
from diary.vault.backups.making import SCRATCH
from diary.vault.ballast import BALLAST
from diary.vault.connection import Database, open_database
from diary.vault.failures import told_to_the_reader
from diary.vault.files import ASIDE, FOLDER_OWNER_ONLY, OWNER_ONLY
from diary.vault.header import COPY, HEADER, Header
from diary.vault.keys import VaultKey
from diary.vault.lock import LOCK
from diary.vault.noted import ATTEMPTS, NOTED
from diary.vault.presence import UNFINISHED
from diary.vault.removal import ATTACHMENTS
from diary.vault.rotation import BESIDE, DATABASE, OLD, ROTATED
from diary.vault.schema import create_schema
from diary.vault.spools import SPOOLS

_OURS = {
    *(name + end for name in (DATABASE, UNFINISHED, ROTATED) for end in BESIDE),
    OLD,
    *(name + end for name in (HEADER, COPY, ANCHOR) for end in ("", ASIDE)),
    *(LOCK, ATTACHMENTS, SPOOLS, BALLAST, SCRATCH, ATTEMPTS, NOTED),
}


def write_new(folder: Path, key: VaultKey, header: Header) -> None:
    """Write them into a folder that holds no vault.

    :raises diary.errors.DiskFull: or StorageFailed; and there is no vault.
    """
    with told_to_the_reader():
        _clear(folder)
        try:
            if {path.name for path in folder.iterdir()} <= _OURS:
                folder.chmod(FOLDER_OWNER_ONLY)  # another's folder is left as it is
            (folder / ATTACHMENTS).mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
            unfinished = folder / UNFINISHED
            unfinished.touch(mode=OWNER_ONLY, exist_ok=False)
            _fill(unfinished, key, header.page_size)
            header_file.save(folder, header, key)
            unfinished.rename(folder / DATABASE)
            sync(folder)
        except BaseException:
            if not (folder / DATABASE).exists():
                _clear(folder)
            raise
        with suppress(OSError):  # the folder above may be out of reach
            sync(folder.parent)


def _fill(path: Path, key: VaultKey, page_size: int) -> None:
    database: Database = open_database(path, key, page_size=page_size)
    try:
        create_schema(database)
        database.checkpoint()
    finally:
        database.close()


def _clear(folder: Path) -> None:
    """Remove what an unfinished making left; never called once there is a database of that name."""
    for name in (*(HEADER + end for end in ("", ASIDE)), *(COPY + end for end in ("", ASIDE))):
        (folder / name).unlink(missing_ok=True)
    for end in reversed(BESIDE):
        (folder / (UNFINISHED + end)).unlink(missing_ok=True)
