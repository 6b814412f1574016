"""What `policy check --report` writes and `policy verify` reads. Standard library only: settled before the
seal.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from diary.errors import UsageError


def access(
    arguments: argparse.Namespace, make_folder: Callable[[Path], None]
) -> tuple[list[Path], list[Path]]:
    """Paths to read, and paths to write, made where they must exist.

    :raises diary.errors.UsageError: for a nonce without a statement that it would be in.
    :raises diary.errors.DiaryError: when the statement's file is there already, or cannot be made.
    """
    if arguments.action != "check" or arguments.report is None:
        if getattr(arguments, "nonce", None):
            raise UsageError(
                "--nonce is for a statement: name its file.", hint="See: diary policy check --help"
            )
        return [], []
    from diary.cli.export_file import make_ready
    from diary.settings import state_folder

    arguments.report = make_ready(arguments.report)
    folder = state_folder()
    make_folder(folder)
    return [], [arguments.report, folder]
