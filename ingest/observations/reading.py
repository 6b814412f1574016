"""An entry's text to observations; pure.

A well-known metric is kept in its own unit. A metric of one's own has the unit of its values: the first kept
wins, and what can be converted into it is; what cannot keeps its own unit, and is never mixed with the others
in one computation. The doses of each medicine have a unit of their own. A number without a unit is that of
the metric when it is well known (the one of its units in which it is plausible), and has none otherwise.

Nothing is corrected: an implausible value is kept as it stands, and `metrics.plausible` tells of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diary.model.observation import ObservationDraft
from ingest.observations.amounts import Amount, amount_of, name_of
from ingest.observations.doses import doses_of
from ingest.observations.fields import Field, find_fields
from ingest.observations.metrics import Form, Metric, metric_of
from ingest.observations.units import in_unit

READER_VERSION = 2
"""One more with each change of what is read out of a text, so that every diary is read again."""

_PRESSURE = re.compile(
    r"(\d{1,3}(?:[.,]\d)?)\s*(?:/|over|zu|sur)\s*(\d{1,3}(?:[.,]\d)?)(?![\d/])\s*(mm\s?hg|kpa)?(?!\w)", re.I
)
_LONGEST_AMOUNT = 500  # a longer value is prose; and hostile digits cost nothing


class KnownUnits:
    """The units that values of a metric of one's own are kept in, the first kept first.

    :param kept: (key, name, unit) as `ingest.ports.ReadingState.units` gives them.
    """

    def __init__(self, kept: Iterable[tuple[str, str, str]] = ()) -> None:
        self._kept: dict[str, list[tuple[str, str]]] = {}
        for key, name, unit in kept:
            self._add(key, name, unit)

    def of(self, key: str, name: str | None = None) -> list[str]:
        """The units of a key, or of one name of it."""
        return [unit for named, unit in self._kept.get(key, ()) if name is None or named == name]

    def add(self, drafts: Iterable[ObservationDraft]) -> None:
        """Remember the units of what was just read."""
        for draft in drafts:
            if draft.unit:
                self._add(draft.key, draft.name, draft.unit)

    def copy(self) -> KnownUnits:
        """Another that learns apart from this one."""
        return KnownUnits((key, *pair) for key, pairs in self._kept.items() for pair in pairs)

    def _add(self, key: str, name: str, unit: str) -> None:
        pairs = self._kept.setdefault(key, [])
        if (name, unit) not in pairs:
            pairs.append((name, unit))


@dataclass(frozen=True, slots=True)
class _Said:
    """One number or word of a value: the span inside the value, and what it says in the metric's unit."""

    start: int
    end: int
    value: float | None
    unit: str
    name: str = ""
    part: str = ""


def read_observations(text: str, known: KnownUnits | None = None) -> tuple[ObservationDraft, ...]:
    """The observations of an entry's text, in order; `known` learns their units."""
    known = known or KnownUnits()
    found: list[ObservationDraft] = []
    for field in find_fields(text):
        drafts = [
            ObservationDraft(
                key=field.key,
                start=field.start,
                end=field.value + said.end,
                written=text[field.value + said.start : field.value + said.end],
                value=said.value,
                unit=said.unit,
                part=said.part,
                name=said.name,
            )
            for said in _said(field, text[field.value : field.end], known)
        ]
        known.add(drafts)
        found += drafts
    return tuple(found)


def _said(field: Field, written: str, known: KnownUnits) -> Iterator[_Said]:
    metric = metric_of(field.key)
    if len(written) > _LONGEST_AMOUNT:
        yield _Said(0, len(written), None, "", name_of(written))
        return
    if metric is not None and metric.form is Form.PRESSURE:
        yield from _pressure(written, metric)
        return
    doses = metric is not None and metric.form is Form.DOSE
    for start, end, amount in doses_of(written) if doses else [(0, len(written), amount_of(written, metric))]:
        value, unit = _in_own_unit(amount, field.key, metric, known)
        yield _Said(start, end, value, unit, "" if amount.name == unit else amount.name)


def _pressure(written: str, metric: Metric) -> Iterator[_Said]:
    found = _PRESSURE.search(written)
    if found is None:
        yield _Said(0, len(written), None, "", name_of(written))
        return
    unit = "kPa" if (found[3] or "").lower() == "kpa" else metric.unit
    name = name_of(written[: found.start()]) or name_of(written[found.end() :])
    for part, digits in (("systolic", found[1]), ("diastolic", found[2])):
        value = in_unit(float(digits.replace(",", ".")), unit, metric.unit)
        yield _Said(0, len(written), value, metric.unit, name, part)


def _in_own_unit(
    amount: Amount, key: str, metric: Metric | None, known: KnownUnits
) -> tuple[float | None, str]:
    values = [value for value in amount.values if math.isfinite(value)]
    if not values:
        return None, ""
    if metric is None or metric.form is Form.DOSE:
        return _in_kept_unit(values[0], amount, known.of(key, amount.name if metric else None))
    if metric.form is Form.RATING:
        return _rated(values, amount.unit, metric, known.of(key))
    candidates = [amount.unit] if amount.unit is not None else list(metric.bare)
    converted = [
        number
        for value in values
        for unit in candidates
        if (number := in_unit(value, unit, metric.unit, molar_mass=metric.molar_mass)) is not None
    ]
    if not converted:
        return values[0], amount.unit or ""
    return next((number for number in converted if metric.plausible(number)), converted[0]), metric.unit


def _in_kept_unit(value: float, amount: Amount, kept: list[str]) -> tuple[float, str]:
    if amount.unit is None:
        return value, ""
    for unit in kept:
        converted = in_unit(value, amount.unit, unit)
        if converted is not None:
            return converted, unit
    return value, amount.unit


def _rated(values: list[float], unit: str | None, metric: Metric, kept: list[str]) -> tuple[float, str]:
    if unit is not None:
        return values[0], unit
    scale = next((one for one in kept if one.startswith("/")), metric.unit)
    fits = next((value for value in values if 0 <= value <= float(scale[1:])), None)
    return (values[0], "") if fits is None else (fits, scale)
