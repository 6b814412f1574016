"""How long things are kept: the rules, what will go when, and what went.

A rule is data, so that a clinic's policy can set it: a length of time, or None to keep. Nothing goes unheard:
what a rule takes is announced `NOTICE` before (`diary.retention`); what was deleted goes when it was said to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from diary.model.entry import EntryId

DELETED_FOR = timedelta(days=30)
NOTICE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """What is kept for how long; None keeps it always.

    :ivar entries: since the day an entry is about and since it came into the diary, whichever is later.
    :ivar condense: the same, until an entry is condensed: its figures stay, and its words go.
    :ivar revisions: older versions, since the next took their place; the newest stays as its entry does.
    :ivar deleted: what was deleted, until it can be brought back no more; zero erases at once.
    :ivar hold: nothing is erased, whatever else is said here: a clinic's legal hold.
    """

    entries: timedelta | None = None
    condense: timedelta | None = None
    revisions: timedelta | None = None
    deleted: timedelta = DELETED_FOR
    hold: bool = False


KEPT_ALWAYS = RetentionRules()
"""The rules of who has made none."""


class Rule(StrEnum):
    """The rules, by the names of their settings without `_days`."""

    ENTRIES = "entries"
    CONDENSE = "condense"
    REVISIONS = "revisions"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Something that a rule may take.

    :ivar version: the number of an older version; None: the whole entry. :ivar since: it counts from then.
    """

    entry: EntryId
    since: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What one rule takes, soon or now.

    :ivar count: entries or versions. :ivar entries: whose they are.
    :ivar at: aware time the first of them goes; None when they went.
    """

    rule: Rule
    count: int
    entries: tuple[EntryId, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionDone:
    """What a run of the rules did.

    :ivar went: what was erased or condensed. :ivar announced: what will be within `NOTICE`, or as soon as it
        has been announced for so long.
    """

    went: Sequence[Going] = ()
    announced: Sequence[Going] = ()
