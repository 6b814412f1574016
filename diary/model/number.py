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

    :ivar metric: the observations' key, with the part or the name after a dot ("bp.systolic",
        "med.sertraline").
    :ivar value: in `unit`; None when there is not enough data, and `why` says so as a sentence. Not rounded.
    :ivar unit: the metric's own; what was counted ("entries", "days") for a count; "days" for a streak; with
        "a week" or the like for a rate.
    :ivar n: how many observations it rests on; of an extreme, among how many it is one.
    :ivar missing_days: days of the range without an observation; 0 where the range is open and empty.
    :ivar range: the days that were looked at; an open side ends at the first or last observation. None when
        there is no observation and the question named no time.
    :ivar rows: the observations it rests on, in order of time; for an extreme, only those that reach it.
    :ivar label: what this number is of when several stand together ("before the operation"); "" alone.
    :ivar parts: the numbers a difference or change was computed from: later minus earlier, last minus first.
    :ivar caution: what keeps the number from meaning more than it says, as a sentence; None for nothing.
    :ivar left_out: observations that were passed over because they are in another unit or without a number.
    :ivar latest: of a streak, that it is the latest one and not the longest.
    :ivar among: of a count with a condition, how many observations were looked at; None otherwise.
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
    caution: str | None = None
    left_out: int = 0
    among: int | None = None
    latest: bool = False

    @property
    def known(self) -> bool:
        """Whether it answers: by a value, or by an observation that has only words ("med:: sertraline")."""
        return self.value is not None or (bool(self.rows) and self.why is None)


def metric_words(metric: str) -> str:
    """What a reader calls a metric: "systolic blood pressure" for `bp.systolic`."""
    key, _, rest = metric.partition(".")
    if key in _BLOOD_PRESSURE:
        return f"{rest} blood pressure".strip()
    words = key.replace("_", " ").replace("-", " ")
    return rest if rest and key in _MEDICINES else f"{words} {rest}".strip()


_BLOOD_PRESSURE = ("bp", "blood_pressure")
_MEDICINES = ("med", "meds", "medication", "medicine", "drug")
