"""Words and their stems, for comparing what two texts say; a light stemmer of English.

Stems are for comparison only and are never shown. Simpler than Porter's: endings are cut while three letters
stay, a doubled last letter becomes single, and a last e or y is dropped, so that "planned", "plans" and
"planning" meet.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_ENDINGS = (
    *("ations", "ation", "ingly", "edly", "ments", "ment", "ness", "ings", "ing", "ies", "ied", "ed", "es"),
    *("ly", "er", "s"),
)
_LEAST = 3


def plain_words(text: str) -> list[str]:
    """Words of letters in lower case, without possessive endings, in order."""
    return [re.sub(r"['\u2019]s?\Z", "", word).lower() for word in _WORD.findall(text)]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a word in lower case."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > _LEAST and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    if len(word) > _LEAST and word[-1] in "eyi":
        word = word[:-1]
    return word
