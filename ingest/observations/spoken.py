"""Numbers told in words, offered as lines: “slept six hours forty” → `sleep:: 6h40m`; pure.

What is told is found by its form (`spoken_forms`), must be the person's own (`spoken_whose`), and is offered
only when its line, read like any other (`reading`), says a plausible value. A rating told without its scale
is offered without one. Nothing is offered where the same line of the text has a field of that metric already.
Of forms that overlap the first is taken.

English, and in German sleep and ratings in plain forms. The text is never changed here.
"""

from __future__ import annotations

import math
import re

from diary.model.glossary import SpokenObservation
from ingest.observations.fields import Field, find_fields
from ingest.observations.metrics import Form, metric_of, plausible
from ingest.observations.reading import read_observations
from ingest.observations.spoken_forms import Found, found_in
from ingest.observations.spoken_numbers import told_in
from ingest.observations.spoken_whose import did_it, i_did, is_own, quoted

_GOES_ON = re.compile(r" (?:(?:to|or|bis|oder|percent|[%:/])(?: |\Z)|(?:[\u2013\u2014] )?<)")
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
    free = bytearray(b"1") * len(text)
    for first, last in quoted(text):
        free[first:last] = bytes(last - first)
    offered: list[SpokenObservation] = []
    for found in found_in(line, text):
        start, end = line.span(found.start, found.end)
        if not all(free[start:end]) or _is_written(text, start, end, found, fields):
            continue
        if _is_meant(line.text, found, text[max(start - _SENTENCE, 0) : start]) and _reads(found.line):
            free[start:end] = bytes(end - start)
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


def _reads(line: str) -> bool:
    """Whether a line says plausible values when it is read."""
    read = read_observations(line)
    metric = metric_of(line.partition("::")[0])
    parts = 2 if metric is not None and metric.form is Form.PRESSURE else 1
    return len(read) == parts and all(
        one.value is not None and math.isfinite(one.value) and plausible(one.key, one.value, one.unit)
        for one in read
    )
