"""Times told by a medicine: "since I started it", "while I was on it", by when it is noted; pure.

A medicine noted as an observation dates such a time better than a search for the event: its first note is
when it was started, as far as the diary can tell, and its last one when it was stopped. The words stay in the
range's phrase, so that a reader sees what was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from diary.model.observation import Observation
from diary.model.time_range import TimeRange
from retrieval.numbers.metrics import tokens_of
from retrieval.numbers.times import TimeReader

_I = r"(?:i|we)(?: have|'ve| had| was| were)?(?: first)?"
_STARTED = (
    r"(?:start(?:ed|ing)?|began|beg[iu]n(?:ning)?|(?:went|gone|going|been|was|were|being|am|'m) on(?:to)?"
    r"|(?:was |were )?put on(?:to)?|took up|(?:first )?took(?: my first)?|(?:switch|chang)(?:ed|ing) to)"
)
_STOPPED = (
    r"(?:stopp(?:ed|ing)|quit(?:ting)?|(?:came|come|coming) off|g[ai]ve?(?:n|ing)? up|finish(?:ed|ing)"
    r"|end(?:ed|ing)|took my last)"
)
_WITH = r"(?: (?:taking|using|the|my|with))*"
_FIRST, _LAST = "first", "last"


def with_medicines(read: TimeReader, rows: Sequence[Observation]) -> TimeReader:
    """A reader of times that knows when each medicine was noted first and last, and else asks `read`."""
    noted: dict[str, tuple[date, date]] = {}
    for row in rows:
        for name in tokens_of(row.name):
            first, last = noted.get(name, (row.day, row.day))
            noted[name] = (min(first, row.day), max(last, row.day))
    if not noted:
        return read

    def times(words: str, as_of: date) -> Sequence[TimeRange]:
        return [found] if (found := told_by(words, noted, as_of)) else read(words, as_of)

    return times


def told_by(words: str, noted: dict[str, tuple[date, date]], as_of: date) -> TimeRange | None:
    """The time that plain words tell by a medicine, or None."""
    names = "|".join(sorted((re.escape(name) for name in noted if name in words), key=len, reverse=True))
    if not names:
        return None
    for pattern, made in _FORMS:
        match = re.search(pattern.replace("NAME", f"(?P<name>{names})"), words)
        if match is None:
            continue
        days = noted[match["name"]]
        event = days[0] if made[1] == _FIRST else days[1]
        start, end = _range(made[0], event, days, as_of)
        if start is None or end is None or start <= end:
            return TimeRange(start, end, match.group())
    return None


_LEADS = (
    (r"(?:on )?the (?:very )?day(?: that| when)?", "day"),
    ("since|ever since|after|from when|from the day", "since"),
    ("before|until", "before"),
)
_ON = r"(?: still)? (?:on|taking|using)"
_FORMS = (
    *(
        (rf"\b(?:{lead}) {_I} {verb}{_WITH} NAME\b", (way, which))
        for verb, which in ((_STARTED, _FIRST), (_STOPPED, _LAST))
        for lead, way in _LEADS
    ),
    (rf"\bsince{_WITH} (?:starting|beginning){_WITH} NAME\b", ("since", _FIRST)),
    (rf"\bbefore{_WITH} (?:starting|beginning){_WITH} NAME\b", ("before", _FIRST)),
    (rf"\b(?:since|after){_WITH} (?:stopping|coming off|finishing){_WITH} NAME\b", ("since", _LAST)),
    (rf"\b(?:while|when|whilst|as long as) {_I}{_ON}{_WITH} NAME\b", ("during", _FIRST)),
    (r"\b(?:while (?:on|taking)|during|on|under)(?: the| my)? NAME\b", ("during", _FIRST)),
    (rf"\bsince{_WITH} NAME\b", ("since", _FIRST)),
    (rf"\bbefore{_WITH} NAME\b", ("before", _FIRST)),
)
"""Forms of words, NAME in the place of a medicine, the way to the range, and which of its notes counts."""


def _range(way: str, event: date, days: tuple[date, date], as_of: date) -> tuple[date | None, date | None]:
    match way:
        case "day":
            return event, event
        case "since":
            return event, max(as_of, event)
        case "before":
            return None, date.fromordinal(event.toordinal() - 1)
        case _:
            return days
