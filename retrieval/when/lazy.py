"""Patterns that are compiled when they are first used.

There are some three hundred, and compiling them takes longer than writing an entry does; a question in one
language needs a third of them, `diary write` none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Match = re.Match[str]


class Lazy:
    """A regular expression with the methods of `re.Pattern` that the grammar uses."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        if self._compiled is None:
            self._compiled = re.compile(self.text)
        return self._compiled

    def search(self, text: str, first: int = 0, last: int | None = None) -> Match | None:
        """As `re.Pattern.search`."""
        return self.pattern.search(text, first, len(text) if last is None else last)

    def match(self, text: str, first: int = 0) -> Match | None:
        """As `re.Pattern.match`."""
        return self.pattern.match(text, first)

    def fullmatch(self, text: str, first: int = 0, last: int | None = None) -> Match | None:
        """As `re.Pattern.fullmatch`."""
        return self.pattern.fullmatch(text, first, len(text) if last is None else last)

    def finditer(self, text: str) -> Iterator[Match]:
        """As `re.Pattern.finditer`."""
        return self.pattern.finditer(text)

    def sub(self, replacement: Callable[[Match], str], text: str) -> str:
        """As `re.Pattern.sub`."""
        return self.pattern.sub(replacement, text)
