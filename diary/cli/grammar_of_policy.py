"""The grammar of `diary policy`. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path

from diary.cli import grammar_of_proof
from diary.cli.grammar import add_actions


def policy(parser: argparse.ArgumentParser) -> None:
    """The wall, the clinic's rules, and what a clinic makes them with."""
    made = add_actions(
        parser,
        (
            ("show", "the rules that hold, who set them, and what the kernel enforces"),
            ("check", "try every way out and report each"),
            ("key", "make a clinic's signing key, in a file that a passphrase opens"),
            ("sign", "sign a clinic's policy, once it is understood"),
            ("succeed", "let a signing key be followed by another"),
            (
                "verify",
                "check a signed policy, or a statement of another machine: who signed it, and what it says",
            ),
        ),
    )
    made["key"].add_argument("new", type=Path, metavar="NEW", help="the file of the private key")
    made["key"].add_argument(
        "--emergency",
        action="store_true",
        help="not for signing: the key that emergency access is sealed to (people.break_glass)",
    )
    made["sign"].add_argument("policy", type=Path, metavar="POLICY", help="the TOML file, as policy.toml")
    made["sign"].add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the signing key, made by “diary policy key”"
    )
    made["sign"].add_argument(
        "--after",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="how the key came from an earlier one: what “diary policy succeed” wrote, or the signature of "
        "an earlier policy; may be repeated",
    )
    made["succeed"].add_argument("new", type=Path, metavar="NEW", help="the file of the statement")
    made["succeed"].add_argument("--old-key", type=Path, required=True, metavar="FILE", help="until now")
    made["succeed"].add_argument("--new-key", type=Path, required=True, metavar="FILE", help="the next key")
    made["succeed"].add_argument(
        "--new-passphrase-file", metavar="F", help="the first line of this file opens the next key"
    )
    grammar_of_proof.check(made["check"])
    grammar_of_proof.verify(made["verify"])
