"""Goal → plan: what the notes name for it, and what lies ahead, as dated items with their quotes.

The order:
1. statements (`retrieval.statements`) of the notes of the last 400 days, of the notes that search finds for
   the goal, whatever their age, and of older ones that name a year to come;
2. one for each thing, with the latest word on it; what was called off is gone (`settling`);
3. what is past, and promises that later notes show as kept, are left out (`retrieval.aftermath`);
4. each is `for_goal` when it shares a word with the goal, lies near it by its vector, or is medical as the
   goal is; what only lies ahead stands apart, since a plan that forgets the dentist is none;
5. every quote is compared with its entry again, and an item without a quote is no item.

Rules: notes after the day of the plan are not read; plans are not read, so that a plan never feeds the next;
nothing is added that no note says. A goal that names only a time, or asks for appointments, is about all
that lies ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Protocol

from diary.errors import EntryNotFound, Stopped
from diary.model.answer import Question
from diary.model.entry import Entry, EntryFilter, EntryId
from diary.model.plan import Plan, PlanItem, PlanItemKind
from diary.model.progress import Cancelled, never
from diary.model.review import Shown
from diary.model.time_range import TimeRange
from retrieval.aftermath import Aftermath, verdict
from retrieval.planning.settling import Settled, settle
from retrieval.ports import Embedder, PassageIndex
from retrieval.quoting import EntryReader
from retrieval.search import Searcher
from retrieval.statements.ahead import times_ahead
from retrieval.statements.arranged import is_about_health, is_past, names_medical
from retrieval.statements.gist import gist
from retrieval.statements.reading import Statement, statements_of
from retrieval.stop_words import match_expression_of
from retrieval.verbatim import Quotes
from retrieval.when import parse_range
from retrieval.when.words import plain

LOOKED_BACK = timedelta(days=400)
OPEN_FOR = timedelta(days=60)
"""How long an undated promise counts as open, when it is not for the goal."""
OVERDUE_FOR = timedelta(days=30)
YEARS_AHEAD = 12
FOUND_ENTRIES = 16
MOST_ITEMS = 40
NEAR_GOAL = 0.34
"""Cosine of goal and sentence (all-MiniLM-L6-v2) from which the sentence is taken to be about the goal."""

_GENERAL = gist(
    "appointment appointments calendar upcoming coming agenda schedule commitments deadlines task tasks list "
    "things plan plans booked dates ahead due happening show look make sure manage prepare need"
)


class EntryArchive(EntryReader, Protocol):
    """Reads and lists entries. Satisfied by `diary.vault.entries.Entries`."""

    def list(self, chosen: EntryFilter, *, limit: int | None = None, offset: int = 0) -> list[Entry]:
        """Entries that match, latest happened first."""
        ...


class Planner:
    """Makes plans from the person's own words."""

    def __init__(
        self, searcher: Searcher, index: PassageIndex, entries: EntryArchive, embedder: Embedder
    ) -> None:
        self._searcher = searcher
        self._index = index
        self._entries = entries
        self._embedder = embedder
        self._aftermath = Aftermath(index, entries, embedder)

    def plan(self, goal: str, as_of: date, *, cancelled: Cancelled = never) -> Plan:
        """The plan for a goal; without items when the notes name nothing.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.ModelMissing: when no embedder is installed.
        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        within = range_ahead(goal, as_of)
        statements = [one for entry in self._notes(goal, as_of) for one in statements_of(entry)]
        settled = settle(statements)
        go_on(cancelled)
        about = goal_words(goal, within)
        near = self._for_goal(goal, about, [one.statement for one in settled])
        kept = [
            (one, for_goal)
            for one, for_goal in zip(settled, near, strict=True)
            if _is_open(one.statement, as_of, sought=bool(about) and for_goal)
            and (within is None or _lies_in(one.statement, within))
        ]
        go_on(cancelled)
        kept = self._not_done(kept, as_of)
        quotes = Quotes(self._entries)
        items = [item for one, for_goal in kept if (item := _item(one, quotes, for_goal)) is not None]
        items.sort(key=_order)
        return Plan(goal=goal, as_of=as_of, items=tuple(items[:MOST_ITEMS]), range=within)

    def _notes(self, goal: str, as_of: date) -> list[Entry]:
        """The notes to read, each once."""
        recent = self._entries.list(EntryFilter(range=TimeRange(as_of - LOOKED_BACK, as_of)))
        notes = {entry.id: entry for entry in recent}
        found = self._searcher.passages(Question(text=goal, as_of=as_of, limit=FOUND_ENTRIES))
        older = [ranked.passage.entry for ranked in found.passages if ranked.passage.day <= as_of]
        years = [str(as_of.year + ahead) for ahead in range(1, YEARS_AHEAD)]
        matches = self._index.matches(match_expression_of(years), limit=200)
        older += [
            passage.entry
            for passage in self._index.passages([one for one, _ in matches])
            if passage.day <= as_of
        ]
        for entry in self._read(set(older) - notes.keys()):
            notes[entry.id] = entry
        return list(notes.values())

    def _read(self, ids: Iterable[EntryId]) -> list[Entry]:
        found = []
        for entry in sorted(ids):
            with suppress(EntryNotFound):  # somebody may have deleted it meanwhile
                found.append(self._entries.get(entry))
        return found

    def _for_goal(self, goal: str, about: frozenset[str], statements: Sequence[Statement]) -> list[bool]:
        """Whether each is about the goal, by its words or its vector."""
        if not about or not statements:
            return [True] * len(statements)
        vectors = self._embedder.embed([goal, *(_told(one) for one in statements)])
        cosines = vectors[1:] @ vectors[0]
        health = is_about_health(plain(goal))
        return [
            bool(about & gist(f"{one.entry.title or ''} {one.sentence}"))
            or float(cosine) >= NEAR_GOAL
            or (health and names_medical(plain(one.sentence)))
            for one, cosine in zip(statements, cosines, strict=True)
        ]

    def _not_done(self, kept: list[tuple[Settled, bool]], as_of: date) -> list[tuple[Settled, bool]]:
        promises = [
            one.statement
            for one, _ in kept
            if one.statement.kind in (PlanItemKind.COMMITMENT, PlanItemKind.GOAL) and not one.statement.denied
        ]
        evidence = self._aftermath.of(promises, as_of)
        done = {
            id(promise)
            for promise, found in zip(promises, evidence, strict=True)
            if verdict(promise, found) is Shown.SHOWN
        }
        return [pair for pair in kept if id(pair[0].statement) not in done]


def go_on(cancelled: Cancelled) -> None:
    """Return, or raise Stopped when the person asked to stop."""
    if cancelled():
        raise Stopped("Stopped. Nothing was changed.")


def range_ahead(goal: str, as_of: date) -> TimeRange | None:
    """The time ahead that a goal names; None when it names none, or one that has passed."""
    words = plain(goal)
    ahead = [one for one in times_ahead(words, as_of) if one.sure or not is_past(words)]
    if ahead:
        first, last = ahead[0], max(one.last for one in ahead)
        return TimeRange(min(one.first for one in ahead), last, goal[first.start : first.end].strip())
    named = parse_range(goal, as_of)
    if named is None or named.end is None or named.end <= as_of or named.start is None:
        return None
    return named


def goal_words(goal: str, within: TimeRange | None) -> frozenset[str]:
    """What a goal is about, without its time and the words that only ask for what lies ahead."""
    words = gist(goal.replace(within.phrase, " ") if within and within.phrase else goal)
    return frozenset(words - _GENERAL)


def _told(statement: Statement) -> str:
    return f"{statement.entry.title}: {statement.sentence}" if statement.entry.title else statement.sentence


def _is_open(statement: Statement, as_of: date, *, sought: bool) -> bool:
    """Whether a statement still lies ahead, or is a promise or a limit that still holds.

    :param sought: whether it is about what the goal names; then it counts for longer.
    """
    age = as_of - statement.said_on
    if statement.last is not None:
        if statement.last >= as_of:
            return True
        late = as_of - statement.last
        return statement.kind is PlanItemKind.COMMITMENT and not statement.denied and late <= OVERDUE_FOR
    if statement.kind is PlanItemKind.APPOINTMENT:
        return False
    if sought:
        return age <= LOOKED_BACK or statement.kind is PlanItemKind.CONSTRAINT
    return statement.kind is PlanItemKind.COMMITMENT and not statement.denied and age <= OPEN_FOR


def _lies_in(statement: Statement, within: TimeRange) -> bool:
    if statement.first is None or statement.last is None:
        return False
    starts_before_end = within.end is None or statement.first <= within.end
    return starts_before_end and (within.start is None or statement.last >= within.start)


def _item(settled: Settled, quotes: Quotes, for_goal: bool) -> PlanItem | None:
    told = [settled.statement, *settled.before]
    made = [quotes.of(one.entry.id, one.start, one.end, one.sentence) for one in told]
    kept = tuple(dict.fromkeys(quote for quote in made if quote is not None))
    statement = settled.statement
    if made[0] is None:
        return None
    return PlanItem(
        kind=statement.kind,
        text=statement.text,
        since=statement.first if statement.first != statement.last else None,
        due=statement.last,
        at=statement.at,
        quotes=kept,
        for_goal=for_goal,
    )


def _order(item: PlanItem) -> tuple[bool, date, str, int, str]:
    at = item.at.isoformat() if item.at else ""
    kinds = list(PlanItemKind)
    return item.due is None, item.due or date.max, at, kinds.index(item.kind), item.text
