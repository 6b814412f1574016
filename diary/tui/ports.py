"""What the screens need of an open diary. Satisfied by `diary.session.Session` and the fake in `tests/fakes`.

Every method may be called from a worker's thread, several at once (the index is built while a draft is kept),
and raises `diary.errors.DiaryError` with a sentence for the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from diary.model.answer import AnswerDelta, Question, SearchResult
from diary.model.audit import FailedAttempts
from diary.model.backup import BackupDue, BackupMade
from diary.model.deleted import DeletedEntry
from diary.model.entry import Draft, Entry, EntryChanges, EntryFilter, EntryId, Revision
from diary.model.observation import ObservationDraft
from diary.model.plan import Plan
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import RetentionDone
from diary.model.review import Review
from diary.model.time_range import TimeRange
from diary.tui.attachment_ports import Attaching
from diary.tui.voice_ports import Speaking


class Reading(Protocol):
    """Shows entries."""

    def entries(
        self, chosen: EntryFilter | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[Entry]:
        """Entries that match, latest happened first."""
        ...

    def entry(self, entry: EntryId) -> Entry:
        """One entry as it is now."""
        ...

    def history(self, entry: EntryId) -> list[Revision]:
        """All versions, oldest first."""
        ...


class Warned(Protocol):
    """Knows what is amiss with the vault."""

    @property
    def warnings(self) -> Sequence[str]:
        """Sentences for the reader; they keep nobody from writing."""
        ...

    @property
    def tried(self) -> FailedAttempts | None:
        """Which attempts to open the diary failed before this opening; a warning says so, too."""
        ...

    def emergency_notices(self) -> Sequence[str]:
        """What the owner was not told yet of a clinic's emergency access, in sentences."""
        ...

    def emergencies_told(self) -> None:
        """They were seen."""
        ...


class Writing(Protocol):
    """Keeps, changes and removes entries."""

    def write(
        self,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
        starred: bool = False,
    ) -> Entry:
        """Keep one entry, on the disk when it returns; `at` is a time in words."""
        ...

    def moment(self, words: str) -> datetime:
        """The time that words name, seen from now; TimeNotUnderstood when they name none."""
        ...

    def observations_in(self, text: str) -> Sequence[ObservationDraft]:
        """What would be read as `key:: value` if these words were kept; nothing is."""
        ...

    def edit(self, entry: EntryId, changes: EntryChanges) -> Entry:
        """Save a new version."""
        ...

    def delete(self, entry: EntryId) -> DeletedEntry | None:
        """Take an entry and everything made from it out of the diary; None when it is gone for good."""
        ...


class BringingBack(Protocol):
    """Lists what was deleted, brings it back, or erases it."""

    def restore_version(self, entry: EntryId, number: int) -> Entry:
        """Make an older version the newest, by a new version; all are kept."""
        ...

    @property
    def deleted_can_be_restored(self) -> bool:
        """Whether what is deleted is kept for a while."""
        ...

    @property
    def deleted_kept_for(self) -> timedelta | None:
        """How long what is deleted now can be brought back, if at all; None: a legal hold stands."""
        ...

    def require_erasable(self) -> None:
        """:raises diary.errors.PolicyForbids: when nothing may be erased for good; waits for nothing."""
        ...

    def deleted(self) -> list[DeletedEntry]:
        """What can be brought back, last deleted first."""
        ...

    def restore_deleted(self, entry: EntryId) -> Entry:
        """Bring a deleted entry back as it was."""
        ...

    def keep_rules(self, *, report: Report = silent, cancelled: Cancelled = never) -> RetentionDone:
        """Erase what the rules of retention take, and announce what they will take."""
        ...

    def erase_deleted(self, entries: Sequence[EntryId]) -> int:
        """Erase deleted entries for good; how many."""
        ...


class Drafting(Protocol):
    """Keeps unsaved words."""

    def save_draft(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        """Keep unsaved words, encrypted and on the disk when it returns."""
        ...

    def drafts(self) -> list[Draft]:
        """Unsaved words, latest first."""
        ...

    def discard_draft(self, slot: str) -> None:
        """Forget unsaved words; none in this slot is no error."""
        ...


class Asking(Protocol):
    """Makes entries searchable, and answers from them."""

    def read_new(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Read the observations of what is new; stopping keeps what is done."""
        ...

    def index(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Make what is new searchable; stopping keeps what is done."""
        ...

    def ask(
        self,
        question: Question,
        *,
        after: Question | None = None,
        summarise: bool = True,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Iterator[AnswerDelta]:
        """Answer from the notes, part by part; close the iterator to stop, or let `cancelled` say so.

        A question `after` another may follow it up; the answer holds it completed.

        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        ...


class Finding(Protocol):
    """Finds entries."""

    def find(self, question: Question, *, report: Report = silent) -> SearchResult:
        """The entries that match best, best first; with nothing to look for the newest. Makes what is new
        searchable first.
        """
        ...


class LookingBack(Protocol):
    """Looks back on periods, and ahead."""

    def review(self, reviewed: TimeRange, *, report: Report = silent, cancelled: Cancelled = never) -> Review:
        """What the notes of a period say."""
        ...

    def plan(self, goal: str, *, report: Report = silent, cancelled: Cancelled = never) -> Plan:
        """What the notes name for a goal, and what lies ahead."""
        ...

    def save_plan(self, plan: Plan) -> Entry:
        """Keep a plan as an entry that can be edited."""
        ...


class StatusFacts(Protocol):
    """What the status line shows of the diary. Satisfied by `diary.session.Status`."""

    @property
    def entries(self) -> int:
        """How many entries are kept."""
        ...

    @property
    def pending(self) -> int:
        """How many cannot be searched yet."""
        ...

    @property
    def embedder(self) -> str:
        """Name of the search model, or `none`."""
        ...

    @property
    def language_model(self) -> str | None:
        """Name of the model that writes summaries."""
        ...


class BackingUp(Protocol):
    """Makes backups. Satisfied by `diary.backing_up.BackingUp`."""

    def due(self) -> BackupDue | None:
        """That a backup is due, or None; cheap."""
        ...

    def make(self, *, report: Report = silent, cancelled: Cancelled = never) -> BackupMade:
        """Make one in the folder of the settings."""
        ...


class Notebook(Reading, Writing, Warned, BringingBack, Drafting, Finding, Asking, LookingBack, Protocol):
    """An open diary, as the screens use it."""

    @property
    def voice(self) -> Speaking:
        """What is spoken: recordings, their words, the glossary."""
        ...

    @property
    def attachments(self) -> Attaching:
        """The files that were put with entries."""
        ...

    @property
    def backups(self) -> BackingUp:
        """Makes backups, and tells when one is due."""
        ...

    def status(self) -> StatusFacts:
        """Counts and model names; cheap."""
        ...

    def close(self) -> None:
        """End the engines and close the vault."""
        ...
