"""How many guesses find a passphrase, and how many are asked for.

The estimate is zxcvbn's: common passwords, words, names, keyboard rows, dates and repeats are cheap, what is
left is tried letter by letter. It knows English, and thinks too well of words of other languages.
Source: Wheeler, "zxcvbn: Low-Budget Password Strength Estimation" (USENIX Security 2016).

Whoever has the vault's files may guess without end, each guess at the cost of one Argon2id: about a second
of a processor with 256 MiB. The floor of 10^10 guesses, where zxcvbn begins to call a passphrase strong
against offline guessing of a slow hash, is then some 300 years of one processor.

Recovery codes and key files are random and are not judged here.
"""

from __future__ import annotations

from diary.errors import WeakPassphrase

FLOOR = 10.0
"""Guesses that a passphrase must withstand at least, as a power of ten."""

_LOOKED_AT = 72  # characters: zxcvbn takes no more, and what is longer is only stronger


def require_strong(passphrase: str, *, floor: float = FLOOR, asked_by: str = "") -> None:
    """Refuse what is too easy to guess, with the reason.

    :param floor: the least number of guesses, as a power of ten. :param asked_by: whose floor it is, when it
        is not the program's.
    :raises diary.errors.WeakPassphrase: with advice in the hint; never with any of the passphrase.
    """
    from zxcvbn import zxcvbn  # takes 60 ms, and is needed only when a passphrase is set

    if not passphrase.strip():
        raise WeakPassphrase(
            "A passphrase cannot be empty. Nothing was changed.",
            hint="Four or more random words are easy to keep and hard to guess.",
        )
    found = zxcvbn(passphrase[:_LOOKED_AT])
    guesses = float(found["guesses_log10"])
    if guesses >= floor:
        return
    asked = f"{_count(floor)} are asked for{f' by {asked_by}' if asked_by else ''}"
    warning = str(found["feedback"]["warning"]).strip().rstrip(".")
    raise WeakPassphrase(
        f"This passphrase is too easy to guess: about {_count(guesses)} guesses find it, and "
        f"{asked}. {warning + '. ' if warning else ''}Nothing was changed.",
        hint="Four or more random words are easy to keep and hard to guess; random, not from a saying.",
    )


def _count(power: float) -> str:
    number = 10**power
    digits = max(len(str(int(number))) - 1, 0)
    return f"{round(number, -digits):,.0f}"
