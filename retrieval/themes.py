"""What recurs: passages that lie near each other by their vectors, and the words that tell them from the
rest; pure.

The order: the period's own vectors are centred (what all its notes share, as the month in their headers,
tells nothing apart); average-linkage clustering joins the nearest until the nearest two are less alike than
`LEAST_ALIKE`; a cluster is a theme when notes of enough different days are in it; its words are those that
stand in more of its notes than of the others'.

Average linkage (UPGMA, Sokal and Michener 1958) by the nearest-neighbour chain (Murtagh 1983), O(n²): a few
tens of lines of numpy, where scikit-learn would be 0.7 s of imports. It has no seed and no number of
clusters to guess. Of more passages than MOST_PASSAGES an even sample is clustered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.statements.gist import gist
from retrieval.stems import plain_words

MOST_PASSAGES = 1200
LEAST_ALIKE, LEAST_ALIKE_SHORT = 0.17, 0.12
"""Mean cosine of two clusters' centred vectors below which they are not joined (all-MiniLM-L6-v2); the lower
one for a short period, whose notes have more in common that centring takes away."""
SHORT_DAYS = 45
LEAST_DAYS, LEAST_DAYS_OF_A_WEEK = 3, 2
MOST_THEMES = 5
MOST_WORDS = 4
WORTH = 0.4
"""A word tells enough when it tells at least so much of what the best one does."""
LEAST_SPREAD = 0.3
"""Share of a theme's entries that a word must stand in to name it; a cluster without such a word is no
theme."""
QUOTED = 3


@dataclass(frozen=True, slots=True)
class Material:
    """One passage of the period: its entry and day as numbers, and its text."""

    entry: int
    day: int
    text: str


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A theme: its words, how many entries it has, and places in the material of those to quote, best "
    "first."""

    words: tuple[str, ...]
    entries: int
    places: tuple[int, ...]


def themes(material: Sequence[Material], vectors: NDArray[np.float32], *, days: int) -> list[FoundTheme]:
    """The themes of a period, the most frequent first.

    :param vectors: float32[n, d], of any length; rows of zeros are left out.
    :param days: how long the period is.
    """
    places = np.flatnonzero(np.abs(vectors).sum(axis=1) > 0)
    if len(places) > MOST_PASSAGES:
        places = places[np.linspace(0, len(places) - 1, MOST_PASSAGES).astype(np.int64)]
    if len(places) < LEAST_DAYS_OF_A_WEEK:
        return []
    centred = unit_rows(vectors[places] - vectors[places].mean(axis=0))
    alike = LEAST_ALIKE if days > SHORT_DAYS else LEAST_ALIKE_SHORT
    labels = average_linkage(centred @ centred.T, alike)
    stems = {place: gist(material[place].text) for place in places.tolist()}
    holding = _holding(material, stems)
    least = LEAST_DAYS if days > 10 else LEAST_DAYS_OF_A_WEEK
    found = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        inside = [int(place) for place in places[members]]
        if len({material[place].day for place in inside}) < least:
            continue
        words = telling_words(material, stems, holding, inside)
        if not words:
            continue
        centre = centred[members].mean(axis=0)
        order = np.argsort(-(centred[members] @ centre), kind="stable")
        best = _quotable(material, [inside[place] for place in order], words)
        entries = len({material[place].entry for place in inside})
        found.append((entries, float(np.linalg.norm(centre)), FoundTheme(words, entries, best)))
    found.sort(key=lambda one: (-one[0], -one[1], one[2].places))
    return [theme for _, _, theme in found[:MOST_THEMES]]


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def average_linkage(alike: NDArray[np.float32], least: float) -> NDArray[np.int64]:
    """int64[n]: cluster numbers from 0, in the order of their first members.

    :param alike: float32[n, n], symmetric. :param least: clusters less alike than this on average stay apart.
    """
    count = len(alike)
    near = alike.astype(np.float64)
    np.fill_diagonal(near, -np.inf)
    sizes = np.ones(count)
    owner = np.arange(count)
    open_ = np.ones(count, dtype=np.bool_)
    chain: list[int] = []
    while open_.any():
        chain = chain or [int(np.argmax(open_))]
        last = chain[-1]
        nearest = int(np.argmax(near[last]))
        if len(chain) > 1 and near[last, chain[-2]] >= near[last, nearest]:
            nearest = chain[-2]
        if near[last, nearest] < least:
            # Reducibility: no later join can bring anything nearer to it than this.
            _close(near, open_, last)
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _join(near, sizes, nearest, last)
            owner[owner == last] = nearest
            open_[last] = False
        else:
            chain.append(nearest)
    first = np.unique(owner, return_index=True)[1]
    order = {int(owner[place]): number for number, place in enumerate(sorted(first))}
    return np.array([order[int(one)] for one in owner], dtype=np.int64)


