"""Medicines: a name and an amount, several of them between commas; pure.

`sertraline 50 mg` · `estradiol patch 37.5 mcg` · `2 x ibuprofen 400 mg` (800 mg) · `50 mg of sertraline` ·
`paracetamol 1 g, ibuprofen 400 mg` (two). A number counts only with a unit, since names have numbers too
("vitamin B12"); two strengths (`8/500 mg`) are no amount. A name is kept as it was written, misspelt or not:
it is never corrected silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.observations.amounts import Amount, name_of
from ingest.observations.numbers import NUMBER, readings
from ingest.observations.units import UNIT, unit_named

_TIMES = r"[x×*]"
_DOSE = re.compile(
    rf"(?<![\w.,/:-])(?:(?P<of>\d{{1,2}})\s*{_TIMES}\s*)?(?P<number>{NUMBER})\s*(?P<unit>{UNIT})"
    rf"(?!\s*/)(?:\s*{_TIMES}\s*(?P<by>\d{{1,2}})(?![\w.,]))?"
)
_LEADING = re.compile(rf"(\d{{1,2}})\s*{_TIMES}\s+(?=\D)")
_BETWEEN = re.compile(r"\s*(?:,|\+|&|\band\b|\bund\b)\s*(?=[^\W\d_]|\d+\s*[x×])")
_OF = re.compile(r"(?:of|von)\s+", re.I)


def doses_of(written: str) -> list[tuple[int, int, Amount]]:
    """The doses that a value names, each with the span of its words in the value."""
    spans = list(_pieces(written))
    found = [(start, end, _dose(written[start:end])) for start, end in spans]
    if len(found) > 1 and all(dose.values and dose.name for _, _, dose in found):
        return found
    return [(0, len(written), _dose(written))]


def _pieces(written: str) -> Iterator[tuple[int, int]]:
    start = 0
    for comma in _BETWEEN.finditer(written):
        yield start, comma.start()
        start = comma.end()
    yield start, len(written)


def _dose(words: str) -> Amount:
    leading = _LEADING.match(words)
    rest = words[leading.end() :] if leading else words
    found = list(_DOSE.finditer(rest))
    unit = unit_named(found[0]["unit"]) if len(found) == 1 else None
    if unit is None:
        return Amount((), None, name_of(words))
    count = 1
    for times in (leading[1] if leading else None, found[0]["of"], found[0]["by"]):
        count *= int(times) if times else 1
    before, after = rest[: found[0].start()], rest[found[0].end() :].lstrip()
    values = tuple(count * value for value in readings(found[0]["number"]))
    return Amount(values, unit.symbol, name_of(before) or name_of(_OF.sub("", after, count=1)))
