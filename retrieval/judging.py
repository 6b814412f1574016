"""Judge a ranking: read what `retrieval.sufficiency` needs to know of it.

What a note calls by another name of the thing that is asked about speaks of that thing
(`retrieval.other_names`).

Not here: the rules (`retrieval.sufficiency`), what is done with the verdict (`retrieval.answering`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diary.errors import EngineFailed, EntryNotFound
from diary.model.answer import Question
from diary.model.embedded_text import EmbeddedText
from retrieval.other_names import Named, as_named, counted_together
from retrieval.ports import TextEmbedder
from retrieval.quoting import EntryReader, own_words
from retrieval.search import RankedPassage, Ranking, Searcher
from retrieval.sufficiency import Case, Evidence, Verdict, asked_words, judge
from retrieval.thresholds import thresholds_for

JUDGED_PASSAGES = 8
AROUND = 120
"""Characters to each side of a passage that count as said with it."""


class Judge:
    """Says whether the notes answer."""

    def __init__(self, searcher: Searcher, entries: EntryReader, embedder: TextEmbedder) -> None:
        self._searcher = searcher
        self._entries = entries
        self._embedder = embedder

    def verdict(self, question: Question, ranking: Ranking) -> Verdict:
        """Whether what was found answers the question, or what is missing."""
        return judge(self.case(question, ranking), thresholds_for(self._embedder.model))

    def case(self, question: Question, ranking: Ranking) -> Case:
        """What the verdict rests on."""
        named = self._searcher.named(question.text)
        found = [self._evidence(ranked, question, named) for ranked in ranking.passages[:JUDGED_PASSAGES]]
        evidence = [one for one in found if one is not None]
        used = ranking.range
        if used is not None and ranking.events:  # the words of an event are of the topic, not of the calendar
            used = replace(used, phrase="")
        words = asked_words(question.text, used)
        others = [other for one in named for other in one.others]
        counts = counted_together(self._searcher.frequencies([*words, *others]), named)
        frequencies = {word: counts[word] for word in words}
        absent = [word for word in words if not frequencies[word]]
        return Case(
            question=question.text,
            used=used,
            found=self._with_nearest(question.text, absent, evidence) if absent else evidence,
            frequencies=frequencies,
            passages=self._searcher.size,
        )

    def _evidence(self, ranked: RankedPassage, question: Question, named: Sequence[Named]) -> Evidence | None:
        passage = ranked.passage
        try:
            entry = self._entries.get(passage.entry)
        except EntryNotFound:
            return None
        if not own_words(entry, question):
            return None
        text = entry.text
        return Evidence(
            text=as_named(f"{passage.title or ''}\n{passage.text}", named),
            around=as_named(text[max(0, passage.start - AROUND) : passage.end + AROUND], named),
            day=passage.day,
            cosine=ranked.own_cosine,
        )

    def _with_nearest(self, question: str, absent: Sequence[str], found: list[Evidence]) -> list[Evidence]:
        """The evidence with the nearest word to each absent one; without it when the engine fails in this."""
        try:
            asked, *texts = self._embedder.embed_tokens([question, *(evidence.text for evidence in found)])
        except EngineFailed:
            return found
        return [
            replace(evidence, nearest=nearest_words(question, absent, asked, text))
            for evidence, text in zip(found, texts, strict=True)
        ]


def nearest_words(
    question: str, words: Sequence[str], asked: EmbeddedText, text: EmbeddedText
) -> dict[str, float]:
    """For each word of the question the mean over its tokens of the largest cosine with a token of the text.

    Words that the embedder did not read, at the end of a long question, are left out.
    """
    if not len(text.vectors) or not len(asked.vectors):
        return {}
    similar = asked.vectors.astype(np.float32) @ text.vectors.astype(np.float32).T / (127.0 * 127.0)
    best = similar.max(axis=1)
    lowered = question.lower()
    nearest = {}
    for word in words:
        place = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lowered)
        if place is not None:
            inside = (asked.spans[:, 0] >= place.start()) & (asked.spans[:, 1] <= place.end())
            if inside.any():
                nearest[word] = float(best[inside].mean())
    return nearest
