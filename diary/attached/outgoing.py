"""An attachment becomes a file again: readable by everybody who can read as its owner.

Rules: written under a hidden, unfinished name beside the target, for its owner alone, forced to the disk,
and only then given its name: what cannot be written to its end is not there. Nothing is overwritten unless
that was asked for. What a kill left unfinished is removed by the next one that is given out into the folder.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from diary.attached.incoming import MEGABYTE
from diary.attached.names import numbered
from diary.durable import sync
from diary.errors import DiskFull, FileExists, Stopped, StorageFailed
from diary.model.progress import Cancelled, Progress, Report
from diary.printable import safe

_BEGINS, _ENDS = ".diary-", ".part"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OWNER_ONLY = 0o600
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def counted(pieces: Iterable[bytes], size: int, *, report: Report, cancelled: Cancelled) -> Iterator[bytes]:
    """The same pieces, told as they pass.

    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    done, total = 0, max(size // MEGABYTE, 1)
    for piece in pieces:
        if cancelled():
            raise Stopped("Stopped. Nothing was written.")
        yield piece
        before, done = done, done + len(piece)
        if before // MEGABYTE != done // MEGABYTE:
            report(Progress("Writing (MB)", min(done // MEGABYTE, total), total))


def free_name(folder: Path, name: str) -> Path:
    """This name in the folder, or the first with a number that nothing has."""
    names = (name, *(numbered(name, number) for number in range(2, 10_000)))
    return next(folder / one for one in names if not os.path.lexists(folder / one))


def write(pieces: Iterator[bytes], target: Path, *, replace: bool) -> None:
    """Write the pieces into a file that is there, whole, when this returns.

    :raises diary.errors.FileExists: when something is there, and not to be replaced or no file.
    :raises diary.errors.StorageFailed: when the disk refuses, DiskFull when it has no room; and what the
        pieces raise.
    """
    _require_free(target, replace=replace)
    with _told(target):
        _remove_left(target.parent)
        aside = target.with_name(f"{_BEGINS}{secrets.token_hex(8)}{_ENDS}")
        handle = os.open(aside, _NEW, _OWNER_ONLY)
        try:
            with os.fdopen(handle, "wb") as file:
                with suppress(OSError):  # some filesystems know no locks
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(handle)
                _take_name(aside, target, replace=replace)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # some sticks cannot force a folder; the file itself is on the disk
            sync(target.parent)


def _take_name(aside: Path, target: Path, *, replace: bool) -> None:
    """By a rename, which takes what is there; unless that is wished, by a second name, which takes nothing.
    Where a file can have but one the name is claimed first: a kill right then leaves it empty.
    """
    if replace:
        _require_free(target, replace=True)
        aside.replace(target)
        return
    try:
        os.link(aside, target, follow_symlinks=False)
    except FileExistsError:
        raise _there(target) from None
    except OSError:  # vfat and exfat, or behind a wall that is another's
        _claim(aside, target)
    else:
        aside.unlink()


def _claim(aside: Path, target: Path) -> None:
    try:
        os.close(os.open(target, _NEW, _OWNER_ONLY))
    except FileExistsError:
        raise _there(target) from None
    try:
        aside.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _require_free(target: Path, *, replace: bool) -> None:
    try:
        about = target.lstat()
    except OSError:
        return
    if not replace:
        raise _there(target)
    if not stat.S_ISREG(about.st_mode) and not stat.S_ISLNK(about.st_mode):
        raise FileExists(f"{_shown(target)} is no file, so nothing was written.", hint="Choose another name.")


def _there(target: Path) -> FileExists:
    return FileExists(
        f"{_shown(target)} is there already, so nothing was written.",
        hint="Choose another name, or say --replace.",
    )


def _remove_left(folder: Path) -> None:
    """What kills left in clear words; one that is being written is locked."""
    for path in folder.glob(f"{_BEGINS}{'[0-9a-f]' * 16}{_ENDS}"):
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)


@contextmanager
def _told(target: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"There is no room for {_shown(target)}, so nothing was written. The diary is unchanged.",
                hint="Make room, or choose another place.",
            ) from None
        name = errno.errorcode.get(error.errno or 0, "unknown")
        raise StorageFailed(
            f"{_shown(target)} cannot be written ({name}). The diary is unchanged.",
            hint="Look whether its folder is there, and whether you may write in it.",
        ) from None


def _shown(path: Path) -> str:
    return safe(os.fspath(path))
