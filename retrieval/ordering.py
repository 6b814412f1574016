"""Answers in the order of time: the last or first time of something, and lists; pure.

Time orders only what is on the topic: passages that say nearly as much of what is asked as the best one does,
by their rarer words. The rest keeps the order of search, after them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from retrieval.stems import plain_words, stem

ON_TOPIC_SHARE = 0.7
"""Of the best passage's weight of the question's words; below it a passage is about something else."""


def on_topic(texts: Sequence[str], frequencies: Mapping[str, int], passages: int) -> list[bool]:
    """For each text, whether it says nearly as much of the question's words as the best of them.

    :param frequencies: in how many passages each word of the question stands; of `passages` in all.
    """
    weights = {
        stem(word): math.log1p((max(passages - frequency, 0) + 0.5) / (frequency + 0.5))
        for word, frequency in frequencies.items()
        if frequency
    }
    said = [_weight(text, weights) for text in texts]
    best = max(said, default=0.0)
    return [best == 0.0 or one >= ON_TOPIC_SHARE * best for one in said]


def _weight(text: str, weights: Mapping[str, float]) -> float:
    stems = {stem(word) for word in plain_words(text)}
    return sum(weight for word, weight in weights.items() if word in stems)


def by_time(days: Sequence[date], topical: Sequence[bool], *, latest_first: bool) -> list[int]:
    """Places: those on the topic by their day, then the others as they were."""
    sign = -1 if latest_first else 1
    front = [place for place, yes in enumerate(topical) if yes]
    front.sort(key=lambda place: sign * days[place].toordinal())
    return front + [place for place, yes in enumerate(topical) if not yes]
