"""Medicines under one name: a dose noted as Topamax counts as one of Topiramate, when the person's glossary
says that they are the same; pure over an `ObservationReader`.

What was noted is not changed, and is quoted as it stands. A question is read with the term's name in the
place of another one too, so that either name asks for the same. Without terms of several names nothing is
different.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diary.model.glossary import Term, TermKind
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval.filters import folded_words
from retrieval.numbers.well_known import MEDICINES
from retrieval.other_names import Named, Terms, as_named
from retrieval.ports import ObservationReader


class OneName:
    """An ObservationReader that tells the doses of a medicine under the term's name."""

    def __init__(self, reader: ObservationReader, terms: Terms) -> None:
        self._reader = reader
        self._terms = terms

    def keys(self) -> dict[str, int]:
        """Every key in the diary, and how many observations it has; most used first."""
        return self._reader.keys()

    def observations(self, key: str, within: TimeRange | None = None) -> list[Observation]:
        """The observations of a key, in order of time; all their parts."""
        rows = self._reader.observations(key, within)
        medicines = medicines_of(self._terms()) if key in MEDICINES and rows else ()
        return [replace(row, name=as_named(row.name, medicines)) for row in rows] if medicines else rows


def medicines_of(terms: Sequence[Term]) -> tuple[Named, ...]:
    """The medicines that have other names, each by its term's text."""
    named = []
    for term in terms:
        name, *others = dict.fromkeys(" ".join(folded_words(one)) for one in (term.text, *term.also))
        others = [other for other in others if other and f" {other} " not in f" {name} "]
        if term.kind is TermKind.MEDICINE and name and others:
            named.append(Named(name, tuple(others)))
    return tuple(named)
