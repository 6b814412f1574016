"""The part of a session that looks back and ahead: reviews of a period, plans, and plans kept as entries.

A plan is kept as an entry of kind "plan": a Markdown checklist that is edited, starred, listed and deleted
like any entry. It is never read as evidence for another plan or quoted in a review
(`retrieval.statements.reading`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from diary.errors import NotAPlan
from diary.model.entry import Entry, EntryDraft, EntryId, Kind
from diary.model.progress import Cancelled, never

if TYPE_CHECKING:
    from diary.model.plan import Plan
    from diary.model.review import Review
    from diary.model.time_range import TimeRange
    from diary.parts import Engines, Stores
    from retrieval.planning.checklist import ChecklistItem
    from retrieval.planning.planner import Planner
    from retrieval.reviewing.reviewer import Reviewer
    from retrieval.search import Searcher


class LookingBack:
    """Makes plans and reviews over the stores of a session.

    :param now: the session's clock; its day is the day of a plan or review.
    """

    def __init__(
        self, stores: Stores, engines: Engines, searcher: Searcher, *, now: Callable[[], datetime]
    ) -> None:
        self._stores = stores
        self._engines = engines
        self._searcher = searcher
        self._now = now

    @cached_property
    def _planner(self) -> Planner:
        from retrieval.planning.planner import Planner

        stores = self._stores
        return Planner(self._searcher, stores.passages, stores.entries, self._engines.embedder)

    @cached_property
    def _reviewer(self) -> Reviewer:
        from retrieval.numbers.one_name import OneName
        from retrieval.reviewing.reviewer import Reviewer

        stores = self._stores
        observations = OneName(stores.observations, stores.glossary.terms)
        return Reviewer(stores.passages, stores.entries, observations, self._engines.embedder)

    def period(self, words: str) -> TimeRange:
        """The days that words name: "week", "last month", "May 2024".

        :raises diary.errors.TimeNotUnderstood: when they name none.
        """
        from retrieval.reviewing.periods import period

        return period(words, self._now().date())

    def review(
        self, reviewed: TimeRange, *, as_of: date | None = None, cancelled: Cancelled = never
    ) -> Review:
        """What the notes of a period say, as of today or another day."""
        return self._reviewer.review(reviewed, as_of or self._now().date(), cancelled=cancelled)

    def plan(self, goal: str, *, as_of: date | None = None, cancelled: Cancelled = never) -> Plan:
        """What the notes name for a goal, and what lies ahead of today or another day."""
        return self._planner.plan(goal, as_of or self._now().date(), cancelled=cancelled)

    def save(self, plan: Plan) -> Entry:
        """Keep a plan as an entry; on the disk when it returns."""
        from retrieval.planning.checklist import checklist, title_of

        now = self._now()
        return self._stores.entries.add(
            EntryDraft(
                text=checklist(plan), happened=now, written=now, title=title_of(plan.goal), kind=Kind.PLAN
            )
        )

    def saved(self, entry: EntryId) -> list[ChecklistItem]:
        """The items of a plan that was kept, as they were edited since.

        :raises diary.errors.NotAPlan: when the entry is none.
        """
        from retrieval.planning.checklist import read

        kept = self._stores.entries.get(entry)
        if kept.kind is not Kind.PLAN:
            raise NotAPlan(
                f"Entry {entry} is no plan, so there is nothing to read from it.",
                hint="List your plans with: diary list --kind plan",
            )
        return read(kept.text)
