"""A file to be written outside the vault. Standard library only: it is made ready before the seal.

The allow-list of the seal holds what exists when it is laid, so the file is made before anything is unlocked,
for its owner alone: without a name, which it gets when it is whole (`diary.unnamed`); where the file system
cannot do that, empty and by its name (`diary.made_early`). Nothing that holds words is overwritten; an empty
file is taken: a run that failed later may have left it.
"""

from __future__ import annotations

import os
from pathlib import Path

from diary import made_early, unnamed
from diary.errors import FileExists, StorageFailed

_OWNER_ONLY = 0o600


def make_ready(path: Path) -> Path:
    """Make the file, or find it empty; its absolute path.

    :raises diary.errors.FileExists: when something is there.
    :raises diary.errors.StorageFailed: when it cannot be made.
    """
    absolute = path.absolute()
    if unnamed.made_without_name(absolute):
        return absolute
    try:
        made = os.open(absolute, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _OWNER_ONLY)
        os.close(made)
        made_early.made(absolute)
    except FileExistsError:
        if absolute.is_symlink() or not absolute.is_file() or absolute.stat().st_size:
            raise _there_already(path) from None
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be made: {error.strerror}. Nothing was changed.",
            hint="Check the folder's name and permissions.",
        ) from None
    return absolute


def write(path: Path, content: bytes) -> None:
    """Write the file that was made ready; on the disk when it returns.

    :raises diary.errors.FileExists: when something came to be there meanwhile.
    :raises diary.errors.StorageFailed: when the disk refuses; a file with a name may then be incomplete.
    """
    try:
        if unnamed.is_waiting(path):
            unnamed.finish(path, content)
            return
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise _there_already(path) from None
    except OSError as error:
        raise StorageFailed(
            f"{path} could not be written: {error.strerror}. The diary is unchanged.",
            hint="Make room or choose another place; the file may be incomplete.",
        ) from None


def _there_already(path: Path) -> FileExists:
    return FileExists(
        f"{path} is there already, so nothing was written.", hint="Choose another name, or remove it first."
    )
