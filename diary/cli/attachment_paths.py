"""The files that `attach`, `write --attach` and `open-attachment` touch, settled before the seal. Standard
library only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.errors import StorageFailed, UsageError


def access(arguments: argparse.Namespace, vault: Path) -> list[Path]:
    """What may be written beside the vault: a file that is given out takes its name by a rename, and so needs
    the folder it is in. What is attached is read, and named by `files` in the arguments.

    :raises diary.errors.UsageError: when the options do not go together.
    :raises diary.errors.StorageFailed: when it would be in the vault, or its folder is not there.
    """
    if arguments.command == "attach" and arguments.name is not None and len(arguments.files) > 1:
        raise UsageError("--name is for one file, and there are several; nothing was attached.")
    if arguments.command != "open-attachment":
        return []
    if arguments.export is None:
        if arguments.replace:
            raise UsageError("--replace goes with --export FILE.")
        return []
    target: Path = arguments.export.expanduser().absolute()
    folder = target if target.is_dir() else target.parent
    if not folder.is_dir():
        raise StorageFailed(
            f"There is no folder {folder}, so nothing was written.", hint="Make it first, or choose another."
        )
    if folder.resolve().is_relative_to(vault.resolve()):
        raise StorageFailed(
            "A readable file is not put into the diary's own folder, so nothing was written.",
            hint="Choose a place outside it.",
        )
    return [folder]
