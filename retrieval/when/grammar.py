"""How rules of the grammar are written and tried.

A rule is a pattern and a function from its match and "today" to days. Rules stand in tables, most specific
first; the first rule that reads a time wins, wherever in the text it stands. A reading that leaves the
calendar (30 February, the year 0) is no time, so parsing never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from retrieval.when.periods import Days

Read = Callable[[re.Match[str], date], Days | None]


class Rule(NamedTuple):
    """A pattern over plain text and what it means."""

    pattern: re.Pattern[str]
    read: Read


class Found(NamedTuple):
    """Days, and the characters of the text they were read from."""

    days: Days
    start: int
    end: int


def rule(pattern: str, read: Read) -> Rule:
    """A rule whose pattern must not begin or end inside a word."""
    return Rule(re.compile(rf"(?<![\w]){pattern}(?!\w)"), read)


def first_found(rules: Iterable[Rule], text: str, as_of: date) -> Found | None:
    """What the first rule that reads a time in `text` reads."""
    for pattern, read in rules:
        for match in pattern.finditer(text):
            try:
                days = read(match, as_of)
            except (ValueError, OverflowError):
                continue
            if days is not None and days.start <= days.end:
                return Found(days, *match.span())
    return None


def year_named(word: str | None, as_of: date) -> int | None:
    """The year of "2023", "last year" or "this year"; None when no year is named."""
    if word is None:
        return None
    if word.startswith("last"):
        return as_of.year - 1
    return as_of.year if word.startswith("th") else int(word)
