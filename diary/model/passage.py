"""Passages: the units of search, 1 to 3 sentences of an entry each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NewType

from diary.model.entry import Entry, EntryId

PassageId = NewType("PassageId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageDraft:
    """A passage to index.

    :ivar start: offset of the first character in the entry's text, in code points.
    :ivar end: offset after the last, so that `entry.text[start:end]` is the passage.
    :ivar header: `[8 May 2023, Mon] title:`, indexed and embedded with the text, never quoted.
    :ivar context: text of the neighbouring passages, for the second full-text column.
    :ivar own: int8 vector of header and text, one byte a dimension; empty when not embedded yet.
    :ivar window: int8 vector of the previous passage and this one, likewise.
    """

    ordinal: int
    start: int
    end: int
    header: str
    text: str
    context: str
    own: bytes = b""
    window: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A passage as kept, with what a reader needs to see beside it.

    :ivar rough: of a rough draft of a recording that nobody has confirmed.
    """

    id: PassageId
    entry: EntryId
    ordinal: int
    start: int
    end: int
    text: str
    day: date
    title: str | None
    source_id: str | None
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedEntry:
    """An entry and its passages as they are indexed, to embed them again.

    :ivar before: the entry before it that it was indexed with, or None.
    :ivar passages: all of its passages in order, without vectors. :ivar lacking: those that lack vectors.
    """

    entry: Entry
    before: Entry | None
    passages: Mapping[PassageId, PassageDraft]
    lacking: frozenset[PassageId]
