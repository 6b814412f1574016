"""What is written instead of what is heard, by the person's own exact rules; pure.

A rule holds for whole words in any case, with any white space between them. Of rules that overlap in a text
the longest is taken, then the first in the text, then the first in the glossary. One pass: what a rule wrote
is not read again, and where a term or another name of it stands already no shorter rule changes a part of it.
Marks around the words stay: “dr okay for's” becomes “Dr Okafor's”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from diary.model.glossary import Term
from diary.model.speech import Segment, Word


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is looked for, and what takes its place; None leaves it as it stands."""

    pattern: re.Pattern[str]
    text: str | None


@dataclass(frozen=True, slots=True)
class _Change:
    """Characters `start` to `end` of a text become `text`."""

    start: int
    end: int
    text: str


def written(segment: Segment, terms: Sequence[Term]) -> Segment:
    """The segment with the rules of the terms applied; itself when none applies.

    Its words are still its text when joined. Words that became others share the time of those they replace,
    by their length, and the lowest confidence of them: a rule makes nothing surer. Words that were not the
    text before are left out.
    """
    changes = _changes(segment.text, terms)
    if not changes:
        return segment
    words = tuple(_words(segment, changes)) if _are_its_text(segment) else ()
    return replace(segment, text=_changed(segment.text, changes, 0, len(segment.text)), words=words)


def _changes(text: str, terms: Sequence[Term]) -> list[_Change]:
    """What is to be changed, in order, apart from each other."""
    found = [
        (match.start() - match.end(), match.start(), place, match, rule)
        for place, rule in enumerate(_rules(tuple(terms)))
        for match in rule.pattern.finditer(text)
    ]
    taken: list[tuple[re.Match[str], _Rule]] = []
    for *_, match, rule in sorted(found, key=lambda one: one[:3]):
        if all(match.end() <= other.start() or other.end() <= match.start() for other, _ in taken):
            taken.append((match, rule))
    changes = [
        _Change(match.start(), match.end(), rule.text)
        for match, rule in taken
        if rule.text is not None and rule.text != match.group()
    ]
    return sorted(changes, key=lambda change: change.start)


@lru_cache(maxsize=4)
def _rules(terms: tuple[Term, ...]) -> tuple[_Rule, ...]:
    """Rules that change, then the names that stay as they are."""
    changing = [
        _Rule(pattern, text)
        for term in terms
        for heard in term.instead_of
        if (text := " ".join(term.text.split())) and (pattern := _whole_words(heard)) is not None
    ]
    if not changing:
        return ()
    names = [name for term in terms for name in (term.text, *term.also)]
    staying = [_Rule(pattern, None) for name in names if (pattern := _whole_words(name)) is not None]
    return (*changing, *staying)


def _whole_words(words: str) -> re.Pattern[str] | None:
    parts = words.split()
    if not parts:
        return None
    spaced = r"\s+".join(map(re.escape, parts))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.I)


def _changed(text: str, changes: Sequence[_Change], start: int, end: int) -> str:
    """`text[start:end]` with the changes that lie in it."""
    pieces: list[str] = []
    for change in changes:
        if start <= change.start and change.end <= end:
            pieces += (text[start : change.start], change.text)
            start = change.end
    return "".join((*pieces, text[start:end]))


def _are_its_text(segment: Segment) -> bool:
    return bool(segment.words) and " ".join(word.text for word in segment.words) == segment.text


def _words(segment: Segment, changes: Sequence[_Change]) -> Iterator[Word]:
    group: list[Word] = []
    start = place = 0  # of the group, and of the next word, in the text
    for word in segment.words:
        group.append(word)
        place += len(word.text) + 1
        if any(change.start < place < change.end for change in changes):
            continue  # a change goes on in the next word
        text = _changed(segment.text, changes, start, place - 1)
        yield from group if text == segment.text[start : place - 1] else _shared(group, text)
        group, start = [], place


def _shared(heard: Sequence[Word], text: str) -> Iterator[Word]:
    """The words of a text in the time of those that were heard."""
    words = text.split()
    begin, end = heard[0].start, heard[-1].end
    whole, done = sum(map(len, words)), 0
    confidence = min(word.confidence for word in heard)
    for word in words:
        first = begin + (end - begin) * done / whole
        done += len(word)
        last = end if done == whole else begin + (end - begin) * done / whole
        yield Word(start=first, end=last, text=word, confidence=confidence)
