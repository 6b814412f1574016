"""A version of an entry as it is shown: what it changed, with signs and colours, or its whole words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diary.model.entry import Revision
from diary.printable import safe
from diary.revision_changes import Part, about_words, changes_between, marked

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and which of its characters tell of what went and what came."""

    text: str
    gone: Sequence[Span] = ()
    came: Sequence[Span] = ()


def shown(version: Revision, before: Revision | None, *, full: bool) -> Shown:
    """What to show of a version; the first changed nothing, and is shown whole."""
    if full or before is None:
        return Shown(version.text)
    changes = changes_between(_printable(before), _printable(version))
    lines = [f"({words})" for words in about_words(changes)]
    if not changes.lines:
        return Shown("\n".join([*lines, "(the words stayed the same)"]))
    text = "\n".join([*lines, ""]) if lines else ""
    places: dict[Part, list[Span]] = {Part.GONE: [], Part.NEW: []}
    for line in changes.lines:
        words, found = ("…", []) if line is None else marked(line)
        for start, end, part in found:
            places[part].append((len(text) + start, len(text) + end))
        text += words + "\n"
    return Shown(text.rstrip("\n"), places[Part.GONE], places[Part.NEW])


def _printable(version: Revision) -> Revision:
    title = None if version.title is None else safe(version.title)
    return replace(version, text=safe(version.text), title=title, tags=tuple(map(safe, version.tags)))
