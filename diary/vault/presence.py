"""Whether there is a vault in a folder: by the names of its files, before anything is opened."""

from __future__ import annotations

import os
from pathlib import Path

from diary.errors import StorageFailed, VaultDamaged, VaultExists
from diary.vault.failures import damaged, header_lost, no_vault, told_to_the_reader
from diary.vault.header import COPY, HEADER
from diary.vault.rotation import DATABASE

UNFINISHED = "vault.db.new"
BEFORE = ".before-"
"""In the name of a vault that a backup took the place of."""


def may_be_written(folder: Path) -> bool:
    """Whether the disk lets this user write the vault."""
    return os.access(folder, os.W_OK) and os.access(folder / DATABASE, os.W_OK)


def beside(folder: Path) -> list[str]:
    """The names of the vaults that lie where this one does, or would, and that this user can get at; by the
    names of their files alone.

    :raises diary.errors.StorageFailed: when the folder cannot be read.
    """
    with told_to_the_reader():
        names = sorted(path.name for path in folder.parent.iterdir() if BEFORE not in path.name)
    return [name for name in names if os.access(folder.with_name(name) / DATABASE, os.F_OK)]


def closed_by_its_owner(folder: Path) -> bool:
    """Whether it is only the mode of the folder or of the database, which this user may change, that keeps
    the vault from being written.
    """
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return False
    closed = [path for path in (folder, folder / DATABASE) if not os.access(path, os.W_OK)]
    return any(path.stat().st_uid == os.geteuid() for path in closed)


def refuse_existing(folder: Path) -> None:
    """Refuse a folder where a vault cannot be made without writing over one.

    :raises diary.errors.VaultExists: when there is one, or a part of one that was finished.
    :raises diary.errors.StorageFailed: when this user may not look into it.
    """
    present = _present(folder)
    if UNFINISHED in present and DATABASE not in present:
        return
    if present & {DATABASE, HEADER, COPY}:
        raise VaultExists(
            f"There is a diary in {folder} already. Nothing was changed.",
            hint="Choose another folder with --vault, or open this one.",
        )


def require_vault(folder: Path, *, words_in_log: bool = False) -> None:
    """Refuse a folder without a vault, or with a part of one.

    :param words_in_log: an empty database will do, for whoever reads its log page by page. SQLite removes the
        log of one that it opens.
    :raises diary.errors.VaultMissing: when there is none.
    :raises diary.errors.StorageFailed: when this user may not look into it.
    :raises diary.errors.VaultDamaged: when its database or its header is missing, or the database is empty.
    """
    present = _present(folder)
    if not present or (UNFINISHED in present and DATABASE not in present):
        raise no_vault(folder)
    if DATABASE not in present:
        raise _without_words("its database, vault.db, is missing")
    if not present & {HEADER, COPY}:
        raise header_lost("missing")
    if not words_in_log and is_emptied(folder):
        raise emptied(folder)


def is_emptied(folder: Path) -> bool:
    """Whether its database is a file without a byte."""
    database = folder / DATABASE
    return database.is_file() and not database.stat().st_size


def emptied(folder: Path) -> VaultDamaged:
    """What full disks and synced folders do to files of other programs; this one never writes so."""
    error = _without_words("its database, vault.db, is empty")
    log = folder / f"{DATABASE}-wal"
    if log.is_file() and log.stat().st_size:
        error.hint = (
            f"Its log, {log.name}, may have the last words: copy the folder, then: diary doctor --salvage "
            "DIR. For the others restore your latest backup into another folder: diary restore FILE --to DIR."
        )
    return error


def _without_words(detail: str) -> VaultDamaged:
    return VaultDamaged(
        damaged(detail).message,
        hint="Nothing can be read out of it here. Look for vault.db in the bin, or in the earlier versions "
        "that a synced folder keeps; or restore your latest backup into another folder: "
        "diary restore FILE --to DIR.",
    )


def _present(folder: Path) -> set[str]:
    try:
        return {name for name in (DATABASE, UNFINISHED, HEADER, COPY) if (folder / name).exists()}
    except PermissionError:
        raise StorageFailed(
            f"This user may not look into {folder}. Nothing was changed.",
            hint="A diary can be opened by the user of the machine whose it is. If it is yours, look at the "
            "permissions of its folder, and of those it lies in.",
        ) from None
