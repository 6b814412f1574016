"""Where words that were heard go in an entry: never over words that a person wrote; pure.

An entry's text is the program's own while it is a placeholder (`diary.model.placeholder`), or exactly what a
transcript of it says: then new words take its place. Anything else a person wrote or corrected. Below that,
in a paragraph of its own, goes what was heard after it, when the entry still waits for words; otherwise it
is left alone (`diary.voice`).
"""

from __future__ import annotations

from collections.abc import Sequence

from diary.model.placeholder import is_placeholder
from diary.model.speech import Segment
from ingest.heard import as_text

_TELLING = 3
"""Words of a segment that tell that it stands in a text; fewer stand anywhere."""


def is_own(text: str, segments: Sequence[Segment], *, or_their_beginning: bool = False) -> bool:
    """Whether no person wrote or changed any of this: it is empty, a sentence of ours, or what the segments
    say.

    :param or_their_beginning: or the first of them, as after a stop.
    """
    plain = _folded(text)
    if not plain or is_placeholder(plain):
        return True
    end = 0
    for words in filter(None, (_folded(segment.text) for segment in segments)):
        if end == len(plain):
            return or_their_beginning
        if not plain.startswith(f" {words}" if end else words, end):
            return False
        end += len(words) + bool(end)
    return end == len(plain)


def added(text: str, segments: Sequence[Segment]) -> str:
    """A person's words, and below them what was heard after the last segment that stands in them."""
    plain = _folded(text)
    after = 0
    for number, segment in enumerate(segments, start=1):
        words = _folded(segment.text)
        if len(words.split()) >= _TELLING and words in plain:
            after = number
    rest = as_text(segments[after:])
    return f"{text.rstrip()}\n\n{rest}" if rest else text


def _folded(text: str) -> str:
    return " ".join(text.split())
