"""The second look at the best passages: their words, their titles, and whether they tell or ask.

What a first pass over the whole diary cannot afford: reading the text of the `CANDIDATES` best, and the
vectors of every token of the first of those. Tokens cost the embedder about 0.1 ms each, so the passages are
read until `MOST_CHARACTERS` are used up: about 40 turns of a conversation, 25 passages of an ordinary diary
or 15 of a long-winded one. What was read is kept in memory, so that the next question on the same matter is
quicker.

Re-ranking can be left out, and when the engine fails in it the order before stands: a search is better
without it than not at all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diary.errors import EngineFailed
from diary.model.embedded_text import EmbeddedText
from diary.model.passage import Passage
from retrieval.fusion import Scores
from retrieval.late_interaction import max_sims, together, token_weights, weighted_mean
from retrieval.ports import TokenEmbedder
from retrieval.stop_words import is_stop_word, words_of
from retrieval.weights import Weights

CANDIDATES = 100
MOST_READ = 50
MOST_CHARACTERS = 4500
CACHE_BYTES = 16_000_000

_QUESTION_ENDS = ("?", '?"', "?'", "?\u201d", "?\u2019", "?)")


class TokenCache:
    """The token vectors of texts that were read last, at most so many bytes of them. Never on a disk."""

    def __init__(self, embedder: TokenEmbedder, most: int = CACHE_BYTES) -> None:
        self._embedder = embedder
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, EmbeddedText] = OrderedDict()

    def tokens(self, question: str, texts: Sequence[str]) -> tuple[EmbeddedText, list[EmbeddedText]]:
        """The tokens of the question, which is not kept, and of the texts: one call of the embedder.

        :raises diary.errors.EngineFailed: when it crashed or timed out.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        asked, *read = self._embedder.embed_tokens([question, *missing])
        new = dict(zip(missing, read, strict=True))
        found = [new[text] if text in new else self._kept[text] for text in texts]
        for text, tokens in zip(texts, found, strict=True):
            self._keep(text, tokens)
        return asked, found

    def _keep(self, text: str, tokens: EmbeddedText) -> None:
        if text not in self._kept:
            self._size += tokens.vectors.nbytes
        self._kept[text] = tokens
        self._kept.move_to_end(text)
        while self._size > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._size -= dropped.vectors.nbytes


def told(question_words: Sequence[str], passages: Sequence[Passage], weights: Weights) -> Scores:
    """float32[n]: the bonus for a title that the question names, less what a passage loses that asks."""
    asked = frozenset(question_words)
    return np.array(
        [
            weights.title * title_named(asked, passage.title) - weights.asking * asks(passage.text)
            for passage in passages
        ],
        np.float32,
    )


def title_named(asked: frozenset[str], title: str | None) -> float:
    """Share of the title's content words that are among these; 0 without any."""
    words = {word for word in words_of(title or "") if not is_stop_word(word)}
    return len(words & asked) / len(words) if words else 0.0


def asks(text: str) -> bool:
    """Whether the text ends in a question."""
    return text.rstrip().endswith(_QUESTION_ENDS)


def read_whole(passages: Sequence[Passage]) -> list[str]:
    """The texts of the first passages, as many as are worth their time, each with its title.

    Without its date, which would be a quarter of what is read: days are found by full text and by range.
    """
    texts: list[str] = []
    left = MOST_CHARACTERS
    for passage in passages[:MOST_READ]:
        text = f"{passage.title}: {passage.text}" if passage.title else passage.text
        left -= len(text)
        if texts and left < 0:
            break
        texts.append(text)
    return texts


@dataclass(frozen=True, slots=True)
class Compared:
    """How well passages say what is asked, each float32[n], -1 to 1.

    :ivar alone: by each passage's own words. :ivar episode: by those of all its episode's that were read.
    """

    alone: Scores
    episode: Scores


def compared(
    question: str,
    texts: Sequence[str],
    episodes: NDArray[np.int64],
    rarities: Mapping[str, float],
    cache: TokenCache,
) -> Compared | None:
    """Each text against each word of the question; None when the engine failed.

    :param episodes: int64[n], the episode of each text. :param rarities: of the question's words.
    """
    try:
        asked, read = cache.tokens(question, texts)
    except EngineFailed:
        return None
    weights = token_weights(question, asked.spans, rarities)
    sims = max_sims(asked.vectors, [tokens.vectors for tokens in read])
    return Compared(weighted_mean(sims, weights), weighted_mean(together(sims, episodes), weights))
