"""What an engine heard, as it is handled everywhere: moved in time, ended in time, made into text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from diary.model.speech import Segment

PARAGRAPH_PAUSE_SECONDS = 2.0


def as_text(segments: Sequence[Segment]) -> str:
    """The words of all segments; a pause of two seconds begins a paragraph."""
    text, end = "", 0.0
    for segment in segments:
        words = " ".join(segment.text.split())
        if text and words:
            text += "\n\n" if segment.start - end >= PARAGRAPH_PAUSE_SECONDS else " "
        text += words
        end = segment.end
    return text


def moved(segment: Segment, moment: Callable[[float], float]) -> Segment:
    """The same at other times: heard in a part of a recording, told of the whole.

    :param moment: the second of the recording that a second of what was heard is.
    """
    return replace(
        segment,
        start=moment(segment.start),
        end=moment(segment.end),
        words=tuple(replace(word, start=moment(word.start), end=moment(word.end)) for word in segment.words),
    )


@contextmanager
def told_to_stop(events: Iterator[object]) -> Iterator[None]:
    """Close what gives events when the block ends: the engine is told now, not when it is collected."""
    try:
        yield
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
