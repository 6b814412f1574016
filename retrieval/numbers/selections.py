"""Which observations of a metric: those of a time, or the first or last few; pure given a reader of times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from diary.model.time_range import TimeRange
from retrieval.numbers.amounts import AMOUNT
from retrieval.numbers.functions import COMPARATIVE
from retrieval.numbers.times import Taken, TimeReader, beside, take
from retrieval.when.lazy import Lazy
from retrieval.when.words import NUMBERS, UNIT, number

_COUNTS = [word for word in NUMBERS if " " not in word and len(word) > 2]
_SPELT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_FEW = re.compile(
    r"\b(?P<which>first|earliest|initial|last|latest|most recent|newest|current|final|present"
    r"|letzte\w*|erste\w*|aktuelle\w*)"
    rf"(?: (?P<count>\d{{1,3}}|{_SPELT}))?(?! (?:\d+ )?{UNIT}s?\b)(?: ones?\b)?"
)
_EARLY = ("first", "earliest", "initial", "erste")
_USUAL = re.compile(
    r"\b(?:usual|normal|normally|usually|the rest|otherwise|overall|in general|all (?:the )?others?)\b"
)
_BEFORE_AND_AFTER = re.compile(r"\bbefore and after\b|\bafter and before\b")
_BARE_PLACE = re.compile(r"\A(?:first|last)\Z")
_PLACE_OF = re.compile(r"\b(?:first|second|third|fourth|last)\b(?= (?:half|third|quarter|week|month|day))")
_THAN = ("than ", "als ")
_THAN_AMOUNT = Lazy(rf"\b(?:than|als) (?!(?:19|20)\d\d\b(?! ?steps))(?P<a>{AMOUNT})")

_COMPARED = r"(?:compared?|comparing|measure up|stack up|verglichen)(?: up)? (?:with|to|against|mit)"
_PAIRS = tuple(
    re.compile(rf"(?P<a>.*)\b{joint}(?!\w)(?P<b>.*)")
    for joint in (_COMPARED, "(?:than|als)", r"(?:against|versus|vs\.?|as opposed to|gegenüber)")
)
_COMPARE = re.compile(r"\b(?:compare|comparing|comparison|vergleiche)\b(?P<rest>.*)")
_BETWEEN = re.compile(r"\b(?:difference|differ|compare|comparison|changed?)\b.*?\bbetween\b(?P<rest>.*)")
_JOINTS = re.compile(r"\b(?:with|and|to|against|mit|und)\b")
_BESIDE = re.compile(r" (?:with|and|to|against|versus|vs\.?|compared (?:with|to)|mit|und|gegen) ")
_OR = re.compile(r"\b(?:or|oder)\b")


_SINCE = ("since", "ever since", "after", "seit", "nach")
_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|am|has|have|did|do|does|ist|sind|war|waren|bin|habe|schlafe)\b"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of a metric's observations.

    :ivar range: those of these days; None for any.
    :ivar first, last: of these so many; 0 for all.
    :ivar label: the words that say which, for the reader.
    """

    range: TimeRange | None = None
    first: int = 0
    last: int = 0
    label: str = ""

    @property
    def one(self) -> bool:
        """Whether it is a single observation by its place."""
        return 1 in (self.first, self.last)

    @property
    def narrow(self) -> bool:
        """Whether it says anything at all."""
        return self.range is not None or bool(self.first or self.last)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One selection and the words of the question that are left."""

    selection: Selection
    left: str


@dataclass(frozen=True, slots=True)
class Sides:
    """Two selections to compare, as the question has them, and the words that are left."""

    first: Selection
    second: Selection
    left: str


def select(words: str, as_of: date, read: TimeReader) -> Chosen:
    """What plain words select: a time, and the first or last few."""
    taken = take(words, as_of, read)
    few = _FEW.search(taken.left)
    label = taken.range.phrase if taken.range else ""
    if few is None:
        return Chosen(Selection(range=taken.range, label=label), taken.left)
    count = number(few["count"]) if few["count"] else 1
    early = few["which"].startswith(_EARLY)
    left = taken.left[: few.start()] + " " * len(few.group()) + taken.left[few.end() :]
    label = " ".join(piece for piece in (few.group().strip(), label) if piece)
    return Chosen(
        Selection(range=taken.range, first=count if early else 0, last=0 if early else count, label=label),
        left,
    )


def sides(words: str, as_of: date, read: TimeReader) -> Sides | None:
    """The two selections that plain words compare, or None when they compare none or only one can be told."""
    around = _BEFORE_AND_AFTER.search(words)
    if around is not None:
        return _around(words, around, as_of, read)
    # "more than five" compares with an amount, not with another time.
    hidden = words
    if any(than in words for than in _THAN):
        hidden = _THAN_AMOUNT.sub(lambda match: "_" * len(match.group()), words)
    for start, end, second in _splits(hidden):
        found = _both(words, (start, end), second, as_of, read)
        if found is not None:
            return found
    return _named_first(words, as_of, read)


def _named_first(words: str, as_of: date, read: TimeReader) -> Sides | None:
    """Two times side by side, with what is compared before or after both: "compare May with June: mood"."""
    ranges = read(words, as_of) if _BESIDE.search(words) else ()
    if len(ranges) != 2:
        return None
    first, second = ranges
    start = words.find(first.phrase)
    end = start + len(first.phrase)
    other = words.find(second.phrase, end)
    if start < 0 or other < 0 or not _BESIDE.fullmatch(words[end:other]):
        return None
    if "and" in words[end:other].split() and not _COMPARE.search(words):
        return None
    last = other + len(second.phrase)
    left = words[:start] + " " * (last - start) + words[last:]
    return Sides(
        Selection(range=first, label=first.phrase), Selection(range=second, label=second.phrase), left
    )


def since_then(chosen: Chosen) -> Sides | None:
    """The time before against the time since: "is it lower since the move", with nothing named to compare."""
    used = chosen.selection.range
    if used is None or used.start is None or not chosen.selection.label.startswith(_SINCE):
        return None
    if not _WHETHER.search(chosen.left) or not COMPARATIVE.search(chosen.left):
        return None
    try:
        before = TimeRange(None, used.start - timedelta(days=1))
    except OverflowError:
        return None
    return Sides(Selection(range=before, label="before"), chosen.selection, chosen.left)


def _around(words: str, around: re.Match[str], as_of: date, read: TimeReader) -> Sides | None:
    """ "Before and after the move": two sides that name one event."""
    size, (start, end) = len(around.group()), around.span()
    one, other = (
        select(words[:start] + way.rjust(size) + words[end:], as_of, read) for way in ("before", "after")
    )
    if one.selection.range is None or other.selection.range is None:
        return None
    return Sides(one.selection, other.selection, one.left)


def _splits(words: str) -> Iterator[tuple[int, int, int]]:
    """Where the first side starts and ends, and where the second starts."""
    for pattern in _PAIRS:
        match = pattern.search(words)
        if match is not None:
            yield match.start("a"), match.end("a"), match.start("b")
    for pattern in (_COMPARE, _BETWEEN):
        match = pattern.search(words)
        if match is not None:
            for joint in _JOINTS.finditer(words, match.start("rest")):
                yield match.start("rest"), joint.start(), joint.end()
    if COMPARATIVE.search(words):
        for joint in _OR.finditer(words):
            yield 0, joint.start(), joint.end()


def _both(words: str, first: tuple[int, int], second: int, as_of: date, read: TimeReader) -> Sides | None:
    one = select(words[first[0] : first[1]], as_of, read)
    other = select(words[second:], as_of, read)
    one_range, other_range = one.selection.range, other.selection.range
    if one_range is not None:
        other = _told_by(other, words[second:], one_range, as_of)
    elif other_range is not None:
        one = _told_by(one, words[first[0] : first[1]], other_range, as_of)
    one, other = _ordinal(one, other, as_of, read), _ordinal(other, one, as_of, read)
    if _USUAL.search(other.left) and not one.selection.narrow:
        # "Is it shorter than usual in May": May is the side that is not usual.
        one, other = replace(one, selection=other.selection), Chosen(Selection(), other.left)
    one, other = _usual(one), _usual(other)
    if not (one.selection.label and other.selection.label) or one.selection == other.selection:
        return None
    one, other = _same_year(one, other, as_of, read)
    left = words[: first[0]] + one.left + " " * (second - first[1]) + other.left
    return Sides(one.selection, other.selection, left)


def _told_by(side: Chosen, words: str, other: TimeRange, as_of: date) -> Chosen:
    """A side that speaks of the other's time ("before it", "the same months of 2024")."""
    taken: Taken | None = beside(words, other, as_of)
    if taken is None or taken.range is None or (side.selection.narrow and "same" not in taken.range.phrase):
        return side
    return Chosen(Selection(range=taken.range, label=taken.range.phrase), taken.left)


