"""The grammar of attachments. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.cli.grammar import positive


def attach(parser: argparse.ArgumentParser) -> None:
    """Files that are put with an entry."""
    parser.add_argument("entry", type=positive, metavar="ID", help="the entry")
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="kept as it is, encrypted; the file itself stays"
    )
    parser.add_argument("--name", metavar="NAME", help="what it is to be called, for one file")


def attach_to_new(parser: argparse.ArgumentParser) -> None:
    """The same, for an entry that is written."""
    parser.add_argument(
        "--attach",
        dest="files",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="keep a file with it; may be repeated",
    )


def attachments(parser: argparse.ArgumentParser) -> None:
    """The list."""
    parser.add_argument("entry", type=positive, nargs="?", metavar="ID", help="of this entry only")


def open_attachment(parser: argparse.ArgumentParser) -> None:
    """One of them, on the screen or into a file."""
    parser.add_argument("attachment", type=positive, metavar="ID", help="as “diary attachments” numbers it")
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="write it into this file or folder, where it is not encrypted; without it text is shown",
    )
    parser.add_argument("--replace", action="store_true", help="write over a file that is there")


def detach(parser: argparse.ArgumentParser) -> None:
    """One of them, to be destroyed."""
    parser.add_argument("attachment", type=positive, metavar="ID", help="as “diary attachments” numbers it")
    parser.add_argument("--yes", action="store_true", help="do not ask")
