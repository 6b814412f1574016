"""The folders that backup, drill and restore touch, settled before the seal. Standard library only."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from diary.errors import UsageError

if TYPE_CHECKING:
    from diary.settings import Settings

_INCREMENT = b"DIARYBK2"


def access(
    arguments: argparse.Namespace, settings: Settings, make_folder: Callable[[Path], None]
) -> tuple[list[Path], list[Path]]:
    """What may be read, and what may be written.

    A backup takes its name by a rename, and so does a restored vault: both need the folder they are in.

    :raises diary.errors.UsageError: when the options do not go together.
    """
    if arguments.command == "backup":
        return [], _of_backup(arguments, settings)
    reads = [_with_its_bases(arguments.file.absolute())]
    if arguments.command == "drill":
        make_folder(settings.cache)
        return reads, [settings.cache]
    if arguments.damaged and (arguments.to is None or arguments.replace):
        raise UsageError(
            "What is taken out of a damaged backup goes into a folder of its own; nothing was done.",
            hint="Name one with --to DIR, without --replace.",
        )
    parent = restored_folder(arguments, settings).parent
    make_folder(parent)
    return reads, [parent]


def restored_folder(arguments: argparse.Namespace, settings: Settings) -> Path:
    """Where the vault is to be; absolute."""
    folder: Path = arguments.to.expanduser().absolute() if arguments.to else settings.vault
    return folder


def _with_its_bases(file: Path) -> Path:
    """The file; its folder when it is an incremental, for it needs others that lie beside it."""
    with suppress(OSError), open(file, "rb", opener=_without_waiting) as opened:
        if opened.read(len(_INCREMENT)) == _INCREMENT:
            return file.parent
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe of that name is not waited for


def of_the_screen(settings: Settings) -> list[Path]:
    """Where the screen's backups go, if it is there when the screen starts."""
    folder = settings.backup.folder
    return [folder] if folder is not None and folder.is_dir() else []


def _of_backup(arguments: argparse.Namespace, settings: Settings) -> list[Path]:
    if arguments.status:
        if arguments.file or arguments.keep or arguments.full:
            raise UsageError("--status goes alone: it only tells of the last backup.")
        return []
    if arguments.file is None and settings.backup.folder is not None:
        arguments.file = settings.backup.folder
        arguments.keep = arguments.keep or settings.backup.keep
        if not arguments.file.is_dir():
            raise UsageError(
                f"The folder for backups of the settings, {arguments.file}, is not there; nothing was done.",
                hint="Is the stick plugged in? Or name another place: diary backup FOLDER",
            )
    if arguments.file is None:
        raise UsageError(
            "A backup needs a place to go; nothing was done.",
            hint="Name a file or a folder, best on another disk or stick: diary backup "
            f"{settings.backup.example}. Or once for all in {settings.config}, under [backup]: folder = …",
        )
    target: Path = arguments.file.absolute()
    if target.is_dir():
        return [target]
    if arguments.keep:
        raise UsageError(
            "--keep is for a folder of backups, and this names a file; nothing was done.",
            hint="Name a folder that is there.",
        )
    return [target.parent]