def _ordinal(side: Chosen, other: Chosen, as_of: date, read: TimeReader) -> Chosen:
    """A side that leaves out what the other says: "the second half of 2023" against "the first"."""
    named = other.selection.range
    bare = _BARE_PLACE.search(side.selection.label)
    if named is None or side.selection.range is not None or bare is None:
        return side
    phrase = _PLACE_OF.sub(bare[0], named.phrase, count=1)
    found = read(phrase, as_of) if phrase != named.phrase else ()
    if not found:
        return side
    return Chosen(Selection(range=replace(found[0], phrase=phrase), label=phrase), side.left)


def _usual(side: Chosen) -> Chosen:
    """A side that means everything: "than usual"."""
    match = _USUAL.search(side.left)
    if side.selection.narrow or match is None:
        return side
    left = side.left[: match.start()] + " " * len(match.group()) + side.left[match.end() :]
    return Chosen(Selection(label=match.group()), left)


def _same_year(one: Chosen, other: Chosen, as_of: date, read: TimeReader) -> tuple[Chosen, Chosen]:
    """A side that names a month without a year takes the other's: "May against June 2023"."""

    def aligned(side: Chosen, model: Chosen) -> Chosen:
        own, named = side.selection.range, model.selection.range
        if own is None or named is None or named.end is None or re.search(r"\d{4}", own.phrase):
            return side
        year = re.search(r"\b(?:19|20)\d\d\b", named.phrase)
        if year is None or not re.search(r"[a-z]", own.phrase) or own.end is None:
            return side
        again = read(f"{own.phrase} {year[0]}", as_of)
        if not again or again[0].start is None or again[0].start.year != int(year[0]):
            return side
        label = side.selection.label.replace(own.phrase, f"{own.phrase} {year[0]}")
        range_ = TimeRange(again[0].start, again[0].end, own.phrase)
        return Chosen(replace(side.selection, range=range_, label=label), side.left)

    return aligned(one, other), aligned(other, one)
