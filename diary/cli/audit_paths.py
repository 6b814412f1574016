"""The files that `audit checkpoint` and `audit verify` touch, settled before the seal. Standard library
only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.cli.export_file import make_ready

Paths = tuple[list[Path], list[Path]]


def access(arguments: argparse.Namespace) -> Paths:
    """What is read and what is written beside the vault. What `verify` is given is a file when there is one
    of that name, and a short code otherwise.

    :raises diary.errors.FileExists: or StorageFailed, when the checkpoint cannot be put there.
    """
    arguments.checkpoint_file = None
    if arguments.action == "checkpoint" and arguments.file is not None:
        arguments.checkpoint_file = make_ready(arguments.file)
        return [], [arguments.checkpoint_file]
    if arguments.action == "verify" and arguments.against is not None:
        file = Path(arguments.against).absolute()
        if file.is_file():
            arguments.checkpoint_file = file
            return [file], []
    return [], []
