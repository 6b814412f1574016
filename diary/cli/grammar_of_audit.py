"""The grammar of the log of what was done. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.cli.grammar import add_actions, positive


def audit(parser: argparse.ArgumentParser) -> None:
    """Shown, signed for keeping elsewhere, compared."""
    made = add_actions(
        parser,
        (
            ("show", "what was done: unlocked, exported, backed up, changed, erased; never what was written"),
            (
                "checkpoint",
                "sign the log as it is, to be kept elsewhere; without FILE a code to copy by hand",
            ),
            ("verify", "whether the log was shortened or rewritten since a checkpoint"),
        ),
    )
    made["show"].add_argument("-n", type=positive, default=50, metavar="N", help="the last N; 50 without it")
    made["checkpoint"].add_argument("file", nargs="?", type=Path, metavar="FILE", help="a new file")
    made["verify"].add_argument(
        "against",
        nargs="?",
        metavar="FILE|CODE",
        help="a checkpoint; without it the log is looked at by itself",
    )
