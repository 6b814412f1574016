"""The person's own names as Whisper is told them; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_TOKENS = 223
"""Of Whisper's 448; the library cuts off what is beyond them, in the middle of a word."""


def within_budget(words: Sequence[str], tokens: Callable[[str], int], most: int = MOST_TOKENS) -> str:
    """The first words that fit, as one text; Whisper's own marks are no words.

    :param tokens: how many tokens a text is.
    """
    kept: list[str] = []
    for word in words:
        plain = " ".join(word.split())
        if plain and "<|" not in plain:
            kept.append(plain)
            if tokens(" " + ", ".join(kept)) > most:
                kept.pop()
                break
    return ", ".join(kept)
