"""Files that survive a power cut: written aside, forced to the disk, renamed into place, the folder forced.

All files of the vault are readable by their owner only. Nothing is ever written outside the vault's folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from diary.durable import sync

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700
ASIDE = ".tmp"
_OUR_NAMES = re.compile("[0-9a-f]{32}")


def write_synced(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that must not be there yet and force it and its name to the disk.

    :raises OSError: when the disk refuses; what was written is removed again.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(handle)
        sync(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replace_synced(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file: a reader finds the old bytes or the new, never a mixture.

    :raises OSError: when the disk refuses; the old file is untouched.
    """
    aside = path.with_name(path.name + ASIDE)
    aside.unlink(missing_ok=True)
    write_synced(aside, [content])
    try:
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def names_of_ours(folder: Path) -> list[str]:
    """The files with random names of ours, sorted; none when there is no such folder."""
    try:
        return sorted(path.name for path in folder.iterdir() if _OUR_NAMES.fullmatch(path.name))
    except FileNotFoundError:
        return []


def remove_unknown(folder: Path, known: set[str]) -> None:
    """Remove files with random names of ours that are not known; others, and a folder that cannot be read,
    are left alone.
    """
    with suppress(OSError):
        for path in folder.iterdir():
            if _OUR_NAMES.fullmatch(path.name) and path.name not in known:
                path.unlink(missing_ok=True)
