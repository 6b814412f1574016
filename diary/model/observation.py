"""Observations: what a person wrote as `key:: value`, read by code and linked to where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from diary.model.entry import EntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationDraft:
    """One `key:: value` read out of an entry's text.

    :ivar key: the metric in lower case, as in `sleep:: 6h40m`; a blood pressure has the parts `systolic` and
        `diastolic`, two observations of one span.
    :ivar start: offset of the first character of the key in the entry's text, in code points.
    :ivar end: offset after the last character of the value.
    :ivar written: the value as it was written: "6h40m".
    :ivar value: the number in `unit`; None for a value that is words ("sertraline").
    :ivar unit: the metric's own unit, in which its numbers are compared ("min", "kg", "/10"); "" when it
        has none.
    :ivar name: the words of the value without its amount, in lower case ("sertraline"); "" when it has none.
    """

    key: str
    start: int
    end: int
    written: str
    value: float | None
    unit: str = ""
    part: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(ObservationDraft):
    """An observation as kept, with the entry it stands in and that entry's time."""

    entry: EntryId
    source_id: str | None
    happened: datetime

    @property
    def day(self) -> date:
        """The local day the entry is about."""
        return self.happened.date()
