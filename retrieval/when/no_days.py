"""Dates that no calendar has: 2025-02-30, 31 April, 29 February 2025; pure.

What is left of one would be read as the month or the year, and a question about a day that never was would be
answered with all of that year.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date

from retrieval.when.lazy import Lazy, Match
from retrieval.when.words import MONTH, month_number, plain

LONGEST_QUESTION = 400
"""Characters that are read."""

_DAY = r"(?:the )?(?P<day>29|30|31)(?:st|th|\.)?(?![\w:.])"
_IN_YEAR = r"(?:,? (?:of |in )?(?P<year>[12]\d{3})(?!\d))?"
_FORMS = (
    Lazy(r"(?<![\w-])(?P<year>[12]\d{3})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\w-])"),
    Lazy(rf"(?<!\w){_DAY} (?:of )?(?P<month>{MONTH}){_IN_YEAR}"),
    Lazy(rf"(?<!\w)(?P<month>{MONTH}) {_DAY}{_IN_YEAR}"),
)


def without_no_days(text: str) -> str:
    """The text, as long as it was, with NUL in place of dates that no calendar has.

    :param text: as `words.plain` gives it.
    """
    for form in _FORMS:
        text = form.sub(_hidden, text)
    return text


def names_no_day(question: str) -> bool:
    """Whether a question names a date that no calendar has."""
    text = plain(question[:LONGEST_QUESTION])
    return without_no_days(text) != text


def _hidden(match: Match) -> str:
    return match[0] if _is_a_day(match) else "\0" * len(match[0])


def _is_a_day(match: Match) -> bool:
    named, day = match["month"], int(match["day"])
    month = int(named) if named.isdecimal() else month_number(named)
    year = int(match["year"]) if match["year"] else None
    if not 1 <= month <= 12 or day < 1:
        return False
    if month == 2 and day == 29:
        return year is None or isleap(year)
    return day <= monthrange(year or date.min.year, month)[1]
