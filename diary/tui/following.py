"""Finds the words that were heard again in a text that may have been edited since; pure.

The words of both are compared folded (case, punctuation). What is the same at the beginning and at the end is
paired at once, which is nearly all after an edit in one place; the rest by the longest common blocks
(Ratcliff and Obershelp, as `difflib` has them). A word that was changed has no place, and is not played from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from diary.model.speech import Segment, unsure

_WORD = re.compile(r"\S+")
_INSIDE = re.compile(r"\w")

LONG: Final = 1_000_000
"""Pairs of words; beyond, common ones (difflib's `autojunk`) are no anchors, so that typing never waits."""


@dataclass(frozen=True, slots=True)
class Place:
    """A heard word in the text: characters `start` to `end`, seconds `since` to `until`."""

    start: int
    end: int
    since: float
    until: float
    segment: int
    unsure: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    folded: str
    since: float
    until: float
    segment: int
    unsure: bool


class Follower:
    """Follows the words of these segments through any text."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._heard = [heard for number, segment in enumerate(segments) for heard in _words(number, segment)]

    def places(self, text: str) -> list[Place]:
        """The heard words that stand in the text, in its order."""
        stands = [(match.start(), match.end(), _fold(match.group())) for match in _WORD.finditer(text)]
        pairs = _pairs([heard.folded for heard in self._heard], [folded for _, _, folded in stands])
        return [
            Place(stands[b][0], stands[b][1], heard.since, heard.until, heard.segment, heard.unsure)
            for heard, b in ((self._heard[a], b) for a, b in pairs)
        ]


def spoken_at(places: Sequence[Place], seconds: float) -> tuple[int, int] | None:
    """Characters of the words at this second, or, in a pause, of those just before; None before the first."""
    now = [place for place in places if place.since <= seconds < place.until]
    if not now:
        before = [place for place in places if place.since <= seconds]
        now = [place for place in before if place.since == before[-1].since] if before else []
    return (now[0].start, now[-1].end) if now else None


def segment_at(places: Sequence[Place], offset: int) -> int:
    """The segment of the words at this character or just before it; the first when there are none."""
    before = [place.segment for place in places if place.start <= offset]
    return before[-1] if before else 0


def _words(number: int, segment: Segment) -> list[_Heard]:
    if segment.words:
        return [
            _Heard(_fold(piece), word.start, word.end, number, unsure(word.confidence))
            for word in segment.words
            for piece in word.text.split()
        ]
    doubt = unsure(segment.confidence)
    return [_Heard(_fold(word), segment.start, segment.end, number, doubt) for word in segment.text.split()]


def _fold(word: str) -> str:
    return "".join(_INSIDE.findall(word)).casefold() or word


def _pairs(heard: list[str], stands: list[str]) -> list[tuple[int, int]]:
    first = _same(heard, stands)
    last = min(_same(heard[::-1], stands[::-1]), len(heard) - first, len(stands) - first)
    ends = len(heard) - last, len(stands) - last
    middle = heard[first : ends[0]], stands[first : ends[1]]
    blocks = SequenceMatcher(
        None, *middle, autojunk=len(middle[0]) * len(middle[1]) > LONG
    ).get_matching_blocks()
    return [
        *((place, place) for place in range(first)),
        *((first + a + step, first + b + step) for a, b, size in blocks for step in range(size)),
        *zip(range(ends[0], len(heard)), range(ends[1], len(stands)), strict=True),
    ]


def _same(one: list[str], other: list[str]) -> int:
    for place, (a, b) in enumerate(zip_longest(one, other)):
        if a != b:
            return place
    return len(one)
