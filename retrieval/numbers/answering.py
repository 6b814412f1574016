"""Questions that observations answer, from the question to numbers and the quotes they rest on.

Not here: what the parts do (see the other rooms of this package), and what is said when they do not answer
(`retrieval.answering`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from diary.errors import EntryNotFound
from diary.model.answer import Question, Quote
from diary.model.entry import Entry
from diary.model.number import Number
from diary.model.observation import Observation
from diary.model.resolved_range import EventDate
from diary.model.time_range import TimeRange
from retrieval.numbers.computing import compute
from retrieval.numbers.events import Guesses, Resolve, resolved, settled
from retrieval.numbers.medicines import with_medicines
from retrieval.numbers.metrics import Catalogue
from retrieval.numbers.one_name import OneName, medicines_of
from retrieval.numbers.quoting import in_order, quoted
from retrieval.numbers.reading import Asked, listing, read
from retrieval.numbers.times import TimeReader
from retrieval.numbers.well_known import MEDICINES
from retrieval.other_names import Terms, as_named, no_terms
from retrieval.ports import ObservationReader
from retrieval.quoting import EntryReader
from retrieval.stems import plain_words, stem

LEAST_SHARE = 0.1
"""Of the entries of a metric, how many must know a word that says which pain it is."""
MOST = 0.5
"""And a name: what is noted is the person's own, unless most of its notes speak of somebody else."""
_A_KEY = re.compile(r"[\w-]+::")  # the name of another metric says nothing of this one


