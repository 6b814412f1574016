"""Range → review: what happened, what the person said they would do and what later notes show of it, moods
and numbers, and what recurs; by code, each point with quotes that were compared with their entries.

Rules: plans, rough drafts of recordings and notes that speak to a language model are counted as entries but
never quoted; a promise is *shown* only when a later sentence shows it, else the notes do not mention it; of
a period with more than MOST_ENTRIES entries the promises of an even sample are read; notes after the day of
the review are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from diary.model.answer import Quote
from diary.model.entry import Entry, EntryFilter, EntryId, Kind
from diary.model.passage import Passage, PassageId
from diary.model.plan import PlanItemKind
from diary.model.progress import Cancelled, never
from diary.model.review import Intention, Review, Shown, Theme
from diary.model.time_range import TimeRange
from retrieval.aftermath import Aftermath, Evidence, verdict
from retrieval.planning.planner import EntryArchive, go_on
from retrieval.planning.settling import is_same
from retrieval.ports import Embedder, ObservationReader, PassageIndex, PassageTable
from retrieval.reviewing.figures import figures
from retrieval.reviewing.happenings import Telling, choose, how_many, promising, stretch, tellings
from retrieval.reviewing.periods import before
from retrieval.statements.gist import gist
from retrieval.statements.reading import Statement, is_own_telling, statements_of
from retrieval.statements.whose import of_others
from retrieval.themes import Material, themes, unit_rows
from retrieval.verbatim import Quotes

MOST_ENTRIES = 600
MOST_INTENTIONS = 15
MOST_EVIDENCE = 2
LEAST_GIST = 2
"""Words a promise must be about to be followed up: "I'll stay" says too little."""
KNOWN_BEFORE = timedelta(days=60)
CHUNK = 500
_FIELD = re.compile(r"[\[(]?\b[\w /.-]{1,40}::[^\n\];|)]*[\])]?")
"""A `key:: value`: what it measures is among the figures, and its key names no theme."""


class Reviewer:
    """Makes reviews from the person's own words."""

    def __init__(
        self,
        index: PassageIndex,
        entries: EntryArchive,
        observations: ObservationReader,
        embedder: Embedder,
    ) -> None:
        self._index = index
        self._entries = entries
        self._observations = observations
        self._aftermath = Aftermath(index, entries, embedder)

    def review(self, reviewed: TimeRange, as_of: date, *, cancelled: Cancelled = never) -> Review:
        """The review of a range of days.

        :raises diary.errors.EngineFailed: when the embedder crashed.
        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        kept = _until(reviewed, as_of)
        listed = [one for one in self._entries.list(EntryFilter(range=kept)) if one.kind is not Kind.PLAN]
        listed.reverse()
        own = [entry for entry in listed if is_own_telling(entry)]
        quotes = Quotes(self._entries)
        numbers = figures(self._observations, kept, before(kept), as_of)
        go_on(cancelled)
        happened, found = self._told(own, kept, quotes)
        go_on(cancelled)
        intentions = self._intentions(own, as_of, quotes)
        return Review(
            range=kept,
            entries=len(listed),
            days=len({entry.happened.date() for entry in listed}),
            happened=happened,
            intentions=intentions,
            numbers=numbers,
            themes=found,
        )

    def _told(
        self, own: Sequence[Entry], reviewed: TimeRange, quotes: Quotes
    ) -> tuple[tuple[Quote, ...], tuple[Theme, ...]]:
        """What happened, and what recurs."""
        if not own:
            return (), ()
        table = self._index.table()
        rows = _rows_of(table, own)
        passages = self._passages(table, rows)
        vectors = unit_rows(table.own[rows].astype(np.float32)) if rows.size else np.zeros((0, 1), np.float32)
        place = {passage.id: number for number, passage in enumerate(passages)}
        known = [place[PassageId(int(one))] for one in table.ids[rows] if PassageId(int(one)) in place]
        if len(known) != len(vectors):
            return (), ()  # the index changed while it was read; the next review sees it whole
        days = (own[-1].happened.date() - own[0].happened.date()).days + 1
        if reviewed.start is not None and reviewed.end is not None:
            days = (reviewed.end - reviewed.start).days + 1
        happened = self._happened(own, passages, vectors, _earlier(table, own[0].happened.date()), days)
        material = [
            Material(passage.entry, passage.day.toordinal(), _FIELD.sub(" ", passage.text))
            for passage in passages
        ]
        told = tuple(
            quote
            for one in happened
            if (quote := quotes.of(one.passage.entry, one.start, one.end, one.untrusted_text)) is not None
        )
        by_id = {entry.id: entry for entry in own}
        found = []
        for theme in themes(material, vectors, days=days):
            shown = [
                _of_theme(by_id[passages[number].entry], passages[number], theme.words, quotes)
                for number in theme.places
            ]
            kept = tuple(quote for quote in shown if quote is not None)
            if kept:
                found.append(Theme(words=theme.words, entries=theme.entries, quotes=kept))
        return told, tuple(found)

    def _passages(self, table: PassageTable, rows: NDArray[np.int64]) -> list[Passage]:
        ids = [PassageId(int(one)) for one in table.ids[rows]]
        found: list[Passage] = []
        for first in range(0, len(ids), CHUNK):
            found += self._index.passages(ids[first : first + CHUNK])
        return found

    def _happened(
        self,
        own: Sequence[Entry],
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        earlier: NDArray[np.float32],
        days: int,
    ) -> list[Telling]:
        limit = how_many(days)
        ordinals = np.array([passage.day.toordinal() for passage in passages], dtype=np.int64)
        by_entry: dict[EntryId, list[Passage]] = {}
        for place in promising(ordinals, vectors, earlier, limit=limit):
            by_entry.setdefault(passages[place].entry, []).append(passages[place])
        told = [one for entry in own if entry.id in by_entry for one in tellings(entry, by_entry[entry.id])]
        number = {passage.id: place for place, passage in enumerate(passages)}
        starred = {entry.id: entry.starred for entry in own}
        chosen = np.array([number[one.passage.id] for one in told], dtype=np.int64)
        return choose(
            told,
            [starred[one.passage.entry] for one in told],
            vectors[chosen],
            earlier,
            limit=limit,
        )

    def _intentions(self, own: Sequence[Entry], as_of: date, quotes: Quotes) -> tuple[Intention, ...]:
        read = own
        if len(own) > MOST_ENTRIES:
            read = [own[place] for place in np.linspace(0, len(own) - 1, MOST_ENTRIES).astype(int)]
        said = once([one for entry in read for one in statements_of(entry) if is_promise(one)])
        evidence = self._aftermath.of(said, as_of)
        pairs = list(zip(said, evidence, strict=True))
        pairs.sort(key=lambda pair: (not pair[1], pair[0].last is None, -len(gist(pair[0].text))))
        pairs = sorted(pairs[:MOST_INTENTIONS], key=lambda pair: pair[0].entry.happened)
        made = [_intention(statement, found, quotes) for statement, found in pairs]
        return tuple(one for one in made if one is not None)


def _until(reviewed: TimeRange, as_of: date) -> TimeRange:
    """The range without the days after `as_of`, unless it lies wholly after it."""
    if reviewed.start is not None and reviewed.start > as_of:
        return reviewed
    return TimeRange(reviewed.start, min(reviewed.end or as_of, as_of), reviewed.phrase)


def is_promise(statement: Statement) -> bool:
    """Whether a statement says what the person would do, in enough words to be followed up."""
    kinds = (PlanItemKind.COMMITMENT, PlanItemKind.GOAL)
    return statement.kind in kinds and len(gist(statement.text)) >= LEAST_GIST


def once(statements: Sequence[Statement]) -> list[Statement]:
    """Each promise where it was first made."""
    kept: list[Statement] = []
    for statement in statements:
        if not any(is_same(earlier, statement) for earlier in kept):
            kept.append(statement)
    return kept


def _intention(statement: Statement, found: Sequence[Evidence], quotes: Quotes) -> Intention | None:
    said = quotes.of(statement.entry.id, statement.start, statement.end, statement.sentence)
    if said is None:
        return None
    outcome = verdict(statement, found)
    shown = [one for one in found if one.shown is outcome][:MOST_EVIDENCE]
    made = [quotes.of(one.entry, one.start, one.end, one.untrusted_text) for one in shown]
    evidence = tuple(quote for quote in made if quote is not None)
    return Intention(said=said, outcome=outcome if evidence else Shown.NOT_MENTIONED, evidence=evidence)


def _of_theme(entry: Entry, passage: Passage, words: Sequence[str], quotes: Quotes) -> Quote | None:
    """The stretch of a passage that speaks of a theme."""
    told = stretch(entry, passage, of_others(entry.text), gist(" ".join(words)))
    return quotes.of(passage.entry, told.start, told.end, told.untrusted_text) if told else None


def _rows_of(table: PassageTable, own: Sequence[Entry]) -> NDArray[np.int64]:
    return np.flatnonzero(np.isin(table.entries, np.array([entry.id for entry in own], dtype=np.int64)))


def _earlier(table: PassageTable, first: date) -> NDArray[np.float32]:
    """float32[m, d]: vectors of the notes shortly before the period."""
    start = first.toordinal()
    rows = np.flatnonzero((table.days < start) & (table.days >= start - KNOWN_BEFORE.days))
    return unit_rows(table.own[rows].astype(np.float32))
