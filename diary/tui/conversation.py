"""The questions of one conversation, and what is typed into the question field; pure, no widgets.

Rules: a question follows up the one answered before until the person starts afresh; nothing is kept on the
disk. Filters (`tag:health`, `#health`, `kind:voice`, `is:starred`, `from:2025-05`, `to:yesterday`) are read
wherever they stand in a question; its other words stay as they are, quotation marks and hyphens too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from diary.model.answer import Question
from diary.model.time_range import TimeRange
from retrieval.query import read_bound, read_query

QUOTES = 5
"""At most this many: more would push the summary out of sight."""
LONGEST_LIST = 50
"""Quotes of a list that was asked for, which should be whole."""
MOST_REMEMBERED = 200

_FILTER = re.compile(
    r"(?<!\S)(?:(?:tag|kind|is|from|to):(?:\"[^\"]+\"|“[^”]+”|[^\s\"“?]+)|#(?=[\w/-]*[^\W\d])\w[\w/-]*)"
    r"(?=[\s?.,!]|$)",
    re.I,
)
_ANY_TIME = frozenset(("", "any time", "anytime", "any", "all", "all time", "always", "ever", "all entries"))


def typed_question(text: str, as_of: date) -> Question:
    """The question as typed, its filters taken out of its words.

    :raises diary.errors.DiaryError: when a filter is not understood; nothing was asked.
    """
    filters = read_query(" ".join(found.group() for found in _FILTER.finditer(text)), as_of)
    if filters.problems:
        raise filters.problems[0]
    words = " ".join(_FILTER.sub(" ", text).split())
    return replace(
        filters.question(as_of=as_of, limit=QUOTES),
        text=re.sub(r"\s+([?!.,])", r"\1", words),
        list_limit=LONGEST_LIST,
    )


def typed_range(words: str, as_of: date) -> TimeRange:
    """The days that were typed; open on both sides for "any time" and for nothing.

    :raises diary.errors.TimeNotUnderstood: when the words name no time.
    """
    plain = " ".join(words.split())
    if plain.lower() in _ANY_TIME:
        return TimeRange(None, None)
    found = read_bound(plain, as_of)
    return TimeRange(found.start, found.end)


@dataclass
class Conversation:
    """What was asked so far, newest last.

    :ivar previous: the question before, as it was understood; None when the next one stands alone.
    :ivar given: a range for the next question, chosen before it was asked.
    """

    previous: Question | None = None
    given: TimeRange | None = None
    _typed: list[str] = field(default_factory=list)
    _place: int = 0
    _draft: str = ""

    def remember(self, typed: str) -> None:
        """A question was asked: it can be recalled."""
        if not self._typed or self._typed[-1] != typed:
            self._typed.append(typed)
            del self._typed[:-MOST_REMEMBERED]
        self._place = len(self._typed)

    def earlier(self, shown: str) -> str | None:
        """The question before the one recalled; what is `shown` now is kept to come back to."""
        if self._place == 0:
            return None
        if self._place == len(self._typed):
            self._draft = shown
        self._place -= 1
        return self._typed[self._place]

    def later(self) -> str | None:
        """The question after the one recalled, at last what was being typed; None when none was recalled."""
        if self._place >= len(self._typed):
            return None
        self._place += 1
        return self._draft if self._place == len(self._typed) else self._typed[self._place]

    def begin(self, text: str, as_of: date) -> Question:
        """The question to ask now.

        :raises diary.errors.DiaryError: when a filter is not understood.
        """
        question = typed_question(text, as_of)
        given, self.given = self.given, None
        return replace(question, range=given) if given is not None and question.range is None else question

    def afresh(self) -> None:
        """The next question stands alone."""
        self.previous = None
        self.given = None
