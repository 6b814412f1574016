"""Times read one by one → the ranges that a sentence makes of them: from … to, since, two weeks before.

The order, each step over all times in the order of the text:
1. what recurs ("every May") is dropped;
2. offsets and "around" change a time: "the week before Easter", "around 3 May";
3. two ends become a span: "from May to July 2024", where the first takes the year of the second; "and" makes
   one span after "between", and of two months or days that follow each other;
4. since, until, before and after open one side; "in 2025, to the end of October" ends the time before it.

Not here: what single times mean (the rules), and elliptical seconds of a comparison (`comparing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from retrieval.when.grammar import Found, Rule, all_found
from retrieval.when.joints import Joints
from retrieval.when.lazy import Lazy
from retrieval.when.periods import Days, month_around, one, plus, plus_days, week, weekend, year
from retrieval.when.words import MONTH, SEASON, WEEKDAYS, YEAR

SPREAD = {"day": 0, "week": 3, "fortnight": 3, "weekend": 1, "month": 10, "year": 30}
"""Days to each side of "three weeks after Easter": nobody counts to the day."""
_AROUND_DAY, _AROUND_LONGER = 3, 10
_REACH = 60
"""Characters in front of a time that are looked at for what changes it."""

_A_YEAR = Lazy(rf"(?<!\d)(?:{YEAR})")
_A_MONTH = Lazy(rf"(?<!\w)(?:{MONTH}|{SEASON})")


@dataclass(frozen=True, slots=True)
class Span:
    """A range, and the characters of the text it was read from; None is an open side.

    :ivar anded: the two times, when "and" joined them.
    """

    start: date | None
    end: date | None
    first: int
    last: int
    anded: tuple[Span, Span] | None = None

    @property
    def days(self) -> Days | None:
        """Both ends, when there are both."""
        return Days(self.start, self.end) if self.start is not None and self.end is not None else None


@dataclass(frozen=True, slots=True)
class Joiner:
    """Joins the times of one text."""

    text: str
    as_of: date
    joints: Joints
    rules: tuple[Rule, ...]

    def spans(self, found: Iterable[Found]) -> list[Span]:
        """The ranges of the text, in its order; none overlaps another."""
        single: list[Span] = []
        for time in found:
            floor = single[-1].last if single else 0
            span = Span(time.days.start, time.days.end, time.start, time.end)
            if not self._before(self.joints.recurring, span, floor):
                single.append(self._moved(span, floor))
        joined: list[Span] = []
        for span in single:
            both = self._joined(joined, span)
            if both is None:
                joined.append(span)
            else:
                joined[-1] = both
        opened: list[Span] = []
        for span in joined:
            floor = opened[-1].last if opened else 0
            if self.joints.halfway.search(self.text, floor, span.first) and not span.anded:
                continue  # the other end is no time of the calendar
            one_side = self._opened(span, floor, opened[-1] if opened else None)
            if one_side.first < floor:  # it ends the range before it
                opened.pop()
            opened.append(one_side)
        return opened

    def phrased(self, span: Span, floor: int) -> Span:
        """The span with the preposition that belongs to its phrase."""
        match = self._before(self.joints.preposition, span, floor)
        return replace(span, first=match.start()) if match else span

    def _before(self, pattern: Lazy, span: Span, floor: int) -> re.Match[str] | None:
        return pattern.search(self.text, max(floor, span.first - _REACH), span.first)

    def _moved(self, span: Span, floor: int) -> Span:
        match = self._before(self.joints.offset, span, floor)
        if match is not None and span.days is not None:
            moved = _offset(match, span.days, self.joints)
            return Span(*moved, match.start(), span.last) if moved else span
        around = self._before(self.joints.around, span, floor)
        if around is not None and span.days is not None and (span.days.end - span.days.start).days <= 31:
            width = _AROUND_DAY if span.start == span.end else _AROUND_LONGER
            return replace(
                span,
                start=plus_days(span.days.start, -width),
                end=plus_days(span.days.end, width),
                first=around.start(),
            )
        return span

    def _joined(self, before: list[Span], span: Span) -> Span | None:
        """The span that the last time before and this one are the ends of, if they are."""
        if not before:
            return None
        left, floor = before[-1], before[-2].last if len(before) > 1 else 0
        if left.anded is not None or left.days is None or span.days is None:
            return None
        opener = self._before(self.joints.between, left, floor)
        ends = self.joints.to.fullmatch(self.text, left.last, span.first)
        both = self.joints.both.fullmatch(self.text, left.last, span.first)
        if not ends and not both:
            return None
        first, last = self._in_one_year(left, span)
        if both and not opener:
            opener = self.joints.halfway.search(self.text, floor, left.first)
            if not opener and not _adjacent(first, last):
                return None
        if first.start is None or last.end is None or first.start > last.end:
            return None
        start = opener.start() if opener else left.first
        return Span(first.start, last.end, start, span.last, (first, last) if both else None)

    def _in_one_year(self, left: Span, right: Span) -> tuple[Span, Span]:
        """Both ends with the year that one of them names; else the first is moved before the second."""
        left_words, right_words = self.text[left.first : left.last], self.text[right.first : right.last]
        named_left, named_right = _A_YEAR.search(left_words), _A_YEAR.search(right_words)
        if named_right and not named_left and _A_MONTH.search(left_words):
            left = self._reread(left, left_words, int(named_right[0]))
            if left.start and right.end and left.start > right.end:
                left = self._reread(left, left_words, int(named_right[0]) - 1)
        elif named_left and not named_right and _A_MONTH.search(right_words):
            right = self._reread(right, right_words, int(named_left[0]))
            if left.start and right.end and left.start > right.end:
                right = self._reread(right, right_words, int(named_left[0]) + 1)
        elif left.start and left.end and right.end and left.start > right.end:
            if named_left and named_right:  # both are certain, and were named the wrong way round
                return right, left
            weekday = (left.end - right.end).days < 7 and left.start == left.end
            unit = "week" if weekday and not _A_MONTH.search(left_words) else "year"
            left = replace(left, start=plus(left.start, -1, unit), end=plus(left.end, -1, unit))
        return left, right

    def with_year_of(self, left: Span, right: Span) -> Span:
        """A month or day without a year in the year that another names."""
        words, others = self.text[left.first : left.last], self.text[right.first : right.last]
        named = _A_YEAR.search(others)
        if named and not _A_YEAR.search(words) and _A_MONTH.search(words) and _A_MONTH.search(others):
            return self._reread(left, words, int(named[0]))
        return left

    def _reread(self, span: Span, words: str, year_named: int) -> Span:
        found = all_found(self.rules, f"in {words} {year_named}", self.as_of)
        if len(found) != 1:
            return span
        return replace(span, start=found[0].days.start, end=found[0].days.end)

    def _opened(self, span: Span, floor: int, before: Span | None) -> Span:
        """The span with one side open, when since, until, before or after stands in front of it."""
        if span.days is None or (span.anded and self._before(self.joints.between, span, floor)):
            return span
        start, end = span.days
        match = self._before(self.joints.since, span, floor) or self._starting(span, floor)
        if match and start <= self.as_of:
            behind = self.joints.onwards.match(self.text, span.last)
            return Span(start, self.as_of, match.start(), behind.end() if behind else span.last)
        match = self._before(self.joints.before, span, floor)
        if match:
            return Span(None, plus_days(start, -1), match.start(), span.last)
        match = self._before(self.joints.after, span, floor)
        if match and end < self.as_of:
            return Span(plus_days(end, 1), self.as_of, match.start(), span.last)
        match = self._before(self.joints.until, span, floor)
        if match is None:
            return span
        near = before is not None and not self.text[before.last : match.start()].strip(" ,")
        if near and before is not None and before.start is not None and before.start <= end:
            return Span(before.start, end, before.first, span.last)
        if match.group().split()[0] in ("to", "a", "à", "zu"):
            return span
        return Span(None, end, match.start(), span.last)

    def _starting(self, span: Span, floor: int) -> re.Match[str] | None:
        """ "From January on", and "(from 4 August)" alone in brackets."""
        match = self._before(self.joints.starting, span, floor)
        if match is None:
            return None
        alone = self.text[: match.start()].endswith("(") and self.text[span.last :].startswith(")")
        return match if alone or self.joints.onwards.match(self.text, span.last) else None


def _adjacent(left: Span, right: Span) -> bool:
    """Whether the second begins the day after the first ends, and both are of one kind."""
    if left.days is None or right.days is None:
        return False
    lengths = (left.days.end - left.days.start).days, (right.days.end - right.days.start).days
    return plus_days(left.days.end, 1) == right.days.start and abs(lengths[0] - lengths[1]) <= 3


def _offset(match: re.Match[str], anchor: Days, joints: Joints) -> Days | None:
    """The day, stretch or unit that an offset of a time names; None when it names none."""
    unit = joints.units[match["unit"]]
    if match["within"]:
        if match["count"] or anchor.start != anchor.end or unit in WEEKDAYS:
            return None
        return {"week": week, "weekend": weekend, "day": one}.get(unit, month_around)(anchor.start)
    back = match["back"] is not None
    count = joints.count(match["count"]) if match["count"] else None
    if unit in WEEKDAYS:
        return weekday_beside(anchor, WEEKDAYS[unit], back=back) if count is None else None
    if count is None:
        return unit_beside(anchor, unit, back=back)
    if match["lead"]:
        near = plus_days(anchor.start, -1) if back else plus_days(anchor.end, 1)
        far = plus(anchor.start, -count, unit) if back else plus(anchor.end, count, unit)
        return Days(min(near, far), max(near, far))
    day = plus(anchor.start if back else anchor.end, -count if back else count, unit)
    return Days(plus_days(day, -SPREAD[unit]), plus_days(day, SPREAD[unit]))


def weekday_beside(days: Days, weekday: int, *, back: bool) -> Days:
    """The last such day of the week before a time, or the first after it."""
    near = plus_days(days.start, -1) if back else plus_days(days.end, 1)
    away = (near.weekday() - weekday) % 7
    return one(plus_days(near, -away if back else (7 - away) % 7))


def unit_beside(days: Days, unit: str, *, back: bool) -> Days:
    """The day, week, month or year next to a time: whole beside a whole month or year, else as many days."""
    near = plus_days(days.start, -1) if back else plus_days(days.end, 1)
    if unit == "weekend":
        found = weekend(near)
        if back:
            return found if found.end <= near else weekend(plus_days(near, -7))
        return found if found.start >= near else weekend(plus_days(near, 7))
    if unit == "week" and days == week(days.start):
        return week(near)
    if unit == "month" and days == month_around(days.start):
        return month_around(near)
    if unit == "year" and days == year(days.start.year):
        return year(near.year)
    far = plus(days.start, -1, unit) if back else plus(days.end, 1, unit)
    return Days(min(far, near), max(far, near))
