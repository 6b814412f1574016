"""What a command made by its name before the seal, to be filled behind it: files on a file system that knows
none without a name (`diary.unnamed`), and folders.

When the command fails they are there, empty, and have nothing in them that anybody wants. Until the seal is
laid they can be taken away again; behind it they cannot, since the right to remove a file holds for all files
of its folder and is not given: so the person is told. Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_made: list[Path] = []


def made(path: Path) -> None:
    """This file or folder is there since this command began, and empty."""
    _made.append(path)


def take_away() -> list[Path]:
    """Remove what is empty still; what stays, because it cannot be removed."""
    left = []
    while _made:
        path = _made.pop(0)
        try:
            path.rmdir() if path.is_dir() else _remove_empty(path)
        except OSError:
            if _is_empty(path):
                left.append(path)
    return left


def sentence(left: Sequence[Path]) -> str:
    """What to do about what stays."""
    names = " and ".join(map(str, left))
    if len(left) == 1:
        return f"{names} is left there, empty: remove it, or name it again."
    return f"{names} are left there, empty: remove them, or name them again."


def _remove_empty(path: Path) -> None:
    if _is_empty(path):
        path.unlink()


def _is_empty(path: Path) -> bool:
    with suppress(OSError):
        if path.is_symlink():
            return False
        return _holds_nothing(path) if path.is_dir() else path.stat().st_size == 0
    return False


def _holds_nothing(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None
