"""Files that get their name only when they are whole: made without one before the seal, named behind it.

The allow-list of the seal holds what exists when it is laid, and behind it a file cannot be removed from a
folder that is not granted. A file that was made by its name would stay, empty, when the command is refused
later. One without a name (O_TMPFILE) is gone when the process ends, and of its folder the seal then grants
one thing only: to name a new file there. Not every file system can do that (a stick's vfat cannot): whoever
asks makes the file by its name then. Standard library only.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o600
_waiting: dict[Path, tuple[int, int]] = {}
"""The file's descriptor and its folder's, by the name that the file is to have."""


def made_without_name(path: Path) -> bool:
    """Make a file for its owner alone, to be called `path` when it is whole; False where that cannot be done.

    :param path: absolute.
    """
    if path in _waiting:
        return True
    if os.path.lexists(path) or os.path.realpath(path.parent) == "/" or not hasattr(os, "O_TMPFILE"):
        return False
    with suppress(OSError):
        file = os.open(path.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            _waiting[path] = (file, os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        except OSError:
            os.close(file)
            raise
    return path in _waiting


def folders() -> tuple[Path, ...]:
    """The folders in which the seal has to let a new file be named."""
    return tuple(dict.fromkeys(path.parent for path in _waiting))


def is_waiting(path: Path) -> bool:
    """Whether there is a file without a name that is to be called so."""
    return path in _waiting


def finish(path: Path, content: bytes) -> None:
    """Write the file that was made for this name, and name it; on the disk when it returns.

    :raises FileExistsError: when something came to be there meanwhile; it is left as it is.
    :raises OSError: when the disk refuses; nothing is left of the file.
    """
    descriptor, folder = _waiting.pop(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            # With a descriptor given, Python makes the call that follows the link; without, another.
            os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)
        os.fsync(folder)
    finally:
        os.close(folder)
