"""What an open diary can do: one method for each thing a person does, called by command line and screen.

Rules: a method returns when its work is on the disk; long work takes `report` and `cancelled` and is called
from a thread; nothing here knows about terminals, engines or SQL. Built by `diary.bootstrap.open_diary`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from diary.backing_up import BackingUp
from diary.errors import DiaryError, EmptyEntry, ModelMissing
from diary.letting_go import LettingGo
from diary.looking_back import LookingBack
from diary.model.answer import AnswerDelta, Question, SearchResult
from diary.model.entry import (
    BatchId,
    Draft,
    Entry,
    EntryChanges,
    EntryDraft,
    EntryFilter,
    EntryId,
    ImportBatch,
    Kind,
    Revision,
)
from diary.model.local_time import on_this_clock
from diary.model.observation import ObservationDraft
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import KEPT_ALWAYS, RetentionRules
from diary.parts import Engines as Engines
from diary.parts import Status as Status
from diary.parts import Stores as Stores
from diary.parts import Warned
from diary.settings import BackupHabit, Speech
from ingest.observations.at_once import preview, read_at_once

if TYPE_CHECKING:
    from diary.attached import Attached
    from diary.model.plan import Plan
    from diary.model.review import Review
    from diary.model.time_range import TimeRange
    from diary.voice import Voice
    from ingest.importing import ImportReport
    from retrieval.answering import Answerer
    from retrieval.indexing import Indexer
    from retrieval.planning.checklist import ChecklistItem
    from retrieval.search import Searcher


class Session(LettingGo, Warned):
    """An unlocked diary.

    :param close: ends the engines and closes the vault; called once. :param now: the clock; aware local time.
    :param born: the person's day of birth, for times told by age. :param speech: the choices about voice.
    :param rules: how long what is deleted, or old, is kept. :param backup: when and where backups go.
    :param clock: the machine's, by which the rules are kept, whatever `now` says.
    :ivar backups: makes backups, and tells when one is due.
    """

    def __init__(
        self,
        stores: Stores,
        engines: Engines,
        *,
        close: Callable[[], None],
        now: Callable[[], datetime],
        born: date | None = None,
        speech: Speech | None = None,
        rules: RetentionRules | None = None,
        backup: BackupHabit | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(stores, rules or KEPT_ALWAYS, clock or now)
        self._engines = engines
        self._close = close
        self._now = now
        self._born = born
        self._speech = speech or Speech()
        self.backups = BackingUp(stores, backup or BackupHabit(), now=now)
        self._voice: Voice | None = None
        self._making = threading.Lock()

    # Whoever only writes an entry need not wait for numpy and the importers: they are imported when needed.

    @cached_property
    def _searcher(self) -> Searcher:
        from retrieval.events import RangeResolver
        from retrieval.search import Searcher

        engines = self._engines
        terms = self._stores.glossary.terms
        searcher = Searcher(self._stores.passages, engines.embedder, engines.former_embedder, terms=terms)
        searcher.read_ranges(RangeResolver.over(searcher, self._stores.observations, self._born).resolve)
        return searcher

    @cached_property
    def _indexer(self) -> Indexer:
        from retrieval.indexing import Indexer

        return Indexer(self._stores.passages, self._engines.embedder, self._engines.former_embedder)

    @cached_property
    def _answerer(self) -> Answerer:
        from retrieval.answering import Answerer
        from retrieval.events import RangeResolver

        engines, observations = self._engines, self._stores.observations
        return Answerer(
            self._searcher,
            self._stores.entries,
            engines.embedder,
            engines.language_model,
            trust=engines.trust() if engines.trust else None,
            observations=observations,
            resolve=RangeResolver.over(self._searcher, observations, self._born).resolve_all,
            looks_back=self._looking_back,
            terms=self._stores.glossary.terms,
        )

    @cached_property
    def _looking_back(self) -> LookingBack:
        return LookingBack(self._stores, self._engines, self._searcher, now=self._now)

    # Words in

    @property
    def voice(self) -> Voice:
        """What is spoken: recordings, their words, the glossary. One for all threads: it knows what runs."""
        with self._making:
            if self._voice is None:
                from diary.voice import Voice

                self._voice = Voice(
                    self._stores, self._engines, self._speech, now=self._now, moment=self.moment
                )
            return self._voice

    def write(
        self,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
        starred: bool = False,
    ) -> Entry:
        """Keep one entry; `at` is a time in words ("yesterday 3am").

        :raises diary.errors.EmptyEntry: no words. :raises diary.errors.TimeNotUnderstood: `at` names no time.
        """
        if not text.strip():
            raise EmptyEntry("There were no words, so nothing was saved.")
        now = self._now()
        entry = self._stores.entries.add(
            EntryDraft(
                text=text,
                happened=self.moment(at) if at else now,
                written=now,
                title=title,
                tags=tuple(tags),
                starred=starred,
                kind=Kind.NOTE,
            )
        )
        read_at_once(self._stores.observations, entry)
        return entry

    def moment(self, words: str) -> datetime:
        """The time that words name, seen from now ("yesterday 3am"); aware.

        A time without an offset is one of this machine's clock on that day: in winter with winter's offset.

        :raises diary.errors.TimeNotUnderstood: when they name none.
        """
        from retrieval.when import parse_moment

        now = self._now()
        found = parse_moment(words, now)
        return on_this_clock(found.replace(tzinfo=None), now) if found.tzinfo is now.tzinfo else found

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        format: str | None = None,
        dry_run: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> ImportReport:
        """Take entries from other programs' files; all of them or, on an error or a stop, none."""
        from ingest.importing import ImportRequest, run_import

        require, now = self._stores.policy.require_import, self._now()
        request = ImportRequest(paths=tuple(paths), now=now, format=format, dry_run=dry_run, require=require)
        imported = run_import(request, self._stores.imports, report=report, cancelled=cancelled)
        if imported.added and not dry_run:
            with suppress(DiaryError):  # what was added is kept, and is read before the next question
                self.read_new(report=report)
        return imported

    def batches(self) -> Sequence[ImportBatch]:
        """The imports that can be undone, latest first."""
        return self._stores.imports.batches()

    def undo_import(self, batch: BatchId) -> int:
        """Take back an import; the number of entries removed."""
        return self._stores.imports.undo(batch)

    # Kept

    def entries(
        self, chosen: EntryFilter | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[Entry]:
        """Entries that match, latest happened first."""
        return self._stores.entries.list(chosen or EntryFilter(), limit=limit, offset=offset)

    def entry(self, entry: EntryId) -> Entry:
        """One entry as it is now."""
        return self._stores.entries.get(entry)

    def edit(self, entry: EntryId, changes: EntryChanges) -> Entry:
        """Save a new version; the versions before stay in the history."""
        if changes.text is not None and not changes.text.strip():
            raise EmptyEntry(
                "There were no words left, so the entry stays as it was.",
                hint="To remove it, use: diary delete ID",
            )
        edited = self._stores.entries.revise(entry, changes)
        read_at_once(self._stores.observations, edited)
        return edited

    def history(self, entry: EntryId) -> list[Revision]:
        """All versions of an entry, oldest first."""
        return self._stores.entries.history(entry)

    @cached_property
    def attachments(self) -> Attached:
        """The files that were put with entries."""
        from diary.attached import Attached

        stores = self._stores
        return Attached(stores.attachments, stores.policy, audit=stores.audit)

    # Observations

    def observations_in(self, text: str) -> tuple[ObservationDraft, ...]:
        """What would be read as `key:: value` if these words were kept; nothing is."""
        return preview(self._stores.observations, text)

    def read_new(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Read the observations of what is new; the number of entries read. Stopping keeps what is done."""
        from ingest.observations.pending import read_pending

        return read_pending(self._stores.observations, report=report, cancelled=cancelled)

    # Unsaved words

    def save_draft(self, slot: str, text: str, *, entry: EntryId | None = None) -> None:
        """Keep what the editor holds, encrypted; on the disk when it returns."""
        self._stores.drafts.save(slot, text, entry=entry)

    def drafts(self) -> list[Draft]:
        """Unsaved words, latest first."""
        return self._stores.drafts.list()

    def discard_draft(self, slot: str) -> None:
        """Forget unsaved words, once saved or given up."""
        self._stores.drafts.discard(slot)

    # Answers out

    def index(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Make what is new searchable, and finish a change of the embedding model; the number of entries
        indexed. Stopping keeps what is done.

        In small steps: meanwhile other threads write, and search what is there.
        """
        return self._indexer.run(report=report, cancelled=cancelled)

    def find(self, question: Question, *, report: Report = silent) -> SearchResult:
        """Search; indexes what is new first, unless another thread is indexing: then what is there is
        searched, and the result says how many entries are not in it.

        With nothing to look for, the entries that the filters let through, newest first; no model is needed.
        """
        if not question.text.strip():
            from retrieval.listing import list_by_date

            return list_by_date(question, self._stores.entries)
        self._indexer.catch_up(report=report)
        return replace(self._searcher.find(question), pending=self._stores.passages.pending_count())

    def ask(
        self,
        question: Question,
        *,
        after: Question | None = None,
        summarise: bool = True,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Generator[AnswerDelta, None, None]:
        """Answer from the notes; indexes what is new first, unless another thread is indexing.

        A question `after` another may follow it up ("and in June?"); the answer holds it completed.
        To stop, close the generator, or from another thread let `cancelled` say so: the model is asked to
        stop within a tenth of a second, while it reads too.

        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        with suppress(ModelMissing):  # numbers need no model; what does need it says that it is missing
            self._indexer.catch_up(report=report, cancelled=cancelled)
        self.read_new(report=report, cancelled=cancelled)
        yield from self._answerer.answer(question, after=after, summarise=summarise, cancelled=cancelled)

    # Looking back and ahead

    def period(self, words: str) -> TimeRange:
        """The days that words name; TimeNotUnderstood when they name none."""
        return self._looking_back.period(words)

    def review(self, reviewed: TimeRange, *, report: Report = silent, cancelled: Cancelled = never) -> Review:
        """What the notes of a period say; indexes what is new first."""
        self._indexer.catch_up(report=report, cancelled=cancelled)
        self.read_new(report=report, cancelled=cancelled)
        return self._looking_back.review(reviewed, cancelled=cancelled)

    def plan(self, goal: str, *, report: Report = silent, cancelled: Cancelled = never) -> Plan:
        """What the notes name for a goal, and what lies ahead; indexes what is new first."""
        self._indexer.catch_up(report=report, cancelled=cancelled)
        return self._looking_back.plan(goal, cancelled=cancelled)

    def save_plan(self, plan: Plan) -> Entry:
        """Keep a plan as an entry that can be edited."""
        return self._looking_back.save(plan)

    def saved_plan(self, entry: EntryId) -> list[ChecklistItem]:
        """The items of a kept plan, as edited; NotAPlan when the entry is none."""
        return self._looking_back.saved(entry)

    # The diary itself

    def status(self) -> Status:
        """What the status line shows; cheap."""
        model = self._engines.language_model
        try:
            embedder = self._engines.embedder.model
        except ModelMissing:
            embedder = "none"
        return Status(
            entries=self._stores.entries.count(),
            pending=self._stores.passages.pending_count(),
            embedder=embedder,
            language_model=model.model if model else None,
            transcriber=self._engines.transcriber.engine,
        )

    def close(self) -> None:
        """End a recording that runs, which is kept, then the engines, and close the vault."""
        try:
            if self._voice is not None:
                self._voice.close()
        finally:
            self._close()
