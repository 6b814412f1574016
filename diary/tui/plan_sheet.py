"""The items of a plan while they are looked at and changed; pure, no widgets.

Rules: a sheet is never changed, each change gives a new one; what is not an item in the text of a kept plan
(headings, remarks) stays in its place; items are put in order by day within their section, those without a
day last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from diary.errors import TimeNotUnderstood
from diary.model.answer import Quote
from diary.model.plan import Plan, PlanItem, PlanItemKind
from retrieval.planning.checklist import ChecklistItem, item_of, read, written
from retrieval.when import parse_moment, parse_range

ALSO = "## Also ahead"
_HAS_TIME = re.compile(r"\d:\d\d|\b\d{1,2} ?[ap]\.?m\b|\b(?:noon|midnight)\b", re.I)
_NO_DAY = frozenset(("", "any day", "no day", "none", "-"))


@dataclass(frozen=True, slots=True)
class Row:
    """One item, with the quotes it was taken from; an item of one's own has none."""

    item: ChecklistItem
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Items that stand together under the lines before them, blank ones too."""

    lines: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """When something is due: a day, the days from `since`, a time of day; nothing for any day."""

    since: date | None = None
    due: date | None = None
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All items of a plan, by their place from the top."""

    sections: tuple[Section, ...]
    tail: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """The items in order."""
        return [row for section in self.sections for row in section.rows]

    def changed(self, place: int, change: Callable[[ChecklistItem], ChecklistItem]) -> Sheet:
        """With one item changed."""
        return self._mapped(lambda at, row: replace(row, item=change(row.item)) if at == place else row)

    def toggled(self, place: int) -> Sheet:
        """With one item ticked, or no longer."""
        return self.changed(place, lambda item: replace(item, done=not item.done))

    def without(self, place: int) -> Sheet:
        """Without one item."""
        return self._mapped(lambda at, row: None if at == place else row)

    def with_own(self, text: str, day: Day) -> Sheet:
        """With an item of one's own at the end of the first section."""
        row = Row(ChecklistItem(text=text, since=day.since, due=day.due, at=day.at))
        first, *rest = self.sections or (Section((), ()),)
        return replace(self, sections=(replace(first, rows=(*first.rows, row)), *rest))

    def by_day(self) -> Sheet:
        """With each section in the order its items are due."""
        return replace(
            self,
            sections=tuple(
                replace(one, rows=tuple(sorted(one.rows, key=lambda row: _order(row.item))))
                for one in self.sections
            ),
        )

    def text(self) -> str:
        """The words of the plan as an entry."""
        lines: list[str] = []
        for section in self.sections:
            lines += [*section.lines, *(written(row.item) for row in section.rows)]
        return "\n".join([*lines, *self.tail])

    def plan(self, made: Plan) -> Plan:
        """The plan as it is now, to be kept."""
        items = [
            PlanItem(
                kind=row.item.kind,
                text=row.item.text,
                due=row.item.due,
                quotes=row.quotes,
                since=row.item.since,
                at=row.item.at,
                done=row.item.done,
                for_goal=ALSO not in section.lines,
            )
            for section in self.sections
            for row in section.rows
        ]
        return replace(made, items=tuple(items))

    def _mapped(self, change: Callable[[int, Row], Row | None]) -> Sheet:
        sections, at = [], 0
        for section in self.sections:
            rows = []
            for row in section.rows:
                new = change(at, row)
                rows += [new] if new is not None else []
                at += 1
            sections.append(replace(section, rows=tuple(rows)))
        return replace(self, sections=tuple(sections))


def of_plan(plan: Plan) -> Sheet:
    """The sheet of a plan that was just made: what is for the goal, then what else lies ahead."""
    intro = f"Made from notes up to {plan.as_of.isoformat()}. Edit it as you like."
    rows = [[Row(item_of(item), item.quotes) for item in plan.items if item.for_goal is is_for]
            for is_for in (True, False)]  # fmt: skip
    also = (Section(("", ALSO, "") if rows[0] else (ALSO, ""), tuple(rows[1])),) if rows[1] else ()
    return Sheet((Section((intro, ""), tuple(rows[0])), *also))


def of_text(text: str) -> Sheet:
    """The sheet of a plan that was kept, as it was edited since."""
    sections: list[Section] = []
    lines: list[str] = []
    for line in text.splitlines():
        items = read(line)
        if items and (lines or not sections):
            sections.append(Section(tuple(lines), ()))
            lines = []
        if items:
            row = Row(items[0])
            sections[-1] = replace(sections[-1], rows=(*sections[-1].rows, row))
        else:
            lines.append(line)
    return Sheet(tuple(sections), tuple(lines))


def typed_day(words: str, now: datetime) -> Day:
    """The day that was typed for something ahead: "Friday" is the next one, "25 November" the one to come.

    :raises diary.errors.TimeNotUnderstood: when the words name none.
    """
    plain = " ".join(words.split())
    if plain.lower() in _NO_DAY:
        return Day()
    ahead = (plain, f"next {plain}", f"{plain} {now.year}", f"{plain} {now.year + 1}")
    found = [day for candidate in ahead if (day := _day(candidate, now)) is not None]
    if not found:
        raise TimeNotUnderstood(
            "That day was not understood, so the item stays as it was.",
            hint="Try tomorrow, Friday, next week, 2027-03-04 16:10, or nothing for any day.",
        )
    return next((day for day in found if day.due and day.due >= now.date()), found[0])


def _day(words: str, now: datetime) -> Day | None:
    timed = _HAS_TIME.search(words) is not None
    span = parse_range(words, now.date())
    if span is not None and span.start and span.end and span.start != span.end and not timed:
        return Day(since=span.start, due=span.end)
    try:
        moment = parse_moment(words, now)
    except TimeNotUnderstood:
        return Day(due=span.end) if span is not None and span.end and not timed else None
    return Day(due=moment.date(), at=moment.time().replace(tzinfo=None) if timed else None)


def day_typed_for(item: ChecklistItem) -> str:
    """The day of an item in words that can be typed."""
    if item.due is None:
        return ""
    if item.since is not None:
        return f"{item.since.isoformat()} to {item.due.isoformat()}"
    return f"{item.due.isoformat()} {item.at:%H:%M}" if item.at else item.due.isoformat()


def _order(item: ChecklistItem) -> tuple[date, time]:
    return item.due or date.max, item.at or time.max


KIND_WORDS = {
    PlanItemKind.GOAL: "goal",
    PlanItemKind.COMMITMENT: "",
    PlanItemKind.APPOINTMENT: "appointment",
    PlanItemKind.CONSTRAINT: "to mind",
}
"""What the screen says of an item's kind; most are things to do, which needs no word."""
