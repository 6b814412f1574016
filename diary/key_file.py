"""Key files: random bytes on a stick or another disk that open the vault. Standard library only.

One that opens the vault is read before the files are sealed, or behind the seal when its path was granted.
A new one is made before the seal, for its owner alone, and filled behind it, which is when it gets its name
(`diary.unnamed`); where the file system cannot do that it is there, empty, until then. An existing file may
be used when it holds enough that cannot be guessed; whatever changes it locks it out of the vault.
"""

from __future__ import annotations

import os
import secrets
import stat
import zlib
from contextlib import suppress
from pathlib import Path

from diary import made_early, unnamed
from diary.durable import sync
from diary.errors import KeyFileUnfit
from diary.model.key import KeyFile

LEAST = 32
MOST = 8 * 1024 * 1024
_NEW = 64
_REPEATED = 200  # what repeats itself is compressed to less than this part of it
_OWNER_ONLY = 0o600


def read_key_file(path: Path) -> KeyFile:
    """The key file at this path.

    :raises diary.errors.KeyFileUnfit: when it cannot be read, or is too short, too long or too regular.
    """
    try:
        content = _content(path)
    except OSError as error:
        raise KeyFileUnfit(
            f"The key file {path} cannot be read: {error.strerror}. Nothing was opened.",
            hint="If it is on a stick, put that in. The passphrase and the recovery code work without it.",
        ) from None
    if not LEAST <= len(content) <= MOST:
        raise KeyFileUnfit(
            f"The file {path} is no good as a key file: it must have {LEAST} bytes to {MOST >> 20} MiB. "
            "Nothing was changed."
        )
    if len(zlib.compress(content, 9)) < LEAST + len(content) // _REPEATED:
        raise KeyFileUnfit(
            f"The file {path} is no good as a key file: it repeats itself and could be guessed. "
            "Nothing was changed.",
            hint="Name a file that is not there yet: it is made, with random bytes.",
        )
    return KeyFile(content)


def _content(path: Path) -> bytes:
    """Of a plain file; nothing of a pipe or a device, which could be waited for for ever."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return file.read(MOST + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""


def ready_for_new(path: Path, vault: Path) -> Path:
    """Make a new file, unless something is there; its absolute path.

    :raises diary.errors.KeyFileUnfit: when it is in the vault's folder, or cannot be made.
    """
    absolute = path.absolute()
    if absolute.resolve().is_relative_to(vault.resolve()):
        raise KeyFileUnfit(
            "A key file inside the vault's folder would open it for whoever has the folder. "
            "Nothing was changed.",
            hint="Keep it on a stick or another disk, and never in a backup of the vault.",
        )
    if unnamed.made_without_name(absolute):
        return absolute
    try:
        with suppress(FileExistsError):
            os.close(os.open(absolute, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _OWNER_ONLY))
            made_early.made(absolute)
            sync(absolute.parent)
    except OSError as error:
        raise KeyFileUnfit(
            f"The key file {path} cannot be made: {error.strerror}. Nothing was changed.",
            hint="Check the folder's name and permissions.",
        ) from None
    return absolute


def fill_or_read(path: Path) -> tuple[KeyFile, bool]:
    """The key file, and whether it is new: an empty one is filled with random bytes first.

    :raises diary.errors.KeyFileUnfit: as `read_key_file`, or when the disk refuses.
    """
    waiting = unnamed.is_waiting(path)
    if not waiting and (path.is_symlink() or not path.is_file() or path.stat().st_size):
        return read_key_file(path), False
    content = secrets.token_bytes(_NEW)
    try:
        if waiting:
            unnamed.finish(path, content)
            return KeyFile(content, made=True), True
        with path.open("r+b") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyFileUnfit(
            f"The key file {path} cannot be written: {error.strerror}. The vault is unchanged."
        ) from None
    return KeyFile(content, made=True), True


def others_may_read(path: Path) -> bool:
    """Whether the file's mode lets other users read it."""
    return bool(path.stat().st_mode & 0o077)
