"""Files that survive a power cut: written aside, forced to the disk, renamed into place, the folder forced.

All files of the vault are readable by their owner only. Nothing is ever written outside the vault's folder.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from diary.durable import sync

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700
ASIDE = ".tmp"
_IN_ITS_WAY = {errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EPERM, errno.EACCES, errno.ENOTEMPTY}
_NOISE = 1024 * 1024
_OUR_NAMES = re.compile("[0-9a-f]{32}")


def write_synced(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that must not be there yet and force it and its name to the disk.

    :raises OSError: when the disk refuses; what was written is removed again.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        leave_to_owner(handle, path.parent)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(handle)
        sync(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def leave_to_owner(handle: int, folder: Path) -> None:
    """Give a file that was just made to whom the folder belongs: in an emergency root opens the vault of
    another, who must be able to read and write it afterwards.

    :raises OSError: when the disk refuses.
    """
    if os.geteuid() == 0:
        owner = folder.stat()
        if owner.st_uid != 0 and os.fstat(handle).st_nlink == 1:
            os.fchown(handle, owner.st_uid, owner.st_gid)


def replace_synced(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file: a reader finds the old bytes or the new, never a mixture.

    The old bytes are overwritten where they lie, as far as `shred` can: an old header still opens the vault.

    :raises OSError: when the disk refuses; the old file is untouched.
    """
    with ExitStack() as after:
        with suppress(OSError):  # there is no old file, or it cannot be overwritten
            after.enter_context(_overwritten_at_the_end(path, names=0))
        put_synced(path, content)


def put_synced(path: Path, content: bytes) -> None:
    """As `replace_synced`, for what is no secret: the old bytes are not overwritten.

    :raises OSError: when the disk refuses; the old file is untouched.
    """
    aside = _written_aside(path, content)
    try:
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def _written_aside(path: Path, content: bytes) -> Path:
    """The content beside the file: under the usual name, or, where something stands in its way that cannot be
    removed (a folder), under one that nobody can have put there before.
    """
    usual = path.with_name(path.name + ASIDE)
    try:
        usual.unlink(missing_ok=True)
        write_synced(usual, [content])
    except OSError as error:
        if error.errno not in _IN_ITS_WAY:
            raise
        usual = path.with_name(f"{path.name}.{secrets.token_hex(8)}{ASIDE}")
        write_synced(usual, [content])
    return usual


def sweep_aside(path: Path) -> None:
    """Remove what a crash left beside this file of one that was being written."""
    for left in path.parent.glob(f"{path.name}*{ASIDE}"):
        with suppress(OSError):  # a folder of that name is in nobody's way
            left.unlink()


class NotPlain(FileNotFoundError):
    """What has the name of a file of ours is a pipe, a folder or a device."""


def open_plain(path: Path, *, follow: bool = True) -> BinaryIO:
    """A file to be read; a pipe, which could be waited for for ever, is taken for none.

    :param follow: where a link leads.
    :raises OSError: when there is none, or it cannot be read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotPlain(errno.EINVAL, "not a plain file")
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_plain(path: Path, most: int) -> bytes:
    """As many bytes of a file that is no link; raises as `open_plain`."""
    with open_plain(path, follow=False) as file:
        return file.read(most)


def names_of_ours(folder: Path) -> list[str]:
    """The files with random names of ours, sorted; none when there is no such folder."""
    try:
        return sorted(path.name for path in folder.iterdir() if _OUR_NAMES.fullmatch(path.name))
    except FileNotFoundError:
        return []


def shred(path: Path) -> None:
    """Overwrite a file with random bytes and remove it; a file with a second name, a backup made with hard
    links for instance, is only removed.

    It erases what the disk writes in place. Solid-state disks, and filesystems that copy on write, keep old
    blocks until they need them.

    :raises OSError: when it cannot be removed; when it cannot be overwritten it is removed all the same.
    """
    with suppress(OSError), _overwritten_at_the_end(path, names=1):
        pass
    path.unlink(missing_ok=True)


@contextmanager
def _overwritten_at_the_end(path: Path, *, names: int) -> Iterator[None]:
    """Overwrite what is at this path now, wherever its name is then, unless it has more names than that."""
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        yield
        with suppress(OSError):  # what took its place is there, and must not be told as refused
            _overwrite(handle, names)
    finally:
        os.close(handle)


def _overwrite(handle: int, names: int) -> None:
    about = os.fstat(handle)
    if about.st_nlink <= names:
        noise = secrets.token_bytes(_NOISE)
        for place in range(0, about.st_size, _NOISE):
            os.pwrite(handle, noise[: about.st_size - place], place)
        os.fsync(handle)


def remove_unknown(folder: Path, known: set[str]) -> None:
    """Remove files with random names of ours that are not known; others, and a folder that cannot be read,
    are left alone.
    """
    with suppress(OSError):
        for path in folder.iterdir():
            if _OUR_NAMES.fullmatch(path.name) and path.name not in known:
                path.unlink(missing_ok=True)
