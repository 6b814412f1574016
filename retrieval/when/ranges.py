"""The range of days a question names: a single time, from … to, since, before, after, or a comparison."""

from __future__ import annotations

import re
from datetime import date

from diary.model.time_range import TimeRange
from retrieval.when.days import DAY_RULES, NEAR_RULES
from retrieval.when.german import GERMAN_RULES
from retrieval.when.grammar import Found, first_found
from retrieval.when.periods import Days, month_around, one, plus, plus_days, week, year
from retrieval.when.spans import ALONE_RULES, LATE_RULES, SPAN_RULES
from retrieval.when.words import MONTH, NUMBER, YEAR, number, plain

LONGEST_QUESTION = 400
"""Characters that are read; a time further back in a longer question is not looked for."""

_RULES = (*DAY_RULES, *SPAN_RULES, *GERMAN_RULES, *NEAR_RULES, *LATE_RULES)
_ANCHORED = re.compile(
    r"\b(?:before|after|since|following|until|till|seit|nachdem|bevor) "
    r"(?:my|his|her|their|our|your|i|we|he|she|they|it|mein\w*|ich|wir|unser\w*)\b.*"
)
_FROM_TO = re.compile(
    r"\b(?:from|between|von|zwischen) (?P<first>.+?) (?:to|and|until|till|through|-|bis|und) (?P<last>.+)"
)
_SPAN_OF_MONTHS = re.compile(
    rf"\b(?P<first>{MONTH}(?: {YEAR}| \d{{1,2}}(?:st|nd|rd|th)?)?)"
    rf" ?(?:to|until|till|through|-|bis) ?(?P<last>{MONTH}.*)"
)
_SPAN_OF_YEARS = re.compile(rf"\b(?P<first>{YEAR}) ?(?:to|until|through|-|bis) ?(?P<last>{YEAR})\b")
_SPAN_OF_DATES = re.compile(
    r"\b(?P<first>\d{4}-\d{1,2}-\d{1,2}) ?(?:to|until|till|through|-|bis|\.\.)"
    r" ?(?P<last>\d{4}-\d{1,2}-\d{1,2})\b"
)
_SINCE = re.compile(r"\b(?:ever since|since|starting(?: in| on| from)?|seit) (?P<rest>.+)")
_ONWARDS = re.compile(r"\bfrom (?P<rest>.+?) (?:onwards?|on)\b")
_BEFORE = re.compile(r"\b(?:before|until|prior to|up to|till|earlier than|vor|bis) (?P<rest>.+)")
_AFTER = re.compile(r"\b(?:after|later than|nach) (?P<rest>.+)")
_OFFSET = re.compile(
    rf"\b(?:(?P<count>{NUMBER}|the) )?(?P<unit>day|week|month|year)s?"
    r" (?P<way>before|after|of|following|prior to) (?:the )?"
    r"(?!last\b|that\b|yesterday\b|tomorrow\b)(?P<rest>.+)"
)
_COMPARE = re.compile(r"\b(?:compare|compared|comparing|vs|versus|than|difference|differ)\b")
_AROUND = re.compile(r"\b(?:around|about|near|close to) (?:the )?\Z")


def parse_range(question: str, as_of: date) -> TimeRange | None:
    """The range of days named in a question, or None when it names none that the calendar alone can tell.

    :param as_of: the day that "today" means.
    """
    text = plain(question[:LONGEST_QUESTION])
    anchored = _ANCHORED.search(text)
    if anchored:
        text = text[: anchored.start()]
    for read in (_both_ends, _offset, _compared, _from_then, _until_then, _after_then):
        try:
            found = read(text, as_of)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return _phrased(found, question)
    single = _time(text, as_of)
    return _phrased((*_widened(text, single), single.start, single.end), question) if single else None


Ends = tuple[date | None, date | None, int, int]
"""First and last day, and the characters they were read from."""


def _phrased(found: Ends, question: str) -> TimeRange | None:
    start, end, first, last = found
    if start is not None and end is not None and start > end:
        return None
    return TimeRange(start, end, question[first:last].strip())


def _time(text: str, as_of: date, *, alone: bool = False) -> Found | None:
    """The time named in the text; `alone` when the text is nothing but a time, as after "since"."""
    found = first_found(_RULES, text, as_of)
    if found is None and alone:
        words = text.split()
        for count in range(min(3, len(words)), 0, -1):
            piece = " ".join(words[:count]).rstrip("?!.,;: ")
            alone_found = first_found(ALONE_RULES, piece, as_of)
            if alone_found is not None:
                return Found(alone_found.days, 0, min(len(piece), len(text)))
    return found


