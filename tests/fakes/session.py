"""An open diary in memory, for the tests of the screen. It encrypts nothing, so it refuses to run elsewhere.

Deterministic: the clock stands still until a test moves it, numbers count up, an answer is what the test
scripted. `gates` make a call wait until the test lets it go on; `broken` makes it raise.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from diary.attached import Attached
from diary.errors import EmptyEntry, EntryNotFound, TimeNotUnderstood
from diary.model.answer import AnswerDelta, Hit, Question, SearchResult
from diary.model.audit import FailedAttempts
from diary.model.deleted import DeletedEntry
from diary.model.entry import Draft, Entry, EntryChanges, EntryDraft, EntryFilter, EntryId, Kind, Revision
from diary.model.observation import ObservationDraft
from diary.model.plan import Plan
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model.retention import DELETED_FOR, RetentionDone
from diary.model.review import Review
from diary.model.time_range import TimeRange
from ingest.observations.reading import read_observations
from retrieval.planning.checklist import checklist, title_of
from retrieval.when import parse_moment
from tests.fakes.attachments import FakeAttachments
from tests.fakes.audit import FakeLog
from tests.fakes.backups import FakeBackingUp
from tests.fakes.voice import FakeVoice

NOW = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


@dataclass(frozen=True)
class FakeStatus:
    entries: int
    pending: int
    embedder: str
    language_model: str | None


class _Known:
    """The entries of a session, as attachments need them."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session
        self.on_delete: list[Callable[[EntryId], None]] = []

    def get(self, entry: EntryId) -> Entry:
        return self._session._versions(entry)[-1]

    def now(self) -> datetime:
        return self._session.now


