"""The person's own words: people, places, medicines, and what is to be written instead of what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

TermId = NewType("TermId", int)


class TermKind(StrEnum):
    """What a term names."""

    PERSON = "person"
    PLACE = "place"
    MEDICINE = "medicine"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDraft:
    """A term to keep.

    :ivar text: as it is to be written: “Topiramate”, “Dr Okafor”.
    :ivar instead_of: what is replaced by it, exactly and as whole words, whatever the case: “dr okay for”.
    :ivar also: other names of the same: “Topamax”. A search for one finds the others.
    """

    text: str
    kind: TermKind
    instead_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(TermDraft):
    """A kept term."""

    id: TermId


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Words that sound like one of the person's medicines and are none: a question, never a change.

    :ivar start, end: characters of the text. :ivar heard: what stands there. :ivar meant: the term.
    :ivar name: the name of it that they sound like, which may be another than its text; empty: its text.
    """

    start: int
    end: int
    heard: str
    meant: Term
    name: str = ""

    @property
    def word(self) -> str:
        """What was perhaps said."""
        return self.name or self.meant.text


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenObservation:
    """An observation told in words, offered as a line.

    :ivar start, end: characters of the text it was told with. :ivar line: “pain:: 4/10”.
    """

    start: int
    end: int
    line: str
