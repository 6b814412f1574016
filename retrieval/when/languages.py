"""Which language a question is in, by its words, and how that language is read.

English unless another language has more of its marks in the text: "the mission to Mars" and "how much mayo"
stay English, and name no month. Without a mark of any language ("3 mars 2024") a text with figures is read by
whichever language reads a time in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from retrieval.when.days import DAY_RULES
from retrieval.when.english import ENGLISH_JOINTS, ENGLISH_RULES
from retrieval.when.french import FRENCH, FRENCH_RULES
from retrieval.when.german import GERMAN, GERMAN_RULES
from retrieval.when.grammar import Rule
from retrieval.when.joints import Joints
from retrieval.when.spanish import SPANISH, SPANISH_RULES
from retrieval.when.words import listed

_FIGURES = DAY_RULES[:2]  # 2024-03-05 and 5.3.2024 are the same in all of them


class Language(NamedTuple):
    """How a language reads times."""

    name: str
    marks: frozenset[str]
    rules: tuple[Rule, ...]
    joints: Joints


_MARKS = frozenset(
    listed(
        """
the a an i i'm i've my me we our you your he she his her they it its is was were are be been did do
does had has have how what when where which who whom whose why that this these those there and or but not
of to in on at by for from with without about during since until before after between than then last next
past ago yesterday today tomorrow week weeks month months year years day days night morning evening
weekend compare can could would should will much many more less most any some every all monday tuesday
wednesday thursday friday saturday sunday january february march may june july october december spring
summer autumn fall first second half quarter early late mid
"""
    )
)

ENGLISH = Language(
    "English",
    _MARKS,
    ENGLISH_RULES,
    ENGLISH_JOINTS,
)
OTHERS = (
    Language("German", GERMAN.marks, (*_FIGURES, *GERMAN_RULES), GERMAN.joints),
    Language("Spanish", SPANISH.marks, (*_FIGURES, *SPANISH_RULES), SPANISH.joints),
    Language("French", FRENCH.marks, (*_FIGURES, *FRENCH_RULES), FRENCH.joints),
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*'?")
_ELIDED = re.compile(r"\A(?:[dljmnst]|qu)'")


def languages_of(text: str) -> Iterator[Language]:
    """The languages to try in turn; the first that reads a time reads the text."""
    words = {part for word in _WORD.findall(text) for part in (word, _ELIDED.sub("", word))}
    most = max(len(words & language.marks) for language in OTHERS)
    if most > len(words & ENGLISH.marks):
        yield from (language for language in OTHERS if len(words & language.marks) == most)
    else:
        yield ENGLISH
    if most == 0 and not words & ENGLISH.marks and re.search(r"\d", text):
        yield from OTHERS
