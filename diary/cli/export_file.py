"""A file to be written outside the vault. Standard library only: it is made ready before the seal.

The allow-list of the seal holds what exists when it is laid, so the file is made, empty and for its owner
alone, before anything is unlocked. Nothing that holds words is overwritten; an empty file is taken, because
a run that failed later leaves one: behind the seal it cannot be removed.
"""

from __future__ import annotations

import os
from pathlib import Path

from diary.errors import FileExists, StorageFailed

_OWNER_ONLY = 0o600


def make_ready(path: Path) -> Path:
    """Make the empty file, or find it empty; its absolute path.

    :raises diary.errors.FileExists: when something is there.
    :raises diary.errors.StorageFailed: when it cannot be made.
    """
    absolute = path.absolute()
    try:
        made = os.open(absolute, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _OWNER_ONLY)
        os.close(made)
    except FileExistsError:
        if absolute.is_symlink() or not absolute.is_file() or absolute.stat().st_size:
            raise FileExists(
                f"{path} is there already, so nothing was written.",
                hint="Choose another name, or remove it first.",
            ) from None
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be made: {error.strerror}. Nothing was changed.",
            hint="Check the folder's name and permissions.",
        ) from None
    return absolute


def write(path: Path, content: bytes) -> None:
    """Write the file that was made ready; on the disk when it returns.

    :raises diary.errors.StorageFailed: when the disk refuses; the file may then be incomplete.
    """
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageFailed(
            f"{path} could not be written: {error.strerror}. The diary is unchanged.",
            hint="Make room or choose another place; the file may be incomplete.",
        ) from None