class Numbers:
    """Reads questions about observations, and answers them.

    :param resolve: finds the times that a question tells by events; without it such a question has no number.
    :param terms: by which other names of medicines are one.
    """

    def __init__(
        self,
        reader: ObservationReader,
        entries: EntryReader,
        resolve: Resolve | None = None,
        terms: Terms = no_terms,
    ) -> None:
        self._reader: ObservationReader = OneName(reader, terms)
        self._terms = terms
        self._entries = entries
        self._resolve = resolve

    def asked(self, question: Question) -> Asked | None:
        """What the question asks of the observations, or None when it is not one for numbers."""
        if question.phrases or question.without:
            return None
        catalogue = self.catalogue()
        if not catalogue.keys:
            return None
        guesses = Guesses()
        found = self._read(question, catalogue, guesses)
        if found is not None and guesses.used:
            sure = self._read(question, catalogue, resolved(self._resolve)) if self._resolve else None
            found = settled(found, sure)
        return found if found is not None and self._known(found) else None

    def _read(self, question: Question, catalogue: Catalogue, times: TimeReader) -> Asked | None:
        keys = MEDICINES.intersection(catalogue.keys)
        medicines = [row for key in keys for row in self._reader.observations(key)]
        text = as_named(question.text, medicines_of(self._terms())) if keys else question.text
        return read(text, question.as_of, catalogue, with_medicines(times, medicines), question.range)

    def catalogue(self) -> Catalogue:
        """What the diary has observations of."""
        return Catalogue(self._reader.keys(), self._names, self._unit)

    def _names(self, key: str) -> list[str]:
        return sorted({row.name for row in self._reader.observations(key)} - {""})

    def _unit(self, key: str) -> str:
        units = Counter(row.unit for row in self._reader.observations(key) if row.value is not None)
        return units.most_common(1)[0][0] if units else ""

    def _known(self, asked: Asked) -> bool:
        """Whether the notes of the observations know the words that say which pain it is."""
        if not asked.to_check:
            return True
        entries = {row.entry for row in self._reader.observations(asked.metric.key)}
        knowing = Counter(
            word
            for entry in entries
            for word in {stem(one) for one in plain_words(self._words_of(entry))}
            & {stem(one) for one in asked.to_check}
        )
        return all(
            knowing[stem(word)] >= max(1.0, (MOST if word in asked.people else LEAST_SHARE) * len(entries))
            for word in asked.to_check
        )

    def _words_of(self, entry: int) -> str:
        found = self._entry(entry)
        if found is None:
            return ""
        return f"{found.title or ''} {' '.join(found.tags)} {_A_KEY.sub(' ', found.text)}"

    def _entry(self, entry: int) -> Entry | None:
        try:
            return self._entries.get(entry)  # type: ignore[arg-type]
        except EntryNotFound:
            return None

    def computed(self, asked: Asked, question: Question) -> tuple[Number, ...]:
        """The numbers, from the observations that the question's filters let through."""
        if question.tag is None and question.kind is None and not question.starred:
            return compute(asked, self._reader, question.as_of)
        return compute(asked, _Filtered(self._reader, self, question), question.as_of)

    def events(self, asked: Asked, question: Question) -> tuple[EventDate, ...]:
        """The days of events that the times asked about rest on, and what tells them."""
        if self._resolve is None or question.range is not None or asked.range is None:
            return ()
        used = {(one.range.start, one.range.end) for one in asked.selections if one.range is not None}
        found = self._resolve(question)
        told = [
            event
            for one in found
            if one.range is not None and (one.range.start, one.range.end) in used
            for event in one.events
        ]
        return tuple(dict.fromkeys(told))

    def listed(self, question: Question) -> tuple[TimeRange | None, tuple[Quote, ...]]:
        """For "what medicines do I take": the time, and of each medicine its latest note, in order of time;
        without notes when something else is asked.
        """
        catalogue = self.catalogue()
        if not MEDICINES.intersection(catalogue.keys) or question.phrases or question.without:
            return None, ()
        used = listing(question.text, question.as_of, catalogue, question.range)
        if used is None:
            return None, ()
        latest: dict[str, Observation] = {}
        for key in MEDICINES.intersection(catalogue.keys):
            for row in self._reader.observations(key, used.range):
                if row.name and self.allowed(row, question):
                    latest[row.name] = row
        rows = sorted(latest.values(), key=lambda row: (row.happened, row.entry, row.start))
        most = max(question.limit, question.list_limit)
        return used.range, quoted(rows, self._entries, limit=most)

    def nearest(self, asked: Asked, limit: int) -> tuple[Quote, ...]:
        """The observations nearest to the time asked about, for when none lies in it."""
        used = asked.range
        rows = [
            row for key in (asked.metric.key, *asked.metric.also) for row in self._reader.observations(key)
        ]
        if used is not None:
            rows.sort(key=lambda row: _distance(row.day, used))
        return quoted(rows, self._entries, limit=limit, prefix="n")

    def quotes(self, numbers: Sequence[Number], limit: int) -> tuple[Quote, ...]:
        """The observations that the numbers rest on, at most `limit`, the telling ones first."""
        return quoted(in_order(numbers), self._entries, limit=limit)

    def allowed(self, row: Observation, question: Question) -> bool:
        """Whether the question's filters let an observation through."""
        entry = self._entry(row.entry)
        return (
            entry is not None
            and (question.tag is None or question.tag.casefold() in {tag.casefold() for tag in entry.tags})
            and (question.kind is None or entry.kind is question.kind)
            and (entry.starred or not question.starred)
        )


class _Filtered:
    """An ObservationReader that shows only what a question's filters let through."""

    def __init__(self, reader: ObservationReader, numbers: Numbers, question: Question) -> None:
        self._reader = reader
        self._numbers = numbers
        self._question = question

    def keys(self) -> dict[str, int]:
        return self._reader.keys()

    def observations(self, key: str, within: TimeRange | None = None) -> list[Observation]:
        rows = self._reader.observations(key, within)
        return [row for row in rows if self._numbers.allowed(row, self._question)]


def _distance(day: date, used: TimeRange) -> int:
    """Days between a day and a range."""
    if used.start is not None and day < used.start:
        return (used.start - day).days
    return (day - used.end).days if used.end is not None and day > used.end else 0


def is_answer(numbers: Sequence[Number]) -> bool:
    """Whether the first number, or for a blood pressure any part's, answers."""
    return any(number.known for number in numbers if not _is_part(number, numbers))


def _is_part(number: Number, numbers: Sequence[Number]) -> bool:
    return any(number in whole.parts for whole in numbers)
