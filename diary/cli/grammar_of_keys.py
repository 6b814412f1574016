"""The grammar of `diary keys`. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.cli.grammar import add_actions

_NEW_FILE = "read the new passphrase from this file's first line; - is the next line of standard input"


def keys(parser: argparse.ArgumentParser) -> None:
    """The ways into the vault."""
    made = add_actions(
        parser,
        (
            ("list", "the ways into the vault, and which one opened it now"),
            ("add", "one more passphrase, key file or recovery code"),
            ("change", "put a new passphrase in the place of an old one"),
            ("remove", "take one away; the last cannot be"),
            ("rotate", "make a new vault key and encrypt everything anew"),
        ),
        without_key_file=("add",),
    )
    kind = made["add"].add_mutually_exclusive_group()
    kind.add_argument("--passphrase", action="store_true", help="a passphrase; this is meant without any")
    kind.add_argument(
        "--key-file",
        "--new-key-file",
        dest="new_key_file",
        type=Path,
        metavar="PATH",
        help="a key file; made with random bytes when it is not there. The key file that opens the vault is "
        "named before the command: diary --key-file PATH keys add",
    )
    kind.add_argument("--recovery", action="store_true", help="a recovery code, printed once")
    made["add"].add_argument(
        "--label", metavar="WORDS", help="what you call it; it can be read without opening the vault"
    )
    for name in ("add", "change"):
        made[name].add_argument("--new-passphrase-file", metavar="F", help=_NEW_FILE)
    made["change"].add_argument(
        "key", metavar="NUMBER", nargs="?", help="as “diary keys list” numbers it; without it the one in use"
    )
    made["remove"].add_argument(
        "key",
        metavar="NUMBER",
        help="as “diary keys list” numbers it; or the eight digits beside that, which never change",
    )
    for name in ("remove", "rotate"):
        made[name].add_argument("--yes", action="store_true", help="do not ask")
