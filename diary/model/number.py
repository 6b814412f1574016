"""Numbers that code computed from observations, with what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diary.model.observation import Observation
from diary.model.time_range import TimeRange


class Function(StrEnum):
    """What was computed."""

    COUNT = "count"
    MEAN = "mean"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    RATE = "rate"
    FIRST = "first"
    LAST = "last"
    STREAK = "streak"
    CHANGE = "change"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number.

    :ivar metric: the observations' key, with the part after a dot ("bp.systolic").
    :ivar value: in `unit`; None when there is not enough data, and `why` says so as a sentence.
    :ivar n: how many observations it rests on.
    :ivar missing_days: days of the range without an observation; 0 where the range is open and empty.
    :ivar range: the days that were looked at; None means the whole diary.
    :ivar rows: the observations it rests on, in order of time; for an extreme, only those that reach it.
    :ivar label: what this number is of when several stand together ("before the operation"); "" alone.
    :ivar parts: the numbers a difference or change was computed from: second minus first, last minus first.
    """

    metric: str
    function: Function
    value: float | None
    unit: str
    n: int
    missing_days: int
    range: TimeRange | None
    rows: tuple[Observation, ...]
    label: str = ""
    why: str | None = None
    parts: tuple[Number, ...] = ()
