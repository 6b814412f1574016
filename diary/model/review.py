"""Reviews: what the notes of a period say, by code, each point with its quotes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diary.model.answer import Quote
from diary.model.number import Number
from diary.model.time_range import TimeRange


class Shown(StrEnum):
    """Whether later notes show that an intention was carried out."""

    SHOWN = "shown"
    CONTRADICTED = "contradicted"
    NOT_MENTIONED = "not mentioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """Something the person said they would do, and what later notes say of it."""

    said: Quote
    outcome: Shown
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Something that recurs: words that tell it from the rest, and notes that speak of it.

    :ivar words: two to four words of the notes themselves.
    :ivar entries: on how many entries it rests.
    """

    words: tuple[str, ...]
    entries: int
    quotes: tuple[Quote, ...]


FEW_NOTES = 3
"""Fewer entries than these tell too little of a period for themes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The review of a period. An empty part means that the notes do not say.

    :ivar entries: how many entries the period has. :ivar days: on how many days.
    :ivar happened: one quote for each thing that happened, in order of time.
    """

    range: TimeRange
    entries: int
    days: int
    happened: tuple[Quote, ...]
    intentions: tuple[Intention, ...]
    numbers: tuple[Number, ...]
    themes: tuple[Theme, ...]

    @property
    def few_notes(self) -> bool:
        """Whether the period has too few entries to say what recurs."""
        return self.entries < FEW_NOTES
