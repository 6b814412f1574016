"""The one folder through which files come and go while the screen is open; settled before the seal, which
lets the program write there and nowhere else beside the vault.

What the person names in the settings is made when it is not there. Without a name it is the folder `diary`
in the documents folder, if somebody has made that; or else there is none, and the screen says how to set one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from diary.settings import PROGRAM, Settings
from diary.settings_file import SettingsWrong


def settle(settings: Settings, make_folder: Callable[[Path], None]) -> Path | None:
    """The folder, there; None when there is none.

    :raises diary.settings.SettingsWrong: when it would open more than one folder of files to the diary.
    :raises diary.errors.StorageFailed: when it cannot be made.
    """
    folder = settings.exchange
    if folder is None:
        usual = _usual()
        return usual if usual is not None and usual.is_dir() and _why_unfit(usual, settings) is None else None
    why = _why_unfit(folder, settings)
    if why is not None:
        raise SettingsWrong(
            f"The exchange folder {folder} {why}, so nothing was opened.",
            hint=f"Name a folder for nothing else under [screen] in {settings.config}.",
        )
    make_folder(folder)
    return folder


def where_documents_are() -> Path:
    """The file that says where the documents folder is; read again behind the seal."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "user-dirs.dirs"


def _usual() -> Path | None:
    try:
        return platformdirs.user_documents_path() / PROGRAM
    except (OSError, RuntimeError):  # that file cannot be read, or there is no home
        return None


def _why_unfit(folder: Path, settings: Settings) -> str | None:
    found, vault = folder.resolve(), settings.vault.resolve()
    if Path.home().resolve().is_relative_to(found):
        return "holds all of your own files"
    if vault.is_relative_to(found) or found.is_relative_to(vault):
        return "and the vault must not lie in each other"
    return None
