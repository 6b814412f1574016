"""Where a mistyped recovery code is wrong: the group on the paper to be compared, when a single slip made it.

A slip is one symbol that is another, missing or too many, or two neighbours that are exchanged. The check
symbols leave about two of the 900 codes that are one slip away, and which of those is the code is seen by
trying them on the vault: that takes less than a millisecond each, since nothing is derived. Whoever does not
know the code gains nothing by it: all but one of its symbols have to be right.

What it cannot do: find two slips in different groups, or anything in the code of another vault.
"""

from __future__ import annotations

from collections.abc import Iterator

from diary.vault.recovery import ALPHABET, CHECK_SYMBOLS, GROUP, SYMBOLS, plain_of, read_code

_WHOLE = SYMBOLS + CHECK_SYMBOLS


def one_slip_away(typed: str) -> Iterator[tuple[bytes, int]]:
    """The codes that this may be meant for: the symbols of each, and the group that differs, from 1."""
    plain = plain_of(typed)
    seen = set()
    for meant, place in _slips(plain):
        symbols = read_code(meant).symbols
        if symbols is not None and symbols not in seen:
            seen.add(symbols)
            yield symbols, place // GROUP + 1


def _slips(plain: str) -> Iterator[tuple[str, int]]:
    if len(plain) == _WHOLE:
        for place in range(_WHOLE):
            for symbol in ALPHABET:
                yield plain[:place] + symbol + plain[place + 1 :], place
            yield plain[:place] + plain[place : place + 2][::-1] + plain[place + 2 :], place
    elif len(plain) == _WHOLE - 1:
        for place in range(_WHOLE):
            for symbol in ALPHABET:
                yield plain[:place] + symbol + plain[place:], place
    elif len(plain) == _WHOLE + 1:
        for place in range(_WHOLE):
            yield plain[:place] + plain[place + 1 :], place
