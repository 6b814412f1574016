"""The files of a model to be imported: regular ones, inside the folder that was named, of a bearable size."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from diary.engine.memory import in_words
from diary.errors import ModelDamaged


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to copy: where it is, links followed; its name in the model, which may have one folder in it;
    its size in bytes.
    """

    path: Path
    name: str
    size: int


def regular(folder: Path, name: str, most: int) -> SourceFile:
    """A file of the folder, or one that a link in the folder names and that lies in the folder too.

    :param folder: with its own links followed. :param most: bytes it may have.
    :raises diary.errors.ModelDamaged: when it is missing, lies elsewhere, is no file, empty or too large.
    """
    try:
        path = (folder / name).resolve(strict=True)
        found = path.stat()
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        raise ModelDamaged(f"The model is not whole: {name} is missing or cannot be read.") from None
    if not path.is_relative_to(folder):
        raise ModelDamaged(
            f"The file {name} is a link that leads out of the folder, and was not followed.",
            hint="Copy the folder with its files first: cp -rL FOLDER COPY",
        )
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        raise ModelDamaged(f"The model is not whole: {name} is empty or no file.")
    if found.st_size > most:
        raise ModelDamaged(f"The file {name} has {in_words(found.st_size)}, which is more than is taken.")
    return SourceFile(path, name, found.st_size)
