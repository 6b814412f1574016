"""How rules of the grammar are written and tried.

A rule is a pattern and a function from its match and "today" to days. Rules stand in tables, most specific
first: where two read the same words, the first wins. A group named `lead` at the beginning of a pattern holds
words that must stand there but are no part of the time. A reading that leaves the calendar (30 February, the
year 0) is no time, so parsing never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from retrieval.when.lazy import Lazy
from retrieval.when.periods import Days

Read = Callable[[re.Match[str], date], Days | None]


class Rule(NamedTuple):
    """A pattern over plain text and what it means.

    :ivar holds: every match has one of these in it; empty when there is nothing of the kind.
    """

    pattern: Lazy
    read: Read
    holds: tuple[str, ...] = ()

    def may_match(self, text: str) -> bool:
        """Whether the pattern need be compiled and tried; to compile all takes 0.05 s."""
        return not self.holds or any(words in text for words in self.holds)


class Found(NamedTuple):
    """Days, and the characters of the text they were read from."""

    days: Days
    start: int
    end: int


def rule(pattern: str, read: Read, holds: Iterable[str] = ()) -> Rule:
    """A rule whose pattern must not begin or end inside a word."""
    return Rule(Lazy(rf"(?<![\w]){pattern}(?!\w)"), read, tuple(holds))


def first_found(rules: Iterable[Rule], text: str, as_of: date) -> Found | None:
    """What the first rule that reads a time in `text` reads."""
    for tried in rules:
        for match in tried.pattern.finditer(text) if tried.may_match(text) else ():
            found = _read(tried.read, match, as_of)
            if found is not None:
                return found
    return None


def all_found(rules: Iterable[Rule], text: str, as_of: date) -> list[Found]:
    """All times read in `text`, in its order; none overlaps another."""
    taken: list[Found] = []
    for tried in rules:
        for match in tried.pattern.finditer(text) if tried.may_match(text) else ():
            start, end = _core(match)
            if any(start < other.end and other.start < end for other in taken):
                continue
            found = _read(tried.read, match, as_of)
            if found is not None:
                taken.append(found)
    return sorted(taken, key=lambda found: found.start)


def _core(match: re.Match[str]) -> tuple[int, int]:
    lead = match.re.groupindex.get("lead")
    start = match.end(lead) if lead is not None and match[lead] is not None else match.start()
    return start, match.end()


def _read(read: Read, match: re.Match[str], as_of: date) -> Found | None:
    try:
        days = read(match, as_of)
    except (ValueError, OverflowError):
        return None
    return Found(days, *_core(match)) if days is not None and days.start <= days.end else None


def year_named(word: str | None, as_of: date) -> int | None:
    """The year of "2023", "last year" or "this year"; None when no year is named."""
    if word is None:
        return None
    if word.startswith("last"):
        return as_of.year - 1
    return as_of.year if word.startswith("th") else int(word)
