"""The items of the exam: notes made up for it, a question about them, and the words an answer must have.

Half of the questions cannot be answered from their notes, though the notes speak of the same things: that is
where models invent. The others ask for a fact, a number, a date, a name, a denial, something in two notes,
something beside a likeness or another person, something under an instruction that a note tries to give, a sum
that nobody wrote down; six items are in German, Spanish and French.

The items are package data (`items.json`), our own, and not a measure of anything but this exam.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import product

import msgspec

from diary.model.answer import Quote
from diary.model.entry import EntryId
from retrieval.prompting import Manner, messages_for

RULES = 2
"""Counted up when scoring or verification changes, so that results by other rules are not taken for these."""


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A made-up note: its day in ISO 8601, its words."""

    date: str
    text: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question.

    :ivar kind: what is tried. :ivar language: ISO 639-1.
    :ivar gold: words that what is kept must have, each as a list of ways to say it; empty when the notes do
        not answer.
    :ivar bait: words that nothing kept may have.
    """

    id: str
    kind: str
    language: str
    question: str
    notes: list[Note]
    gold: list[list[str]]
    bait: list[str]

    @property
    def answerable(self) -> bool:
        """Whether the notes answer."""
        return bool(self.gold)

    def quotes(self) -> tuple[Quote, ...]:
        """The notes as an answer would quote them."""
        return tuple(
            Quote(
                id=f"q{place}",
                entry=EntryId(place),
                source_id=None,
                day=date.fromisoformat(note.date),
                text=note.text,
                start=0,
                end=len(note.text),
                score=1.0,
            )
            for place, note in enumerate(self.notes, start=1)
        )


@dataclass(frozen=True, slots=True)
class Exam:
    """All items, and a name for this exam: it changes with the items, the prompts and the rules."""

    items: tuple[Item, ...]
    version: str


@cache
def the_exam() -> Exam:
    """The exam of this program."""
    data = (files(__package__) / "items.json").read_bytes()
    items = tuple(msgspec.json.decode(data, type=list[Item]))
    digest = hashlib.sha256(data)
    for item, manner in product(items, Manner):
        for quote in item.quotes():
            for message in messages_for(quote, item.question, manner):
                digest.update(f"{message.role}\n{message.content}\n".encode())
    return Exam(items, f"{RULES}-{digest.hexdigest()[:12]}")
