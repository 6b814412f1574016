"""What every part of the grammar is made of. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from diary.errors import UsageError
from policies.enforcement import ACCEPT


class Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process, so that `--json` can answer in JSON."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse on a wrong command line."""
        raise UsageError(f"This command line is not understood: {message}.", hint=f"See: {self.prog} --help")


def add_globals(parser: argparse.ArgumentParser, *, key_file: bool = True) -> None:
    """Global options stand before or after the command; SUPPRESS keeps one place from erasing the other.

    :param key_file: whether --key-file means the one that opens the vault here.
    """
    options = parser.add_argument_group("of every command")
    options.add_argument(
        "--vault", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="folder of the vault"
    )
    options.add_argument(
        "--passphrase-file",
        metavar="F",
        default=argparse.SUPPRESS,
        help="read the passphrase from this file's first line; - is standard input",
    )
    if key_file:
        options.add_argument(
            "--key-file",
            type=Path,
            metavar="PATH",
            default=argparse.SUPPRESS,
            help="open the vault with this key file",
        )
    options.add_argument(
        "--emergency-key",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="open the vault, to be read, with the clinic's emergency key; its owner is told of it",
    )
    options.add_argument(
        "--reason", metavar="WORDS", default=argparse.SUPPRESS, help="why; goes with --emergency-key"
    )
    options.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON document and nothing else",
    )
    options.add_argument(
        ACCEPT,
        action="store_true",
        default=argparse.SUPPRESS,
        help="go on where the kernel cannot close the network, for as much as it can; never under a "
        "clinic's policy",
    )
    options.add_argument("--as-of", metavar="DATE", default=argparse.SUPPRESS, help="what “today” means")


def add_actions(
    parser: argparse.ArgumentParser,
    actions: tuple[tuple[str, str], ...],
    *,
    without_key_file: tuple[str, ...] = (),
    required: bool = True,
) -> dict[str, argparse.ArgumentParser]:
    """The actions of a command (`diary models list`), each a name and its help; their parsers by name."""
    found = parser.add_subparsers(dest="action", metavar="ACTION", required=required, parser_class=Parser)
    made: dict[str, argparse.ArgumentParser] = {}
    for name, help_text in actions:
        made[name] = found.add_parser(name, help=help_text, description=help_text)
        add_globals(made[name], key_file=name not in without_key_file)
    return made


def add_about(parser: argparse.ArgumentParser) -> None:
    """Title and tags of an entry."""
    parser.add_argument("--title", help="a line above the words; an empty one takes it away")
    parser.add_argument("--tag", action="append", default=None, metavar="TAG", help="may be repeated")


def positive(text: str) -> int:
    """A count or a number of an entry."""
    value = int(text) if text.isdecimal() and len(text) < 20 else 0
    if not 0 < value < 2**63:  # what the database can count to
        raise argparse.ArgumentTypeError("a number above 0 is needed")
    return value
