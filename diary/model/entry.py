"""Entries and their revisions.

Every entry has three times, each aware with its UTC offset: when it *happened* (what it is about), when it
was *written* (by hand, perhaps in another program), and when it was *recorded* (came into this vault).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from diary.model.time_range import TimeRange

EntryId = NewType("EntryId", int)
"""Number of an entry in its vault; never used again after deletion."""

BatchId = NewType("BatchId", int)
"""Number of one import, by which it can be undone."""


class Kind(StrEnum):
    """How the words came to be."""

    NOTE = "note"
    VOICE = "voice"
    PLAN = "plan"
    CONDENSED = "condensed"
    """By a rule of retention: its fields are left of it, and no other word."""


class Transcript(StrEnum):
    """What is known about the words of a recording."""

    TRANSCRIBED = "transcribed"
    WAITING = "waiting"
    ROUGH = "rough"
    NO_SPEECH = "no speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """Words on their way into the vault; not yet kept.

    :ivar happened: aware time the entry is about.
    :ivar written: aware time the words were written.
    :ivar source_id: identifier in the program it was imported from.
    :ivar metadata: front matter or properties of the source, verbatim, never interpreted again.
    :ivar transcript: for voice entries only.
    """

    text: str
    happened: datetime
    written: datetime
    title: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False
    kind: Kind = Kind.NOTE
    source_id: str | None = None
    metadata: str | None = None
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as kept: its newest revision.

    :ivar revision: 1 for the first version, one more for each edit.
    :ivar batch: the import that brought it, or None.
    """

    id: EntryId
    text: str
    happened: datetime
    written: datetime
    recorded: datetime
    revision: int
    title: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False
    kind: Kind = Kind.NOTE
    source_id: str | None = None
    metadata: str | None = None
    batch: BatchId | None = None
    transcript: Transcript | None = None

    @property
    def is_rough(self) -> bool:
        """Whether its words are a rough draft of a recording that nobody has confirmed."""
        return self.transcript is Transcript.ROUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChanges:
    """What an edit changes; None leaves a field as it is (an empty title removes the title)."""

    text: str | None = None
    title: str | None = None
    tags: tuple[str, ...] | None = None
    starred: bool | None = None
    happened: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an entry, oldest numbered 1; `made` is when it was saved."""

    entry: EntryId
    number: int
    made: datetime
    text: str
    happened: datetime
    title: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries to list; None and False mean any.

    :ivar transcript: finds voice entries that wait for their words, or whose words are a rough draft.
    """

    range: TimeRange | None = None
    tag: str | None = None
    kind: Kind | None = None
    starred: bool = False
    batch: BatchId | None = None
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Unsaved words of the editor, kept encrypted: `entry` is the one being edited, None for a new one."""

    slot: str
    text: str
    saved: datetime
    entry: EntryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """One finished import, by which it is listed and undone."""

    id: BatchId
    format: str
    source: str
    made: datetime
    added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import did: the entries it added, in order, and how many were here already."""

    batch: BatchId | None
    added: tuple[EntryId, ...]
    duplicates: int
