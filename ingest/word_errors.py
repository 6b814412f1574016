"""How many words were heard wrong: the word error rate, as the field counts it.

(substitutions + deletions + insertions) / words that were said, on lower-case words without punctuation. The
count is the Levenshtein distance over words (V. I. Levenshtein, 1966), every error costing one. More words
than were said can be wrong: the rate may exceed 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+(?:'\w+)*'?")


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Errors among so many words that were said."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Errors for each word that was said; 0 when none was."""
        return self.errors / self.words if self.words else 0.0

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(self.errors + other.errors, self.words + other.words)


def word_errors(said: str, heard: str) -> WordErrors:
    """Compare what was heard with what was said."""
    wanted = normalised(said)
    return WordErrors(distance(wanted, normalised(heard)), len(wanted))


def normalised(text: str) -> list[str]:
    """Lower-case words and numbers, with the apostrophes in and after them; everything else dropped."""
    return _WORD.findall(unicodedata.normalize("NFC", text).replace("\u2019", "'").lower())


def distance(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest substitutions, deletions and insertions that make one the other."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(wanted, start=1):
        before, row = row, [at, *([0] * len(heard))]
        for other, guess in enumerate(heard, start=1):
            row[other] = min(before[other] + 1, row[other - 1] + 1, before[other - 1] + (word != guess))
    return row[-1]
