"""The recovery code: a second way in, on paper, for the day the passphrase is forgotten.

130 random bits as 26 symbols of Crockford's base32, then two check symbols: the bits as a number, modulo
1021. The modulus is prime and greater than any difference of two symbols, so every single wrong symbol and
every exchange of two neighbouring ones among the 26 is told as a typing error rather than tried as a key.

Reading is forgiving: case, spaces, hyphens, points and the like do not matter, O is 0, and I and L are 1.
What has not the right form, or the right check symbols, is told apart from a passphrase of words by its
digits as they were typed: a code of 28 symbols has none once in 36,000, and fewer than three once in 390.
Source: Douglas Crockford, "Base 32", https://www.crockford.com/base32.html
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS = 26
CHECK_SYMBOLS = 2
GROUP = 4
GROUPS = (SYMBOLS + CHECK_SYMBOLS) // GROUP
_MODULUS = 1021
_FEWEST_DIGITS = 3
_BETWEEN = "-._\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", **dict.fromkeys(_BETWEEN)})


@dataclass(frozen=True, slots=True)
class ReadCode:
    """What a typed text is as a recovery code.

    :ivar symbols: the 26 symbols when the check symbols agree, else None.
    :ivar mistyped: it has the form of a code, but its check symbols do not agree.
    """

    symbols: bytes | None
    mistyped: bool


def new_code() -> str:
    """A random recovery code, in groups of four."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    whole = symbols + _check(symbols)
    return "-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP))


def read_code(typed: str) -> ReadCode:
    """Read a code as a person typed it."""
    plain = plain_of(typed)
    digits = sum(mark.isdigit() for mark in typed)
    if len(plain) != SYMBOLS + CHECK_SYMBOLS or any(symbol not in ALPHABET for symbol in plain):
        return ReadCode(symbols=None, mistyped=digits >= _FEWEST_DIGITS and _nearly_a_code(plain))
    symbols, check = plain[:SYMBOLS], plain[SYMBOLS:]
    if _check(symbols) != check:
        return ReadCode(symbols=None, mistyped=digits > 0)
    return ReadCode(symbols=symbols.encode("ascii"), mistyped=False)


def plain_of(typed: str) -> str:
    """The symbols of a typed text as they are read, without what stands between them."""
    return "".join(typed.upper().split()).translate(_READ_AS)


def _check(symbols: str) -> str:
    number = 0
    for symbol in symbols:
        number = number * 32 + ALPHABET.index(symbol)
    remainder = number % _MODULUS
    return ALPHABET[remainder >> 5] + ALPHABET[remainder & 31]


def _nearly_a_code(plain: str) -> bool:
    """At most a group too many or too few, or a symbol outside the alphabet."""
    near_length = abs(len(plain) - SYMBOLS - CHECK_SYMBOLS) <= GROUP
    return near_length and plain.isascii() and plain.isalnum()