def _close(near: NDArray[np.float64], open_: NDArray[np.bool_], one: int) -> None:
    near[one], near[:, one] = -np.inf, -np.inf
    open_[one] = False


def _join(near: NDArray[np.float64], sizes: NDArray[np.float64], kept: int, gone: int) -> None:
    total = sizes[kept] + sizes[gone]
    joined = (near[kept] * sizes[kept] + near[gone] * sizes[gone]) / total
    near[kept], near[:, kept] = joined, joined
    near[gone], near[:, gone] = -np.inf, -np.inf
    near[kept, kept] = -np.inf
    sizes[kept] = total


def _holding(material: Sequence[Material], stems: Mapping[int, frozenset[str]]) -> dict[str, set[int]]:
    """For each stem the entries that have it."""
    holding: dict[str, set[int]] = {}
    for place, words in stems.items():
        for word in words:
            holding.setdefault(word, set()).add(material[place].entry)
    return holding


def telling_words(
    material: Sequence[Material],
    stems: Mapping[int, frozenset[str]],
    holding: Mapping[str, set[int]],
    inside: Sequence[int],
) -> tuple[str, ...]:
    """Up to four words, in the form they are mostly written, that tell these passages from the others.

    By entries and not by passages: one long note must not name a theme. A word counts by the share of the
    theme's entries that have it, times the logarithm of how much more frequent it is there than elsewhere.
    """
    mine = {material[place].entry for place in inside}
    here = _holding(material, {place: stems[place] for place in inside})
    others = max(len({material[place].entry for place in stems} - mine), 1)
    scores = {}
    for word, entries in here.items():
        share, elsewhere = len(entries) / len(mine), len(holding[word] - mine) / others
        score = share * math.log((share + 0.02) / (elsewhere + 0.02))
        if len(entries) >= 2 and share >= LEAST_SPREAD and score > 0:
            scores[word] = score
    chosen = sorted(scores, key=lambda word: (-scores[word], word))[:MOST_WORDS]
    chosen = [word for word in chosen if scores[word] >= WORTH * scores[chosen[0]]]
    forms = _forms(material, inside, set(chosen))
    return tuple(dict.fromkeys(forms[word] for word in chosen if word in forms))


def _forms(material: Sequence[Material], inside: Sequence[int], stems: set[str]) -> dict[str, str]:
    """For each stem the word it is mostly written as; of equals the shorter, then by the alphabet."""
    seen: dict[str, Counter[str]] = {}
    for place in inside:
        for word in plain_words(material[place].text):
            for stem in gist(word) & stems:
                seen.setdefault(stem, Counter())[word] += 1
    return {
        stem: min(words, key=lambda word, words=words: (-words[word], len(word), word))  # type: ignore[misc]
        for stem, words in seen.items()
    }


def _quotable(material: Sequence[Material], ordered: Sequence[int], words: Sequence[str]) -> tuple[int, ...]:
    """The nearest to the middle that have a word of the theme, of different entries; in order of time."""
    wanted = gist(" ".join(words))
    chosen: dict[int, int] = {}
    for place in ordered:
        if wanted & gist(material[place].text):
            chosen.setdefault(material[place].entry, place)
    return tuple(sorted(list(chosen.values())[:QUOTED]))
