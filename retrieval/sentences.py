"""Sentences of a note, as spans of its text; pure.

Rules:
- a span never starts or ends with white space, and is never empty;
- spans do not overlap, come in order, and every character that is not white space lies in exactly one;
- `key:: value` lines, list items and headings are sentences of their own;
- a line break ends a sentence, unless the line was only wrapped: long, unfinished, and the next goes on in
  lower case;
- text without punctuation (speech written down) is cut at a clause or a space, and text without spaces at a
  number of characters, so that no span is longer than `MOST_WORDS` words or `MOST_CHARACTERS` characters.

Written for English and German; for other scripts the full stops of Chinese and Japanese count too.
Not here: grouping sentences into passages (`retrieval.passages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_WORDS = 60
MOST_CHARACTERS = 480


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (excluded) of a text, in code points."""

    start: int
    end: int


_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_KEY_VALUE = re.compile(r"\s*(?:[-*+]\s+)?\w[\w /.-]{0,40}::(?:\s|$)")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦]\s|\d{1,3}[.)]\s|#{1,6}\s|>\s|\[[ xX]\]\s)")
# Possessive, and never begun inside a run of stops: a page of dots takes no longer than a page of words.
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[)\]\"'\u201d\u2019»*_]*+(?=\s)|[\u3002\uff01\uff1f]++[\u300d\u300f\uff09\u201d]*+"
)
_ENDS = ".!?…:;\u3002\uff01\uff1f"
_CLOSERS = ")]\"'*_\u201d\u2019»\u300d\u300f\uff09"
_OPENERS = "([\"'*_\u201c\u2018\u201e«"
_LAST_TOKEN = re.compile(r"\S+\Z")
_NEXT_TOKEN = re.compile(r"\s*(\S+)")
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_WRAPPED_FROM = 50
_LONGEST_ABBREVIATION = 16
_ABBREVIATIONS_WORDS = """
    dr mr mrs ms prof st sr jr rev hon vs etc e.g eg i.e ie approx appt dept est min max no nos fig
    vol pp mt ave rd tel temp wt ht bp resp jan feb mar apr jun jul aug sep sept oct nov dec mon tue
    tues wed thu thur thurs fri sat a.m p.m z.b d.h u.a bzw usw ca nr hr fr evtl ggf inkl str tgl
    vgl o.ä s.o u.s.w dipl ing med phil abs
"""
_ABBREVIATIONS = frozenset(_ABBREVIATIONS_WORDS.split())
# After these a capital letter starts a new sentence all the same.
_OFTEN_LAST_WORDS = "etc a.m p.m usw u.s.w min max no st mar sat fri mon fig"
_OFTEN_LAST = frozenset(_OFTEN_LAST_WORDS.split())
_GERMAN_MONTHS_WORDS = """
    januar jänner februar märz april mai juni juli august september oktober november dezember
"""
_GERMAN_MONTHS = frozenset(_GERMAN_MONTHS_WORDS.split())


def sentences(text: str) -> list[Span]:
    """The sentences of `text`, in order, under the rules of this module."""
    found: list[Span] = []
    for block in _blocks(text):
        for span in _stops(text, block):
            found.extend(_bounded(text, span))
    return found


def is_key_value(text: str) -> bool:
    """Whether this sentence is a `key:: value` line."""
    return _KEY_VALUE.match(text) is not None


def word_count(text: str) -> int:
    """Number of words, counted by white space."""
    return len(text.split())


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return Span(start + left, start + right) if right > left else None


def _blocks(text: str) -> Iterator[Span]:
    """Lines, with wrapped ones joined."""
    current: Span | None = None
    for match in _LINE.finditer(text):
        line = _trimmed(text, match.start(), match.end())
        if line is None:
            continue
        if current is not None and _goes_on(text, current, line):
            current = Span(current.start, line.end)
            continue
        if current is not None:
            yield current
        current = line
    if current is not None:
        yield current


def _goes_on(text: str, block: Span, line: Span) -> bool:
    gap = _BREAK.findall(text, block.end, line.start)
    if len(gap) != 1 or not text[line.start].islower():
        return False
    last_break = max(text.rfind("\n", block.start, block.end), block.start)
    if block.end - last_break < _WRAPPED_FROM or text[block.end - 1] in _ENDS:
        return False
    return not any(
        pattern.match(text, part.start, part.end) for pattern in (_KEY_VALUE, _ITEM) for part in (block, line)
    )


def _stops(text: str, block: Span) -> Iterator[Span]:
    """Split one block at the ends of its sentences."""
    if is_key_value(text[block.start : block.end]):
        yield block
        return
    item = _ITEM.match(text, block.start, block.end)
    start, search = block.start, item.end() if item else block.start
    for stop in _STOP.finditer(text, search, block.end):
        if not _ends_sentence(text, start, stop, block.end):
            continue
        span = _trimmed(text, start, stop.end())
        if span is not None:
            yield span
        start = stop.end()
    rest = _trimmed(text, start, block.end)
    if rest is not None:
        yield rest


def _ends_sentence(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    mark = stop.group().rstrip(_CLOSERS)
    following = _NEXT_TOKEN.match(text, stop.end(), end)
    if following is None:
        return True
    after = following.group(1)
    if mark[-1] == "…" or mark.endswith(".."):
        return not after[0].islower()
    if mark != ".":
        return True
    token = _LAST_TOKEN.search(text[max(start, stop.start() - _LONGEST_ABBREVIATION) : stop.start()])
    word = token.group().lstrip(_OPENERS).lower() if token else ""
    if word in _ABBREVIATIONS:
        return word in _OFTEN_LAST and after[0].isupper()
    if len(word) == 1 and word.isalpha() and word not in "i" and after[0].isalpha():
        return False
    if word.isdigit():
        return not (after[0].islower() or after.strip(".,;:!?").lower() in _GERMAN_MONTHS)
    return True


def _bounded(text: str, span: Span) -> Iterator[Span]:
    """Cut a span that is too long at a clause, a space, or a number of characters."""
    start = span.start
    while True:
        cut = _cut(text, start, span.end)
        if cut is None:
            yield Span(start, span.end)
            return
        piece = _trimmed(text, start, cut)
        if piece is not None:
            yield piece
        rest = _trimmed(text, cut, span.end)
        if rest is None:
            return
        start = rest.start


_TOKEN = re.compile(r"\S+")


def _cut(text: str, start: int, end: int) -> int | None:
    """Where to cut text[start:end], or None when it is short enough."""
    clause = space = None
    longest = start + MOST_CHARACTERS
    for words, token in enumerate(_TOKEN.finditer(text, start, min(end, longest + 1)), start=1):
        if words > MOST_WORDS or token.end() > longest:
            return clause or space or longest
        space = token.end()
        if words >= MOST_WORDS // 3 and token.group()[-1] in ",;:)\u2013\u2014":
            clause = token.end()
    return None if end <= longest else clause or space
