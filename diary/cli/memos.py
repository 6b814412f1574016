"""A folder of voice memos stands for the recordings in it.

Folders in it are gone through too; what is named like no recording, and hidden files (a telephone's
`._memo.m4a`), are left out. Links to folders are not followed. In the order of their names, which for memos
is most often the order in which they were spoken.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diary.errors import RecordingDamaged, StorageFailed
from diary.model.speech import SOUND_FORMATS

SUFFIXES = frozenset(
    {
        ".3gp",
        ".aac",
        ".aif",
        ".aiff",
        ".amr",
        ".caf",
        ".flac",
        ".m4a",
        ".mka",
        ".mp3",
        ".oga",
        ".ogg",
        ".opus",
    }
    | {".wav", ".webm", ".wma"}
)
"""How recordings are named, in small letters. Films are not among them: nobody means those by a folder of
memos, and one that is named itself is taken. What is in a file decides whether it can be read.
"""

_LARGEST = 512 * 1024 * 1024
"""Bytes; about 6 hours of compressed speech. A larger file is refused before it is read into memory."""


@dataclass(frozen=True, slots=True)
class Memo:
    """A recording on the disk; `named` when it was named itself, and not found in a folder."""

    path: Path
    named: bool


def memos(paths: Sequence[Path]) -> list[Memo]:
    """The recordings that these files and folders stand for, in order, each once.

    :raises diary.errors.RecordingDamaged: when a folder holds no recording.
    :raises diary.errors.StorageFailed: when a folder cannot be listed.
    """
    found: dict[Path, Memo] = {}
    for path in paths:
        if not path.is_dir():
            found.setdefault(path, Memo(path, named=True))
            continue
        inside = _inside(path)
        if not inside:
            raise RecordingDamaged(
                f"There is no recording in {path}; nothing was kept.",
                hint=f"They are known by their endings: {SOUND_FORMATS}. Name others one by one.",
            )
        for one in inside:
            found.setdefault(one, Memo(one, named=False))
    return list(found.values())


def _inside(folder: Path) -> list[Path]:
    def refused(error: OSError) -> None:
        raise StorageFailed(
            f"The folder {error.filename} cannot be listed: {error.strerror}. Nothing was kept.",
            hint="Check its permissions.",
        ) from None

    found = []
    for root, folders, files in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(root, name)
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
        ]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def sound_of(path: Path) -> bytes:
    """The bytes of a recording.

    :raises diary.errors.RecordingDamaged: when it is no file, too large, or cannot be read.
    """
    try:
        if not path.is_file():
            raise RecordingDamaged(f"{path} is not a file; nothing was kept.", hint="Check the name.")
        if path.stat().st_size > _LARGEST:
            raise RecordingDamaged(
                f"{path} is larger than 512 MB; nothing was kept.", hint="Cut it into parts first."
            )
        return path.read_bytes()
    except OSError as error:
        raise RecordingDamaged(
            f"{path} cannot be read: {error.strerror}. Nothing was kept.", hint="Check its permissions."
        ) from None