@dataclass
class FakeSession:
    """Has the methods of `diary.session.Session` that `diary.tui.ports.Notebook` names."""

    now: datetime = NOW
    model: str | None = "SmolLM2-135M-Instruct"
    script: Callable[[Question], Iterator[AnswerDelta]] | None = None
    broken: dict[str, Exception] = field(default_factory=dict)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    kept: dict[EntryId, list[Entry]] = field(default_factory=dict)
    aside: dict[EntryId, tuple[DeletedEntry, list[Entry]]] = field(default_factory=dict)
    deleted_can_be_restored: bool = True
    deleted_kept_for: timedelta | None = DELETED_FOR
    warnings: tuple[str, ...] = ()
    tried: FailedAttempts | None = None
    progress_of_opening: tuple[Progress, ...] = ()
    notices: tuple[str, ...] = ()
    retained: RetentionDone = RetentionDone()  # noqa: RUF009 -- frozen
    slots: dict[str, Draft] = field(default_factory=dict)
    indexed: set[tuple[EntryId, int]] = field(default_factory=set)
    closed: bool = False
    asked: list[Question] = field(default_factory=list)
    reviews: Callable[[TimeRange], Review] | None = None
    reviewed: list[TimeRange] = field(default_factory=list)
    plans: Callable[[str], Plan] | None = None
    goals: list[str] = field(default_factory=list)
    sought: list[Question] = field(default_factory=list)
    asked_after: list[Question | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        if "pytest" not in sys.modules:
            raise RuntimeError("FakeSession keeps words unencrypted; it runs under pytest only")
        self._lock = threading.RLock()
        self.store = FakeAttachments(_Known(self))
        self.attachments = Attached(self.store, audit=FakeLog())
        self.backing_up = FakeBackingUp(self._called)
        self.voice = FakeVoice(self._add, lambda entry: self._versions(entry)[-1], self._revise)

    @property
    def backups(self) -> FakeBackingUp:
        return self.backing_up

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if gate := self.gates.get(name):
            assert gate.wait(20), f"the test never opened the gate of {name}"
        if error := self.broken.get(name):
            raise error

    def add(self, *drafts: EntryDraft) -> list[Entry]:
        """Put entries in, as a test's given."""
        return [self._add(draft) for draft in drafts]

    def _add(self, draft: EntryDraft) -> Entry:
        with self._lock:
            number = EntryId(max([*self.kept, *self.aside], default=0) + 1)
            names = ("text", "happened", "written", "title", "tags", "starred", "kind", "transcript")
            fields = {name: getattr(draft, name) for name in names}
            entry = Entry(id=number, recorded=self.now, revision=1, **fields)
            self.kept[number] = [entry]
            return entry

    def _revise(self, entry: Entry) -> Entry:
        with self._lock:
            versions = self._versions(entry.id)
            versions.append(replace(entry, revision=versions[-1].revision + 1, written=self.now))
            return versions[-1]

    def emergency_notices(self) -> tuple[str, ...]:
        self._called("emergency_notices")
        return self.notices

    def emergencies_told(self) -> None:
        self._called("emergencies_told")
        self.notices = ()

    # Reading

    def entries(
        self, chosen: EntryFilter | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[Entry]:
        self._called("entries")
        with self._lock:
            newest = [versions[-1] for versions in self.kept.values()]
        newest.sort(key=lambda entry: (entry.happened, entry.id), reverse=True)
        return newest[offset : None if limit is None else offset + limit]

    def entry(self, entry: EntryId) -> Entry:
        self._called("entry")
        return self._versions(entry)[-1]

    def history(self, entry: EntryId) -> list[Revision]:
        self._called("history")
        return [
            Revision(
                entry=entry,
                number=version.revision,
                made=version.written,
                text=version.text,
                happened=version.happened,
                title=version.title,
                tags=version.tags,
                starred=version.starred,
            )
            for version in self._versions(entry)
        ]

    def _versions(self, entry: EntryId) -> list[Entry]:
        if entry not in self.kept:
            raise EntryNotFound(f"There is no entry {entry}.")
        return self.kept[entry]

    # Writing

    def write(
        self,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
        starred: bool = False,
    ) -> Entry:
        self._called("write")
        if not text.strip():
            raise EmptyEntry("There were no words, so nothing was saved.")
        if at not in (None, "yesterday"):
            raise TimeNotUnderstood(f"“{at}” is no time.", hint="Try: yesterday 3am")
        happened = self.now - timedelta(days=1) if at else self.now
        return self._add(
            EntryDraft(
                text=text,
                happened=happened,
                written=self.now,
                title=title,
                tags=tuple(tags),
                starred=starred,
            )
        )

    def moment(self, words: str) -> datetime:
        return parse_moment(words, self.now)

    def observations_in(self, text: str) -> Sequence[ObservationDraft]:
        self._called("observations_in")
        return read_observations(text)

    def read_new(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        self._called("read_new")
        return 0

    def edit(self, entry: EntryId, changes: EntryChanges) -> Entry:
        self._called("edit")
        with self._lock:
            versions = self._versions(entry)
            fields = {
                name: getattr(changes, name) for name in ("text", "title", "tags", "starred", "happened")
            }
            new = {name: value for name, value in fields.items() if value is not None}
            revision = versions[-1].revision + 1
            versions.append(replace(versions[-1], revision=revision, written=self.now, **new))
            return versions[-1]

    def delete(self, entry: EntryId, *, erase: bool = False) -> DeletedEntry | None:
        self._called("delete")
        versions = self._versions(entry)
        del self.kept[entry]
        if erase or not self.deleted_can_be_restored:
            self.store.forget(entry)
            return None
        until = self.now + DELETED_FOR
        self.aside[entry] = (DeletedEntry(entry=versions[-1], removed=self.now, until=until), versions)
        return self.aside[entry][0]

    def require_erasable(self) -> None:
        self._called("require_erasable")

    def deleted(self) -> list[DeletedEntry]:
        self._called("deleted")
        return [deleted for deleted, _ in reversed(self.aside.values())]

    def restore_deleted(self, entry: EntryId) -> Entry:
        self._called("restore_deleted")
        if entry not in self.aside:
            raise EntryNotFound(f"There is no entry {entry} among the deleted.")
        self.kept[entry] = self.aside.pop(entry)[1]
        return self.kept[entry][-1]

    def restore_version(self, entry: EntryId, number: int) -> Entry:
        self._called("restore_version")
        old = self._versions(entry)[number - 1]
        return self._revise(old)

    def keep_rules(self, *, report: Report = silent, cancelled: Cancelled = never) -> RetentionDone:
        self._called("keep_rules")
        done, self.retained = self.retained, RetentionDone()
        return done

    def erase_deleted(self, entries: Sequence[EntryId]) -> int:
        self._called("erase_deleted")
        for entry in entries:
            del self.aside[entry]
            self.store.forget(entry)
        return len(entries)

    # Drafts

    def save_draft(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        self._called("save_draft")
        self.slots[slot] = Draft(slot=slot, text=text, saved=self.now, entry=entry)

    def drafts(self) -> list[Draft]:
        self._called("drafts")
        return sorted(self.slots.values(), key=lambda draft: draft.saved, reverse=True)

    def discard_draft(self, slot: str) -> None:
        self._called("discard_draft")
        self.slots.pop(slot, None)

    # Answers

    def index(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        pending = self._pending()
        for done, version in enumerate(pending):
            report(Progress("index", done, len(pending)))
            self._called("index")
            if cancelled():
                return done
            self.indexed.add(version)
        return len(pending)

    def _pending(self) -> list[tuple[EntryId, int]]:
        with self._lock:
            newest = {(number, versions[-1].revision) for number, versions in self.kept.items()}
        return sorted(newest - self.indexed)

    def find(self, question: Question, *, report: Report = silent) -> SearchResult:
        """By words as they stand; the tag and the star as filters."""
        self.sought.append(question)
        self._called("find")
        words = question.text.lower().split()
        hits = []
        for entry in self.entries():
            text = entry.text.lower()
            starred = entry.starred or not question.starred
            tagged = question.tag is None or question.tag in entry.tags
            if starred and tagged and text and all(word in text for word in words):
                start = text.index(words[0]) if words else 0
                hits.append(
                    Hit(
                        entry=entry.id,
                        source_id=None,
                        day=entry.happened.date(),
                        title=entry.title,
                        text=entry.text[start:],
                        score=1.0,
                        start=start,
                        end=len(entry.text),
                    )
                )
        return SearchResult(hits=tuple(hits[: question.limit]), range=question.range, milliseconds=1)

    def review(self, reviewed: TimeRange, *, report: Report = silent, cancelled: Cancelled = never) -> Review:
        self.reviewed.append(reviewed)
        self._called("review")
        if self.reviews is not None:
            return self.reviews(reviewed)
        return Review(range=reviewed, entries=0, days=0, happened=(), intentions=(), numbers=(), themes=())

    def plan(self, goal: str, *, report: Report = silent, cancelled: Cancelled = never) -> Plan:
        self.goals.append(goal)
        self._called("plan")
        if self.plans is not None:
            return self.plans(goal)
        return Plan(goal=goal, as_of=self.now.date(), items=())

    def save_plan(self, plan: Plan) -> Entry:
        self._called("save_plan")
        title = title_of(plan.goal)
        return self._add(
            EntryDraft(text=checklist(plan), happened=self.now, written=self.now, title=title, kind=Kind.PLAN)
        )

    def ask(
        self,
        question: Question,
        *,
        after: Question | None = None,
        summarise: bool = True,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Iterator[AnswerDelta]:
        self.asked.append(question)
        self.asked_after.append(after)
        self._called("ask")
        if self.script is not None:
            yield from self.script(question)

    # Itself

    def status(self) -> FakeStatus:
        self._called("status")
        return FakeStatus(len(self.kept), len(self._pending()), "all-MiniLM-L6-v2 1a2b3c4d", self.model)

    def close(self) -> None:
        self.closed = True
