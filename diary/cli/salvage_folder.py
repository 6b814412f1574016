"""The folder that a salvage writes into, made before the seal. Standard library only."""

from __future__ import annotations

from pathlib import Path

from diary import made_early
from diary.errors import FileExists, StorageFailed

_OWNER_ONLY = 0o700


def make_ready(folder: Path, vault: Path) -> Path:
    """Make it, for its owner alone, or find it empty; its absolute path.

    :raises diary.errors.FileExists: when something is in it, or it is in the vault.
    :raises diary.errors.StorageFailed: when it cannot be made.
    """
    absolute = folder.expanduser().absolute()
    if vault.resolve() in (absolute.resolve(), *absolute.resolve().parents):
        raise FileExists(
            f"{folder} is inside the vault. Nothing was written.", hint="Choose a folder outside of it."
        )
    try:
        new = not absolute.exists()
        absolute.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        if new:
            made_early.made(absolute)
        empty = not absolute.is_symlink() and not any(absolute.iterdir())
    except (FileExistsError, NotADirectoryError):
        empty = False
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be made: {error.strerror}. Nothing was written.",
            hint="Check the folder's name and permissions.",
        ) from None
    if not empty:
        raise FileExists(
            f"{folder} is not an empty folder. Nothing was written.", hint="Choose one that is empty or new."
        )
    return absolute
