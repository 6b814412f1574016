"""What a speech engine says it heard, checked before it goes further; pure.

Times are in order, inside the recording and not before what was reached; text is bounded and printable; words
are in order, inside their segment, and joined they are its text; there is never more of it all than time
allows. Anything else is `Nonsense`.
"""

from __future__ import annotations

import math

from diary.engine.messages import Heard, HeardUpTo, Result, Spelt
from diary.model.speech import Reached, Segment, Word

LONGEST_TEXT = 4096
"""Characters of one segment: a window of Whisper's has 448 tokens at most."""

_SLACK = 0.1  # seconds: times are rounded to hundredths, and windows to frames of 0.032
_OVER = 1.0  # seconds that a time may be beyond the end of a recording, which some formats round up
_AT_ONCE, _PER_SECOND = 100, 20  # results
_JOINERS = "\u200c\u200d"  # not printable by themselves, and needed to write Persian or Hindi


class Nonsense(Exception):
    """The engine said something that cannot be."""


class HeardInOrder:
    """Checks the results of one job, in order.

    :param start: seconds that were to be left out.
    """

    def __init__(self, start: float = 0.0) -> None:
        self.reached = start
        self._last = start - _SLACK
        self._count = 0

    def checked(self, untrusted_result: Result, seconds: float) -> Segment | Reached:
        """What it says.

        :param seconds: length of the recording, as far as it is there.
        :raises Nonsense: when it cannot be.
        """
        self._count += 1
        if self._count > _AT_ONCE + _PER_SECOND * seconds:
            raise Nonsense
        match untrusted_result:
            case Heard():
                return self._segment(untrusted_result, seconds)
            case HeardUpTo(seconds=reached):
                if not self.reached <= reached <= max(seconds, self.reached) + _OVER:  # false for NaN
                    raise Nonsense
                self.reached = reached
                self._last = max(self._last, reached - _SLACK)
                return Reached(reached)
            case _:
                raise Nonsense

    def _segment(self, untrusted: Heard, seconds: float) -> Segment:
        start, end = untrusted.start, untrusted.end
        ordered = self._last <= start <= end <= seconds + _OVER and math.isfinite(start)  # false for NaN
        if not (ordered and 0 <= untrusted.confidence <= 1 and len(untrusted.text) <= LONGEST_TEXT):
            raise Nonsense
        text = printable(untrusted.text)
        self._last = start
        return Segment(
            start=start,
            end=end,
            text=text,
            confidence=untrusted.confidence,
            words=_words(untrusted.words, start, end, text),
        )


def _words(untrusted_words: list[Spelt], start: float, end: float, text: str) -> tuple[Word, ...]:
    if not untrusted_words:
        return ()
    if len(untrusted_words) > LONGEST_TEXT:
        raise Nonsense
    words, last = [], start
    for untrusted in untrusted_words:
        word = printable(untrusted.text[:LONGEST_TEXT])
        if not (word and last <= untrusted.start <= untrusted.end <= end and 0 <= untrusted.confidence <= 1):
            raise Nonsense
        last = untrusted.end
        words.append(
            Word(start=untrusted.start, end=untrusted.end, text=word, confidence=untrusted.confidence)
        )
    if " ".join(word.text for word in words) != text:
        raise Nonsense
    return tuple(words)


def printable(untrusted_text: str) -> str:
    """Without what moves a terminal's cursor or hides; white space is one blank."""
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in untrusted_text).split())
