"""What a model wrote for the items → three shares, and whether they are enough; pure.

- grounding: of the questions that the notes answer, those where what was kept has the gold words and no bait.
  What is kept is supported by its quote already: `retrieval.verification` has dropped the rest.
- abstention: of the others, those where nothing was kept. A model that says that the note does not say is
  right: that sentence is in no note, so it is not kept either.
- format: of all that was written, what is one whole sentence of a few words, without markup and without the
  mark of a quote that it was not given.

The pass marks: a sentence about something the notes do not say is the worst, since it is read as the person's
own words, so at most one in ten may slip through, as with format, which costs only time. Grounding may be
lower: what is missing is still in the quotes above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.composing import Attempt
from retrieval.exam.items import Item
from retrieval.verification import LEAST_WORDS, MOST_WORDS

LEAST_GROUNDING = 0.8
LEAST_ABSTENTION = 0.9
LEAST_FORMAT = 0.9

_ENDED = re.compile(r"[.!?][\"'\u201d\u2019)]*\Z")
_MARKUP = re.compile(r"[<>{}|\n]|\bquestion:|\banswer:", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Shares from 0 to 1, and of how many items each is."""

    grounding: float
    abstention: float
    format: float
    answerable: int
    unanswerable: int
    written: int

    @property
    def passed(self) -> bool:
        """Whether all three are enough."""
        return (
            self.grounding >= LEAST_GROUNDING
            and self.abstention >= LEAST_ABSTENTION
            and self.format >= LEAST_FORMAT
        )


@dataclass(frozen=True, slots=True)
class Sat:
    """An item and what the model wrote for it, one attempt for each note."""

    item: Item
    attempts: tuple[Attempt, ...]


def score(sat: Sequence[Sat]) -> Scores:
    """The shares. Of nothing, the share is 0: whoever wrote nothing has shown nothing."""
    answerable = [one for one in sat if one.item.answerable]
    others = [one for one in sat if not one.item.answerable]
    attempts = [attempt for one in sat for attempt in one.attempts]
    return Scores(
        grounding=_share([grounded(one) for one in answerable]),
        abstention=_share([not kept(one) for one in others]),
        format=_share([well_formed(attempt) for attempt in attempts]),
        answerable=len(answerable),
        unanswerable=len(others),
        written=len(attempts),
    )


def may_still_pass(sat: Sequence[Sat], items: Sequence[Item]) -> bool:
    """Whether a model could pass that wrote this so far and does the rest right: whoever answers too few of
    the questions that the notes answer, or writes in too many of the others, need not go on.
    """
    missed = sum(one.item.answerable and not grounded(one) for one in sat)
    invented = sum(not one.item.answerable and bool(kept(one)) for one in sat)
    answerable = sum(item.answerable for item in items)
    others = len(items) - answerable
    return (
        answerable - missed >= LEAST_GROUNDING * answerable and others - invented >= LEAST_ABSTENTION * others
    )


def grounded(sat: Sat) -> bool:
    """Whether what was kept has every gold word and no bait."""
    told = kept(sat)
    return all(any(_has(told, way) for way in ways) for ways in sat.item.gold) and not any(
        _has(told, bait) for bait in sat.item.bait
    )


def kept(sat: Sat) -> str:
    """All that was kept, as one text."""
    return " ".join(attempt.sentence.text for attempt in sat.attempts if attempt.sentence is not None)


def well_formed(attempt: Attempt) -> bool:
    """Whether it is one whole sentence and nothing else."""
    text = attempt.untrusted_text
    return (
        not attempt.cites_others
        and LEAST_WORDS <= len(text.split()) <= MOST_WORDS
        and _ENDED.search(text) is not None
        and _MARKUP.search(text) is None
    )


def _has(text: str, words: str) -> bool:
    """Whether the words stand in the text as words: "9" is not in "90"."""
    return re.search(rf"(?<!\w){re.escape(words.casefold())}(?!\w)", text.casefold()) is not None


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 0.0
