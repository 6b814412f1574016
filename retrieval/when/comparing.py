"""Comparisons: their elliptical seconds, and glosses in brackets.

- "this week vs last", "this month than the month before": the second is the one before the first;
- "September and October 2025 than in the same months of 2024", "… than a year earlier": the first, moved;
- "since 4 August than before it": all that lies before the first;
- "in June and July before them (1 June to 3 August)": what stands in brackets tells what the words in front
  of it, to the last "than", mean;
- "compare May and June": two times, although "and" joins them elsewhere.
"""

from __future__ import annotations

import re
from itertools import pairwise

from retrieval.when.joining import Joiner, Span, unit_beside
from retrieval.when.lazy import Lazy
from retrieval.when.periods import Days, month_around, plus, plus_days, quarter, week, weekend, year

_UNITS = r"day|week|weekend|month|year"
_THAN = r"(?:vs\.?|versus|than|against|with|to|and|or)(?: (?:in|on|during))? "
_END = r"(?=\W*\Z|[?.!,;)])"
_OR = Lazy(r"[ ,]*(?:and|or)?(?: (?:in|on|the))*[ ,]*")
_SAME = Lazy(
    r"(?:the )?(?:very )?same"
    r" (?:days?|weeks?|weekends?|months?|quarters?|seasons?|periods?|times?|dates?|stretch|span)"
    r"(?: (?:of|in))?(?: the)? ?\Z"
)
_LAST = Lazy(rf"{_THAN}(?P<core>(?:the )?(?:last|previous)(?: ones?)?){_END}")
_BEFORE = Lazy(
    rf"{_THAN}(?P<core>the (?:(?P<unit>{_UNITS}|one) before"
    rf"|(?:previous|preceding) (?P<other>{_UNITS}|one))){_END}"
)
_EARLIER = Lazy(r"(?:an?|one|the) (?P<unit>day|week|month|year) (?:before|earlier)")
_ALL_BEFORE = Lazy(rf"{_THAN}(?P<core>(?:the time )?before(?: (?:it|that|then|them|this))?){_END}")


def completed(spans: list[Span], joiner: Joiner) -> tuple[list[Span], bool]:
    """The spans with elliptical ones added and glosses put in place, and whether the text compares them."""
    text, joints = joiner.text, joiner.joints
    spans = _same_again(_glossed(spans, joiner), joiner)
    if len(spans) == 1:
        spans = _split(spans[0], text, joiner) or [spans[0], *_elliptical(spans[0], text)]
        return spans, len(spans) > 1
    spans = _borrowed(spans, joiner) if spans else []
    pairs = pairwise(spans)
    between = any(joints.versus.search(text, left.last, right.first) for left, right in pairs)
    return spans, len(spans) > 1 and (between or joints.comparing.search(text) is not None)


def _split(span: Span, text: str, joiner: Joiner) -> list[Span] | None:
    """Two times that "and" joined, when the sentence compares."""
    if span.anded is None or not joiner.joints.comparing.search(text):
        return None
    return list(span.anded)


def _borrowed(spans: list[Span], joiner: Joiner) -> list[Span]:
    """ "May than in June 2024": a month takes the year of the one it is compared with."""
    done: list[Span] = []
    for left, right in pairwise(spans):
        beside = _OR.fullmatch(joiner.text, left.last, right.first)
        if beside or joiner.joints.versus.search(joiner.text, left.last, right.first):
            left = joiner.with_year_of(left, right)
        done.append(left)
    return [*done, spans[-1]]


def _glossed(spans: list[Span], joiner: Joiner) -> list[Span]:
    """Without the times that one in brackets explains."""
    text, done = joiner.text, list[Span]()
    for span in spans:
        if _in_brackets(span, text):
            while (
                done
                and not _in_brackets(done[-1], text)
                and not joiner.joints.versus.search(text, done[-1].last, span.first)
                and _overlap(done[-1], span)
            ):
                done.pop()
        done.append(span)
    return done


def _in_brackets(span: Span, text: str) -> bool:
    before = text[: span.first].rstrip()
    return before.endswith("(") and text[span.last :].lstrip().startswith(")")


def _overlap(left: Span, right: Span) -> bool:
    late_enough = left.end is None or right.start is None or left.end >= right.start
    return late_enough and (left.start is None or right.end is None or left.start <= right.end)


def _same_again(spans: list[Span], joiner: Joiner) -> list[Span]:
    """ "The same months of 2024", "than a year earlier": the time before it, moved."""
    done: list[Span] = []
    for span in spans:
        match = _SAME.search(joiner.text, done[-1].last if done else 0, span.first)
        whole_year = span.days is not None and span.days == year(span.days.start.year)
        if match and done and whole_year and done[-1].days is not None and span.start is not None:
            moved = _moved(done[-1].days, span.start.year - done[-1].days.start.year, "year")
            done.append(Span(*moved, match.start(), span.last))
        elif done and done[-1].days is not None and (earlier := _EARLIER.fullmatch(_words(span, joiner))):
            done.append(Span(*_moved(done[-1].days, -1, earlier["unit"]), span.first, span.last))
        else:
            done.append(span)
    return done


def _words(span: Span, joiner: Joiner) -> str:
    return joiner.text[span.first : span.last]


def _moved(days: Days, count: int, unit: str) -> Days:
    """The same days some units later; what ends with a month still does."""
    start, end = plus(days.start, count, unit), plus(days.end, count, unit)
    whole = days.end == month_around(days.end).end and unit in ("month", "year")
    return Days(start, month_around(end).end if whole else end)


def _elliptical(span: Span, text: str) -> list[Span]:
    """The second time of a comparison that names it only by the first."""
    rest = text[span.last :]
    match = _LAST.search(rest)
    if match and span.days:
        return [_placed(_one_before(span.days), match, span)]
    match = _BEFORE.search(rest)
    if match and span.days:
        unit = match["unit"] or match["other"]
        days = _before(span.days, unit)
        return [_placed(days, match, span)]
    match = _ALL_BEFORE.search(rest)
    if match and span.start is not None:
        first, last = match.span("core")
        return [Span(None, plus_days(span.start, -1), span.last + first, span.last + last)]
    return []


def _before(days: Days, unit: str) -> Days:
    """ "The week before" a week, "the year before" a summer: that of the year before."""
    if unit == "one":
        return _one_before(days)
    if unit == "year" and (days.end - days.start).days < 360:
        return _moved(days, -1, "year")
    return unit_beside(days, unit, back=True)


def _placed(days: Days, match: re.Match[str], after: Span) -> Span:
    first, last = match.span("core")
    return Span(*days, after.last + first, after.last + last)


def _one_before(days: Days) -> Days:
    """The week before a week, the quarter before a quarter, last summer before this one."""
    start, end = days
    before = plus_days(start, -1)
    for unit in (week, weekend, month_around, lambda day: year(day.year)):
        if days == unit(start):
            return unit(before) if unit is not weekend else weekend(plus_days(start, -7))
    if days == quarter(start.year, (start.month + 2) // 3):
        return quarter(before.year, (before.month + 2) // 3)
    if start.day == 1 and plus_days(end, 1).day == 1:
        return _moved(days, -1, "year")
    return Days(plus_days(before, -(end - start).days), before)
