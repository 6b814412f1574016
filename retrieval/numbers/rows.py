"""The observations of one selection, in one unit, with what there is to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from diary.model.number import Function, Number, metric_words
from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval import statistics
from retrieval.numbers.metrics import Metric, tokens_of
from retrieval.numbers.reading import Asked
from retrieval.numbers.selections import Selection
from retrieval.ports import ObservationReader


@dataclass(frozen=True, slots=True)
class Rows:
    """The observations of one selection.

    :ivar all: of any unit, those that meet the condition, in order of time.
    :ivar rows: those of them to compute with.
    :ivar among: how many there were before the condition.
    :ivar kept_since: the day of the metric's first observation ever; None without one.
    :ivar usual: whether it is everything, which comes before whatever is set against it.
    """

    metric: str
    all: tuple[Observation, ...]
    rows: tuple[Observation, ...]
    unit: str
    range: TimeRange | None
    among: int
    days: tuple[date, ...]
    label: str
    why: str
    usual: bool = False
    kept_since: date | None = None

    @property
    def values(self) -> list[float]:
        """The numbers of `rows`."""
        return [row.value for row in self.rows if row.value is not None]

    @property
    def left_out(self) -> int:
        """How many cannot be computed with: in another unit, or without a number."""
        return len(self.all) - len(self.rows)

    def number(self, function: Function, value: float | None, **more: object) -> Number:
        """A number of these rows; fields can be given otherwise."""
        fields: dict[str, object] = {
            "metric": self.metric,
            "function": function,
            "value": value,
            "unit": self.unit,
            "n": len(self.rows),
            "missing_days": statistics.missing_days(self.range, self.days),
            "range": self.range,
            "rows": self.rows,
            "label": self.label,
            "left_out": self.left_out,
            "why": self.why if value is None else None,
        }
        return Number(**{**fields, **more})  # type: ignore[arg-type]


def observations_of(metric: Metric, reader: ObservationReader) -> list[Observation]:
    """All of a metric, under whichever of its keys, in order of time."""
    rows = [row for key in (metric.key, *metric.also) for row in reader.observations(key)]
    return sorted((row for row in rows if _of_name(row, metric)), key=lambda row: (row.happened, row.entry))


def _of_name(row: Observation, metric: Metric) -> bool:
    return not metric.name or metric.name in tokens_of(row.name)


def selected(
    asked: Asked, metric: Metric, rows: Sequence[Observation], selection: Selection, as_of: date
) -> Rows:
    """The observations of a selection that meet the condition, in the unit most of them have."""
    within = [row for row in rows if selection.range is None or selection.range.contains(row.day)]
    if selection.first:
        within = within[: selection.first]
    if selection.last:
        within = within[-selection.last :]
    limit = asked.condition
    unit = _unit(within)
    met = [
        row
        for row in within
        if limit is None or (row.value is not None and row.unit == unit and limit.holds(row.value))
    ]
    days = tuple(row.day for row in within)
    bounds = selection.range
    if selection.first or selection.last:
        bounds = TimeRange(min(days), max(days)) if days else bounds
    used = statistics.looked_at(bounds, days, as_of)
    if asked.computation.function is Function.RATE and bounds is None and used and used.start:
        used = TimeRange(used.start, max(as_of, used.end or as_of))  # it goes on after the last one
    label = selection.label if asked.comparing else (limit.words if limit else "")
    # A reading counted once is of the whole metric, not of its first part.
    name = str(asked.metric if limit is None and counts(asked) else metric)
    return Rows(
        metric=name,
        all=tuple(met),
        rows=tuple(row for row in met if row.value is not None and row.unit == unit),
        unit=unit,
        range=used,
        among=len(within),
        days=days,
        label=label,
        why=_missing(name, rows, selection.range),
        usual=not selection.narrow,
        kept_since=min((row.day for row in rows), default=None),
    )


def counts(asked: Asked) -> bool:
    """Whether observations are counted, whatever they say."""
    return asked.computation.function in (Function.COUNT, Function.STREAK, Function.RATE)


def _unit(rows: Sequence[Observation]) -> str:
    units = Counter(row.unit for row in rows if row.value is not None)
    return units.most_common(1)[0][0] if units else ""


def _missing(metric: str, rows: Sequence[Observation], asked: TimeRange | None) -> str:
    """Why there is no number: nothing then, and the nearest observation when one day was asked for."""
    words = metric_words(metric)
    if asked is None or not rows:
        return f"Your notes have no {words} to compute this from."
    start, end = asked.start, asked.end
    when = f"on {_day(start)}" if start and start == end else "in that time"
    sentence = f"Not enough data: there is no note of {words} {when}"
    if start and end:
        nearest = min(rows, key=lambda row: min(abs((row.day - start).days), abs((row.day - end).days)))
        sentence += f"; the nearest is of {_day(nearest.day)}"
    return f"{sentence}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
