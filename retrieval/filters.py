"""Which passages a question lets through: range, tag, kind, star, phrases, words left out.

These are conditions that a person set, so they are never loosened, however little they leave (decision 6).

Phrases and words left out are compared word for word, in any case and without accents, as the full-text index
splits and folds words, but without its stems: "run" does not leave out "running". The index finds candidates;
their own words decide. A phrase stands in one passage or in its entry's title; a word that is left out stands
nowhere in the entry, in any of its passages or its title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from diary.model.answer import Question
from diary.model.entry import Entry, EntryFilter
from diary.model.passage import Passage
from diary.model.passage_table import PassageTable
from diary.model.time_range import TimeRange
from retrieval.ports import PassageIndex

_WORD = re.compile(r"[^\W_]+")


def allowed(question: Question, index: PassageIndex, table: PassageTable) -> NDArray[np.bool_]:
    """bool[n]: the rows of the table that the question's filters let through."""
    inside = np.ones(len(table.ids), dtype=np.bool_)
    if question.range is not None:
        inside &= in_range(table.days, question.range)
    if question.tag is not None or question.kind is not None or question.starred:
        chosen = EntryFilter(tag=question.tag, kind=question.kind, starred=question.starred)
        inside &= np.isin(table.entries, _numbers(index.matching(chosen)))
    for phrase in question.phrases:
        if folded_words(phrase):
            found = passages_saying(phrase, index, most=len(table.ids))
            inside &= np.isin(table.ids, _numbers(passage.id for passage in found))
    for phrase in question.without:
        found = passages_saying(phrase, index, most=len(table.ids))
        inside &= ~np.isin(table.entries, _numbers(passage.entry for passage in found))
    return inside


def in_range(days: NDArray[np.int64], used: TimeRange) -> NDArray[np.bool_]:
    """bool[n]: which days lie in the range."""
    inside = np.ones(len(days), dtype=np.bool_)
    if used.start is not None:
        inside &= days >= used.start.toordinal()
    if used.end is not None:
        inside &= days <= used.end.toordinal()
    return inside


def passages_saying(phrase: str, index: PassageIndex, *, most: int) -> list[Passage]:
    """The passages whose text or title has the phrase word for word; none for one without words."""
    words = folded_words(phrase)
    if not words or most < 1:
        return []
    # The column filter leaves out the neighbours' text, which is no part of the passage.
    expression = f'body : "{" ".join(words)}"'
    candidates = index.passages([passage for passage, _ in index.matches(expression, limit=most)])
    return [one for one in candidates if says(words, one.text) or says(words, one.title or "")]


def entry_says(phrase: str, entry: Entry) -> bool:
    """Whether the entry's text or title has the phrase word for word."""
    words = folded_words(phrase)
    return bool(words) and (says(words, entry.text) or says(words, entry.title or ""))


def says(words: Sequence[str], text: str) -> bool:
    """Whether the folded words stand in the text, one after the other."""
    # Words hold no space, so that a run of them is a run of whole words between spaces.
    return f" {' '.join(words)} " in f" {' '.join(folded_words(text))} "


def folded_words(text: str) -> list[str]:
    """The words of a text in order: letters and digits only, in one case, without accents."""
    plain = unicodedata.normalize("NFD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word.casefold() for word in _WORD.findall(bare)]


def _numbers(ids: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(ids, dtype=np.int64)
