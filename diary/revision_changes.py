"""What one version of an entry changed of the one before: lines, and in them words. Pure.

Lines are matched first, then the words of lines that took each other's place, so that one changed word shows
as one; lines with little in common are shown as gone and new instead. Gestalt pattern matching (Ratcliff and
Metzener 1988), as in `difflib`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from diary.model.entry import Revision

_WORDS = re.compile(r"\s+|[^\s]+")
_ALIKE = 0.4
"""Lines with a smaller share of their letters in common are told as two, not as one that changed."""
_MANY = 4000
"""Words beyond which the matching passes over frequent ones, which it else compares each with each."""


class Part(StrEnum):
    """Whether words stayed, went or came."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together and have the same fate, white space included."""

    part: Part
    text: str


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a version changed.

    :ivar lines: the changed lines in order; None where lines that stayed lie between.
    :ivar title: before and after, None for none; the whole is None when it stayed. Likewise the others.
    """

    lines: tuple[Line | None, ...]
    title: tuple[str | None, str | None] | None = None
    tags_gone: tuple[str, ...] = ()
    tags_new: tuple[str, ...] = ()
    starred: bool | None = None
    happened: tuple[datetime, datetime] | None = None

    @property
    def nothing(self) -> bool:
        """Whether it changed nothing that is shown: the words were confirmed, for instance."""
        told = (self.title, self.starred, self.happened)
        return not (self.lines or self.tags_gone or self.tags_new) and all(one is None for one in told)


def changes_between(before: Revision, after: Revision) -> Changes:
    """What `after` changed of `before`."""
    return Changes(
        lines=tuple(_lines(before.text.splitlines(), after.text.splitlines())),
        title=None if before.title == after.title else (before.title, after.title),
        tags_gone=tuple(tag for tag in before.tags if tag not in after.tags),
        tags_new=tuple(tag for tag in after.tags if tag not in before.tags),
        starred=None if before.starred == after.starred else after.starred,
        happened=None if before.happened == after.happened else (before.happened, after.happened),
    )


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line | None]:
    began = passed = False
    for what, start, end, new_start, new_end in _matched(before, after):
        if what == "equal":
            passed = began
            continue
        if passed:
            yield None
        began, passed = True, False
        gone, new = before[start:end], after[new_start:new_end]
        pairs = min(len(gone), len(new))
        for old, fresh in zip(gone[:pairs], new[:pairs], strict=True):
            yield from _line(old, fresh)
        yield from ((Piece(Part.GONE, line),) for line in gone[pairs:])
        yield from ((Piece(Part.NEW, line),) for line in new[pairs:])


def _line(before: str, after: str) -> Iterator[Line]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for what, start, end, new_start, new_end in _matched(old, new):
        if what == "equal":
            pieces.append(Piece(Part.SAME, "".join(old[start:end])))
            continue
        pieces += [Piece(Part.GONE, "".join(old[start:end]))] if end > start else []
        pieces += [Piece(Part.NEW, "".join(new[new_start:new_end]))] if new_end > new_start else []
    kept = sum(len(piece.text.strip()) for piece in pieces if piece.part is Part.SAME)
    if kept >= _ALIKE * min(len(before.strip()), len(after.strip())):
        yield tuple(pieces)
    else:
        yield (Piece(Part.GONE, before),)
        yield (Piece(Part.NEW, after),)


def _matched(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What `SequenceMatcher` says; the beginning and the end that are the same are passed over quickly."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    tail = next((n for n in range(shorter - head) if before[-1 - n] != after[-1 - n]), shorter - head)
    if head:
        yield "equal", 0, head, 0, head
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _MANY)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        yield what, head + start, head + end, head + new_start, head + new_end
    if tail:
        yield "equal", len(before) - tail, len(before), len(after) - tail, len(after)


MARKS = {Part.SAME: ("", ""), Part.GONE: ("[-", "-]"), Part.NEW: ("[+", "+]")}
"""What stands around the words, so that they are told apart without colours."""


def marked(line: Line) -> tuple[str, list[tuple[int, int, Part]]]:
    """A changed line for a reader: `- ` or `+ ` before a whole one, `~ ` before one in which words changed,
    with these in `MARKS`; and the places of what went and came.
    """
    if len(line) == 1 and line[0].part is not Part.SAME:
        text = f"{'-' if line[0].part is Part.GONE else '+'} {line[0].text}"
        return text, [(0, len(text), line[0].part)]
    text = "~ "
    places: list[tuple[int, int, Part]] = []
    for piece in line:
        start, (left, right) = len(text), MARKS[piece.part]
        body = piece.text.strip() if piece.part is not Part.SAME else piece.text
        lead = piece.text[: len(piece.text) - len(piece.text.lstrip())] if body != piece.text else ""
        trail = piece.text[len(piece.text.rstrip()) :] if body and body != piece.text else ""
        text += f"{lead}{left}{body}{right}{trail}"
        if piece.part is not Part.SAME:
            places.append((start + len(lead), len(text) - len(trail), piece.part))
    return text, places


def about_words(changes: Changes) -> list[str]:
    """What changed beside the words, a sentence each."""
    told = []
    if changes.title is not None:
        before, after = (f"“{title}”" if title else "none" for title in changes.title)
        told.append(f"title: {before} became {after}")
    told += [f"tag gone: {tag}" for tag in changes.tags_gone]
    told += [f"tag new: {tag}" for tag in changes.tags_new]
    if changes.starred is not None:
        told.append("starred" if changes.starred else "star taken away")
    if changes.happened is not None:
        before, after = (f"{moment:%Y-%m-%d %H:%M}" for moment in changes.happened)
        told.append(f"time: {before} became {after}")
    return told
