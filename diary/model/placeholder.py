"""What an entry of a recording says while it has no words: sentences of the program's, not the person's.

They are shown, and are never indexed, found or quoted: an answer comes from the person's own words.
"""

from __future__ import annotations

import re

NOT_YET = "its words are not written down yet"
NO_SPEECH = "no speech was heard"
NO_WORDS = "no words were heard"

_OWN = re.compile(rf"\s*Recording of [\d:]+; (?:{NOT_YET}|{NO_SPEECH}|{NO_WORDS})\.\s*")


def clock(seconds: float) -> str:
    """A length as people write it: 0:42, 12:05, 1:02:03."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def without_words(seconds: float, why: str) -> str:
    """What an entry says that has no words: `why` is one of the three above."""
    return f"Recording of {clock(seconds)}; {why}."


def is_placeholder(text: str) -> bool:
    """Whether a text is one of these sentences and nothing else."""
    return _OWN.fullmatch(text) is not None
