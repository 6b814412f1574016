"""The options of `policy check` and `policy verify`. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
from pathlib import Path

_LONGEST_NONCE = 200
_KEY_DIGITS = 64


def check(parser: argparse.ArgumentParser) -> None:
    """Try every way out."""
    parser.add_argument(
        "--quick", action="store_true", help="what was tried when this command started, and nothing more"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write what was found, with the hashes of the program, into a signed statement; overwrites "
        "nothing",
    )
    parser.add_argument(
        "--nonce",
        type=_nonce,
        metavar="TEXT",
        help="what the auditor gave you, so that no old statement can be handed in",
    )


def verify(parser: argparse.ArgumentParser) -> None:
    """Check a statement, or a policy."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a statement; or a policy, with its signature in FILE.sig"
    )
    parser.add_argument("--key", type=_key, metavar="HEX", help="the public key that has to have signed")
    parser.add_argument(
        "--nonce", type=_nonce, metavar="TEXT", help="the nonce that has to be in a statement"
    )


def _nonce(text: str) -> str:
    if not text.isprintable() or not 0 < len(text) <= _LONGEST_NONCE:
        raise argparse.ArgumentTypeError(f"1 to {_LONGEST_NONCE} printable characters are needed")
    return text


def _key(text: str) -> bytes:
    digits = "".join(text.split())
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(digits) != _KEY_DIGITS or not found:
        raise argparse.ArgumentTypeError(f"{_KEY_DIGITS} hexadecimal digits are needed")
    return found
