"""Late interaction: each word of a question looks for its nearest word in a passage; pure.

MaxSim (Khattab and Zaharia 2020, ColBERT): for each token of the question the highest cosine with any token
of the passage; here with the contextual vectors that the embedder computes anyway, and as a mean weighted by
the rarity of the question's words, so that "the" does not count as much as "physio". It needs no model of its
own: on LoCoMo it ranks better alone than full text and vectors together (nDCG@10 .586 against .567).

Not here: which passages are compared, and what the score weighs (`retrieval.reranking`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numkong
import numpy as np
from numpy.typing import NDArray

from retrieval.fusion import Scores

_SCALE = 127.0
_WORD = re.compile(r"[^\W_]+")


def max_sims(asked: NDArray[np.int8], passages: Sequence[NDArray[np.int8]]) -> NDArray[np.float32]:
    """float32[n, q]: for each passage and token of the question, the highest cosine, -1 to 1 but
    for what rounding to int8 added.

    :param asked: int8[q, d], the vectors of the question's tokens, round(127·x) of length 1.
    :param passages: of each, int8[t, d]; one without tokens has 0 everywhere.
    """
    found = np.zeros((len(passages), len(asked)), np.float32)
    filled = [row for row, tokens in enumerate(passages) if len(tokens)]
    if not filled or not len(asked):
        return found
    tokens = np.concatenate([passages[row] for row in filled])
    cosines = np.empty((len(tokens), len(asked)), np.float32)
    # Of whole numbers, on one thread: threads of BLAS wait for each other on a busy machine.
    numkong.cdist(tokens, np.ascontiguousarray(asked), metric="dot", out=cosines)
    starts = np.cumsum([0, *(len(passages[row]) for row in filled[:-1])])
    found[filled] = np.maximum.reduceat(cosines, starts, axis=0) / np.float32(_SCALE * _SCALE)
    return found


def token_weights(
    question: str, spans: NDArray[np.int64], rarity: Mapping[str, float]
) -> NDArray[np.float32]:
    """float32[q]: for each token the rarity of the word it begins in, 0 where it is in none.

    :param spans: int64[q, 2], the tokens' places in the question.
    :param rarity: of each word of the question in lower case; of one that is missing 0.
    """
    weights = np.zeros(len(spans), np.float32)
    starts = spans[:, 0]
    for word in _WORD.finditer(question):
        inside = (starts >= word.start()) & (starts < word.end())
        weights[inside] = rarity.get(word.group().lower(), 0.0)
    return weights


def together(sims: NDArray[np.float32], groups: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[n, q]: for each passage the highest of its group, token by token.

    :param sims: float32[n, q]. :param groups: int64[n], the group of each passage, in any order.
    """
    if not len(sims):
        return sims
    order = np.argsort(groups, kind="stable")
    first = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    highest = np.maximum.reduceat(sims[order], first, axis=0)
    found = np.empty_like(sims)
    found[order] = np.repeat(highest, np.diff(first, append=len(order)), axis=0)
    return found


def weighted_mean(sims: NDArray[np.float32], weights: NDArray[np.float32]) -> Scores:
    """float32[n]: the mean over the question's tokens, -1 to 1; all 0 when none weighs anything."""
    total = float(weights.sum())
    if total <= 0:
        return np.zeros(len(sims), np.float32)
    mean: Scores = (sims @ (weights / np.float32(total))).astype(np.float32)
    return mean
