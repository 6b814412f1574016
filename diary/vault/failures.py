"""The one place where errors of the disk and of the database become sentences for the reader.

A sentence says what is still safe and never repeats words, keys or statements: what SQLite and the operating
system say is left out, but for its short name.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import (
    DiaryError,
    DiskFull,
    StorageFailed,
    VaultBusy,
    VaultDamaged,
    VaultMissing,
    VaultReadOnly,
)
from diary.vault.files import NotPlain

HEADER_FROM_BACKUP = (
    "Keep a copy of the folder as it is. Without a header nothing opens the database, and each backup has "
    "one: diary restore FILE --to DIR. If vault.db is whole, copy vault.header from DIR into this folder: "
    "what was written after the backup opens, too, unless there is a new vault key since (diary keys rotate)."
)

# Primary result codes of SQLite (https://sqlite.org/rescode.html); sqlcipher3 does not export them.
SQLITE_ERROR = 1
_PERM, _BUSY, _LOCKED, _NOMEM, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _PROTOCOL, _NOTADB = (
    3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26,
)  # fmt: skip
# Of these nothing is known of the content: a log that could not be opened for reading counts as _PROTOCOL.
_OF_THE_DISK = (_PERM, _NOMEM, _IOERR, _CANTOPEN, _PROTOCOL)
# A copy of pages fails with SQLite's text alone (sqlite3_errstr), without its code.
_BY_TEXT = {
    "database or disk is full": (_FULL, "SQLITE_FULL"),
    "disk I/O error": (_IOERR, "SQLITE_IOERR"),
    "attempt to write a readonly database": (_READONLY, "SQLITE_READONLY"),
    "unable to open database file": (_CANTOPEN, "SQLITE_CANTOPEN"),
    "out of memory": (_NOMEM, "SQLITE_NOMEM"),
    "database disk image is malformed": (_CORRUPT, "SQLITE_CORRUPT"),
    "file is not a database": (_NOTADB, "SQLITE_NOTADB"),
    "database is locked": (_BUSY, "SQLITE_BUSY"),
    "database table is locked": (_LOCKED, "SQLITE_LOCKED"),
}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


def primary_code(error: sqlcipher.Error) -> int:
    """The primary result code of a database error; 0 when it carries none, nor a text that stands for one."""
    code = int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    return code or _BY_TEXT.get(str(error), (0, ""))[0]


def disk_full() -> DiskFull:
    """Nothing of the last change was kept, everything before it was."""
    return DiskFull(
        "The disk is full, so this was not saved. Everything saved before is safe.",
        hint="Free some space, then try again.",
    )


def read_only() -> VaultReadOnly:
    """Nothing may be written there; nothing was."""
    return VaultReadOnly(
        "The diary is on a disk or in a folder where nothing may be written, so this was not done. "
        "What is there can be read and searched.",
        hint="To go on writing, copy its folder to a disk of your own, or make this one writable.",
    )


def damaged(detail: str) -> VaultDamaged:
    """The vault's bytes are not as they were written; nothing was changed by looking."""
    return VaultDamaged(
        f"The vault is damaged: {detail}. Nothing was changed.",
        hint="Keep a copy of the folder as it is. What is damaged is told by diary doctor; what can still be "
        "read is written out by diary doctor --salvage DIR. Or restore your latest backup into another "
        "folder.",
    )


def no_vault(folder: Path) -> VaultMissing:
    """For a folder without one."""
    return VaultMissing(f"There is no diary in {folder}.", hint=VaultMissing.ELSEWHERE)


def header_lost(how: str) -> VaultDamaged:
    """Without a header nothing opens the database; but the one of a backup does."""
    return VaultDamaged(
        f"The vault is damaged: both copies of its header are {how}. Nothing was changed.",
        hint=HEADER_FROM_BACKUP,
    )


def forbidden(what: str = "a file of the diary") -> StorageFailed:
    """Another's file, or its mode: no fault of the disk."""
    return StorageFailed(
        f"This user may not read or write {what}, so this was not done. Everything saved before is safe.",
        hint="Look at whose the files are, and at their permissions. A copy that root made is root's: "
        "chown gives it back.",
    )


def of_the_disk(error: sqlcipher.Error) -> DiaryError | None:
    """The sentence for an error that says nothing of the database's content; None for others."""
    code = primary_code(error)
    return _of_database(error) if code in (_FULL, _READONLY, *_OF_THE_DISK) else None


def _of_database(error: sqlcipher.Error) -> DiaryError | None:
    code = primary_code(error)
    known = _BY_TEXT.get(str(error), (0, "unknown"))
    name = str(getattr(error, "sqlite_errorname", "") or known[1])
    if code == _FULL:
        return disk_full()
    if code in (_CORRUPT, _NOTADB):
        return damaged(f"its database cannot be read ({name})")
    if code in (_BUSY, _LOCKED):
        return VaultBusy(
            "Another program is using the vault's database, so nothing was changed.",
            hint="Close it, then try again.",
        )
    if code == _READONLY:
        return read_only()
    if code in _OF_THE_DISK:
        return StorageFailed(
            f"The disk refused to read or write ({name}), so this was not done. "
            "Everything saved before is safe.",
            hint="Look at the disk: its space, its health, and whether it may be written.",
        )
    return None  # a mistake in a statement of ours: let it be seen


def _of_files(error: OSError) -> DiaryError:
    if isinstance(error, NotPlain):
        return damaged("one of its files is no plain file")
    if error.errno in _NO_ROOM:
        return disk_full()
    if error.errno == errno.EROFS:
        return read_only()
    if error.errno in _FORBIDDEN:
        return forbidden()
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return StorageFailed(
        f"The disk refused to read or write ({name}), so this was not done. Everything saved before is safe.",
        hint="Look at the disk: its space, its health, and whether it may be written.",
    )


@contextmanager
def told_to_the_reader() -> Iterator[None]:
    """Turn errors of the disk and the database into sentences.

    :raises diary.errors.DiskFull: no room.
    :raises diary.errors.VaultReadOnly: nothing may be written there.
    :raises diary.errors.StorageFailed: refused for another reason.
    :raises diary.errors.VaultDamaged: the database is not as it was written.
    :raises diary.errors.VaultBusy: another program holds it.
    """
    try:
        yield
    except (sqlcipher.Error, OSError) as error:
        tell_the_reader(error)
        raise


def tell_the_reader(error: BaseException) -> None:
    """Raise the sentence that an error is; nothing, of one that is none for the reader."""
    if isinstance(error, sqlcipher.Error):
        sentence = _of_database(error)
        if sentence is not None:
            raise sentence from None
    elif isinstance(error, OSError):
        raise _of_files(error) from None
