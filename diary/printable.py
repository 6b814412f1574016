"""Text made safe for a terminal: what an entry, a file or a model says is data and must never steer the
screen.
"""

from __future__ import annotations

import re
from contextlib import suppress

# C0 but tab and newline, DEL, C1, the bidirectional overrides and isolates that reorder a line, the two
# Unicode line separators that some programs take for line ends and others do not, and lone surrogates, which
# cannot be written to a terminal at all.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# The marks of direction (LRM, RLM, ALM): unseen letters that order the signs beside them. Where a line is
# written from right to left they put its punctuation in its place, and do no more than its letters do.
_MARKS = re.compile("[\u200e\u200f\u061c]")
_FROM_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_NO_DIRECTION = "\u2060"  # as wide as a mark, which is nothing, and neutral in the Unicode algorithm (UAX 9)


def safe(untrusted_text: str) -> str:
    """The same text, character for character, with every steering character shown as a visible sign, and no
    mark of direction in a line without a letter that is written from right to left.

    ESC becomes ␛. One character stands for one, so that offsets into an entry still point at the same words.
    """
    shown = _STEERING.sub(_sign, untrusted_text)
    if not _MARKS.search(shown):
        return shown
    return "\n".join(
        line if _FROM_RIGHT_TO_LEFT.search(line) else _MARKS.sub(_NO_DIRECTION, line)
        for line in shown.split("\n")
    )


def encodable(untrusted_text: str) -> str:
    """The same text in characters that any encoding has: a byte of a file name that is no UTF-8, which Python
    carries as half a character, becomes \\xff, so that the name can be recognised.
    """
    try:
        untrusted_text.encode()
    except UnicodeEncodeError:
        halves = untrusted_text.encode("utf-8", "surrogatepass")
        with suppress(UnicodeEncodeError):
            halves = untrusted_text.encode("utf-8", "surrogateescape")
        return halves.decode("utf-8", "backslashreplace")
    return untrusted_text


def _sign(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\r":
        return " "
    if character in "\u2028\u2029":
        return "\n"
    if character < "\x20":
        return chr(0x2400 + ord(character))
    return "\u2421" if character == "\x7f" else "\ufffd"
