"""The words that stand before and between times: since, until, two days after, to, than.

They are a table, one for each language; `retrieval.when.joining` knows what they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.when.lazy import Lazy


@dataclass(frozen=True, slots=True)
class Joints:
    """Patterns; those named "before a time" match at the end of what stands in front of it.

    :ivar to: all that stands between the two ends of a span.
    :ivar both: all that stands between two times that are one span only after `between`.
    :ivar between: before the first of two ends ("from", "between").
    :ivar halfway: "between", and more than a time up to where one begins; the other end is further on.
    :ivar since, until, before, after, around: before a time.
    :ivar onwards: behind a time that begins an open range ("from January on").
    :ivar starting: before a time that, with `onwards` behind it or alone in brackets, begins an open range.
    :ivar offset: "two days after", "the week before": groups `count`, `unit`, and one of `back`, `forward`,
        `within`; `lead` when the whole stretch is meant and not its end.
    :ivar preposition: belongs to the phrase that a time was read from.
    :ivar recurring: before a time that is none, since it comes again and again ("every").
    :ivar comparing: anywhere; two times joined by `both` are then two.
    :ivar versus: between two times that are compared.
    :ivar anchored: words, and all up to the next stop, that tell a time by an event ("since I moved").
    :ivar counts: number words of `offset`. :ivar units: its unit words, to day, week, month, year, weekend.
    """

    to: Lazy
    both: Lazy
    between: Lazy
    halfway: Lazy
    since: Lazy
    onwards: Lazy
    starting: Lazy
    until: Lazy
    before: Lazy
    after: Lazy
    around: Lazy
    offset: Lazy
    preposition: Lazy
    recurring: Lazy
    comparing: Lazy
    versus: Lazy
    anchored: Lazy
    counts: Mapping[str, int]
    units: Mapping[str, str]

    def count(self, word: str) -> int:
        """Value of a number in figures or words."""
        return int(word) if word.isdecimal() else self.counts[word]


def before_a_time(words: str, between: str) -> Lazy:
    """A pattern that ends where a time begins; `between` may stand in the middle."""
    return Lazy(rf"(?<!\w)(?:{words})(?: (?:{between}))*[ '\"\u201c]*\Z")


def gap(words: str, between: str) -> Lazy:
    """A pattern of all that stands between two times."""
    return Lazy(rf"[ ,]*(?:{words})(?: (?:{between})(?!\w))*[ ,]*")
