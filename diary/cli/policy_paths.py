"""The files that `diary policy key`, `sign`, `succeed` and `verify` touch, settled before the seal; those of
`check` are in `proof_paths`. Standard library only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from diary.cli import proof_paths
from diary.cli.export_file import make_ready

SIGNATURE = ".sig"


def access(
    arguments: argparse.Namespace, make_folder: Callable[[Path], None]
) -> tuple[list[Path], list[Path]]:
    """What may be read, and what may be written; what is written is made ready.

    :raises diary.errors.FileExists: when something is there already that is not to be replaced.
    :raises diary.errors.StorageFailed: when it cannot be made.
    """
    match arguments.action:
        case "key":
            return [], [make_ready(arguments.new)]
        case "sign":
            signature = signature_of(arguments.policy)
            # That of an earlier version is replaced, once it is seen to be one.
            replaced = signature.is_file() and not signature.is_symlink()
            reads = [arguments.policy, arguments.key, signature, *arguments.after]
            return _absolute(reads), [signature.absolute() if replaced else make_ready(signature)]
        case "succeed":
            return _absolute([arguments.old_key, arguments.new_key]), [make_ready(arguments.new)]
        case "verify":
            return _absolute([arguments.file, signature_of(arguments.file)]), []
        case _:
            return proof_paths.access(arguments, make_folder)


def signature_of(policy: Path) -> Path:
    """Where the signature of a policy lies."""
    return policy.parent / f"{policy.name}{SIGNATURE}"


def _absolute(paths: list[Path]) -> list[Path]:
    return [path.absolute() for path in paths]