def _widened(text: str, found: Found) -> Days:
    """Three days to each side of a day that is only said to be near."""
    days = found.days
    if days.start == days.end and _AROUND.search(text[: found.start]):
        try:
            return Days(plus_days(days.start, -3), plus_days(days.end, 3))
        except OverflowError:
            return days
    return days


def _both_ends(text: str, as_of: date) -> Ends | None:
    for pattern in (_SPAN_OF_DATES, _FROM_TO, _SPAN_OF_MONTHS, _SPAN_OF_YEARS):
        match = pattern.search(text)
        if match is None:
            continue
        last = _time(match["last"], as_of, alone=True)
        first_text = match["first"]
        if last is None or re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)?", first_text):
            continue
        named = re.search(YEAR, match["last"][: last.end])
        if named and re.search(MONTH, first_text) and not re.search(YEAR, first_text):
            first_text += f" {named[0]}"
        first = _time(first_text, as_of, alone=True)
        if first is None:
            continue
        start, end = first.days.start, last.days.end
        if start > end:
            start = plus(start, -1, "year")
        return start, end, match.start(), match.start("last") + last.end
    return None


def _offset(text: str, as_of: date) -> Ends | None:
    match = _OFFSET.search(text)
    if match is None:
        return None
    anchor = _time(match["rest"], as_of, alone=True)
    if anchor is None:
        return None
    end = match.start("rest") + anchor.end
    way, days = match["way"], anchor.days
    if way == "of":
        of_a_day = match["unit"] == "week" and days.start == days.end
        return (*week(days.start), match.start(), end) if of_a_day else None
    back = way in ("before", "prior to")
    if match["count"] in (None, "the"):
        return (*_beside(days, match["unit"], back=back), match.start(), end)
    count = number(match["count"])
    return (*one(plus(days.start, -count if back else count, match["unit"])), match.start(), end)


def _beside(days: Days, unit: str, *, back: bool) -> Days:
    """The day, week, month or year next to a time: whole beside a whole month or year, else as many days."""
    near = plus_days(days.start, -1) if back else plus_days(days.end, 1)
    if unit == "month" and days == month_around(days.start):
        return month_around(near)
    if unit == "year" and days == year(days.start.year):
        return year(near.year)
    far = plus(days.start, -1, unit) if back else plus(days.end, 1, unit)
    return Days(min(far, near), max(far, near))


def _compared(text: str, as_of: date) -> Ends | None:
    """From the first to the last of the times compared."""
    if not _COMPARE.search(text):
        return None
    first = _time(text, as_of)
    if first is None:
        return None
    rest = text[: first.start] + " " * (first.end - first.start) + text[first.end :]
    second = _time(rest, as_of)
    if second is None:
        return None
    days = (*first.days, *second.days)
    return min(days), max(days), min(first.start, second.start), max(first.end, second.end)


def _from_then(text: str, as_of: date) -> Ends | None:
    match = _SINCE.search(text) or _ONWARDS.search(text)
    found = _time(match["rest"], as_of, alone=True) if match else None
    if match is None or found is None or found.days.start > as_of:
        return None
    return found.days.start, as_of, match.start(), match.start("rest") + found.end


def _until_then(text: str, as_of: date) -> Ends | None:
    match = _BEFORE.search(text)
    if match is None or re.search(r"\b(?:day|week|month|year|weekend)s? \Z", text[: match.start()]):
        return None
    found = _time(match["rest"], as_of, alone=True)
    if found is None or (match.group().startswith("vor ") and found.days.start > as_of):
        return None
    inclusive = match.group().startswith(("until", "till", "up to", "bis"))
    end = found.days.end if inclusive else plus_days(found.days.start, -1)
    return None, end, match.start(), match.start("rest") + found.end


def _after_then(text: str, as_of: date) -> Ends | None:
    match = _AFTER.search(text)
    if match is None or re.search(r"\b(?:day|week|month|year)s? \Z", text[: match.start()]):
        return None
    found = _time(match["rest"], as_of, alone=True)
    if found is None:
        return None
    start = plus_days(found.days.end, 1)
    if start > as_of:
        return None
    return start, as_of, match.start(), match.start("rest") + found.end
