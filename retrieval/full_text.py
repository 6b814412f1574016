"""What full text ranks when a question's words are common; pure.

Finding which passages hold a word is cheap; BM25 reads each of them and takes 2 to 3 µs: at 60,000 passages
of an old diary half of all questions have words in more than 9,000. So when the words stand in more than
MOST_RANKED, only passages with one of the rarest are ranked, by all of the words all the same (as MaxScore
does: Turtle and Flood 1995, here with a fixed budget). Of 150 questions of 4 to 8 words to 60,000 passages
the first ten stayed the same, of the first fifty 98.6 % stayed, and p95 fell from 40 ms to 17.

A diary with fewer passages than that is ranked whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.stop_words import match_expression_of

MOST_RANKED = 6000


def ranked_among(frequencies: Mapping[str, int]) -> str | None:
    """The FTS5 expression that a passage must match to be ranked; None when any of the words is enough.

    :param frequencies: in how many passages each of the words stands.
    """
    words = sorted(frequencies, key=lambda word: frequencies[word])
    if len(words) < 2 or sum(frequencies.values()) <= MOST_RANKED:
        return None
    rare: list[str] = []
    left = MOST_RANKED
    for word in words:
        left -= frequencies[word]
        if left < 0:
            break
        rare.append(word)
    if rare:
        return match_expression_of(rare)
    return f"{match_expression_of(words[:1])} AND ({match_expression_of(words[1:])})"
