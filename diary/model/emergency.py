"""Emergency access, as it is told to the owner of a diary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyUse:
    """One opening with a clinic's emergency key.

    :ivar number: of its event in the log.
    :ivar made: when, by the clock of the machine.
    :ivar key: the fingerprint of the clinic's public key.
    :ivar reason: in the words of whoever opened it.
    :ivar asked: which command was given, and the number of what it was to show; empty where that was not
        kept.
    """

    number: int
    made: datetime
    key: str
    reason: str
    asked: str = ""


def fingerprint(public: bytes) -> str:
    """The first digits of a clinic's public key, as `people.break_glass` in its policy begins."""
    return public.hex()[:_DIGITS]


def use_words(use: EmergencyUse) -> str:
    """A use in words, without a full stop."""
    made, what = use.made, f", to {use.asked}" if use.asked else ""
    return f"{made.day} {made:%B %Y, %H:%M}, with the key that begins with {use.key}{what}: “{use.reason}”"
