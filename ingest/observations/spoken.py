"""Numbers told in words, offered as lines: “slept six hours forty” → `sleep:: 6h40m`; pure.

What is told is found by its form (`spoken_forms`), must be the person's own (`spoken_whose`), and is offered
only when its line, read like any other (`reading`), says a plausible value. A rating told without its scale
is offered without one. Nothing is offered where the same line of the text has a field of that metric already,
nor what another field says, once for each field: a line that was accepted is not offered again, wherever it
was put. Of forms that overlap the first is taken.

English, and in German sleep and ratings in plain forms. The text is never changed here.
"""

from __future__ import annotations

import re
from collections import Counter

from diary.model.glossary import SpokenObservation
from ingest.observations.fields import Field, find_fields
from ingest.observations.metrics import Form, metric_of, plausible
from ingest.observations.reading import read_observations
from ingest.observations.spoken_forms import Found, found_in
from ingest.observations.spoken_numbers import told_in
from ingest.observations.spoken_whose import did_it, i_did, is_own, quoted

_GOES_ON = re.compile(r" (?:(?:to|or|bis|oder|percent|later|[%:/])(?: |\Z)|(?:[\u2013\u2014] )?<)")
"""A range, a share or another number behind what was told: it was something else."""
_WEATHER = re.compile(
    r"\b(?:outside|outdoors|weather|room|indoors|oven|water|pool|sun|shade|bath|forecast|fridge|draußen"
    r"|wetter)\b"
)
_SENTENCE = 200  # characters in which the sentence begins, or there is none
_NOT_OF_A_BODY = ("temperature",)


def spoken_observations(text: str) -> tuple[SpokenObservation, ...]:
    """The lines to offer, in order of the text; they do not overlap."""
    line = told_in(text)
    if not line.numbers:
        return ()
    fields = find_fields(text)
    written = Counter(_said(text[field.start : field.end]) for field in fields)
    free = bytearray(b"1") * len(text)
    for first, last in quoted(text):
        free[first:last] = bytes(last - first)
    offered: list[SpokenObservation] = []
    for found in found_in(line, text):
        start, end = line.span(found.start, found.end)
        if not all(free[start:end]) or _is_written(text, start, end, found, fields):
            continue
        said = _said(found.line)
        if said is None or not _is_meant(line.text, found, text[max(start - _SENTENCE, 0) : start]):
            continue
        free[start:end] = bytes(end - start)
        if written[said]:
            written[said] -= 1
        else:
            offered.append(SpokenObservation(start=start, end=end, line=found.line))
    return tuple(sorted(offered, key=lambda one: one.start))


def _is_meant(line: str, found: Found, before: str) -> bool:
    """Whether it is a value, of the person's.

    :param before: the text before it.
    """
    if _GOES_ON.match(line, found.end):
        return False
    if found.line.startswith(_NOT_OF_A_BODY) and _WEATHER.search(
        line, max(found.start - 60, 0), found.end + 40
    ):
        return False
    if found.did is not None and not did_it(line, found.did, before):
        return False
    return is_own(line, found.start, found.end, i_did=found.did is not None and i_did(line, found.did))


def _is_written(text: str, start: int, end: int, found: Found, fields: list[Field]) -> bool:
    """Whether the line of the text holds a field of the metric, or what was told is a part of any field."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    metric = metric_of(found.line.partition("::")[0])
    return any(
        (field.start < end and start < field.end)
        or (first <= field.start < last and metric_of(field.key) is metric)
        for field in fields
    )


def _said(line: str) -> tuple[tuple[str, str, float], ...] | None:
    """What a line says when it is read: metric and name, part or unit, and value; None when that is not one
    plausible value of a well-known metric.
    """
    read = read_observations(line)
    metric = metric_of(read[0].key) if read else None
    if metric is None or len(read) != (2 if metric.form is Form.PRESSURE else 1):
        return None
    values = [one.value for one in read if one.value is not None and plausible(one.key, one.value, one.unit)]
    if len(values) < len(read):
        return None
    return tuple(
        (f"{metric.keys[0]} {one.name}", one.part or one.unit, value)
        for one, value in zip(read, values, strict=True)
    )
