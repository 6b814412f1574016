"""A plan as a Markdown checklist that a person can edit, and back; pure.

    - [ ] 2025-11-04 16:10 The dentist, with Ada (appointment, entry 12)
    - [x] 2025-11-03/2025-11-09 ring the insurer (commitment, entries 9, 11)
    - [ ] learn to swim (goal, entry 3)

Rules:
- a line is a box, the day (or first/last day, ISO 8601), the time, the words, and in brackets the kind and
  the entries its quotes stand in; all but the box and the words may be missing;
- words that would be read as something else are kept from it by a backslash: "\\2025 was hard";
- lines that are no items (headings, remarks) are left alone by reading;
- what a person wrote is read as far as it can be: a kind that does not exist is part of the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from diary.model.entry import EntryId
from diary.model.plan import Plan, PlanItem, PlanItemKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """An item of a saved plan: as a `PlanItem`, with the entries of its quotes in the place of the quotes."""

    text: str
    done: bool = False
    since: date | None = None
    due: date | None = None
    at: time | None = None
    kind: PlanItemKind = PlanItemKind.COMMITMENT
    entries: tuple[EntryId, ...] = ()


_LINE = re.compile(
    r"[ \t]*[-*+] \[(?P<done>[ xX])\][ \t]+(?:(?P<first>\d{4}-\d{2}-\d{2})(?:/(?P<last>\d{4}-\d{2}-\d{2}))?"
    r"(?: (?P<at>\d{2}:\d{2}))?[ \t]+)?(?P<text>\S.*?)[ \t]*"
)
_SOURCE = re.compile(
    rf"(?P<text>.*?)[ \t]*\((?P<kind>{'|'.join(PlanItemKind)})(?:, entr(?:y|ies) (?P<entries>\d+(?:, "
    rf"\d+)*))?\)"
)
_READ_AS_TIME = re.compile(r"\d{4}-|\d{2}:\d{2}|\\")


def title_of(goal: str) -> str:
    """The title of a saved plan."""
    return f"Plan: {' '.join(goal.split())}"


def checklist(plan: Plan) -> str:
    """The words of a saved plan: what is for the goal, then what else lies ahead."""
    parts = [f"Made from notes up to {plan.as_of.isoformat()}. Edit it as you like."]
    for heading, for_goal in (("", True), ("Also ahead", False)):
        lines = [written(item_of(item)) for item in plan.items if item.for_goal is for_goal]
        if lines:
            parts.append("\n".join([f"## {heading}\n", *lines] if heading else lines))
    return "\n\n".join(parts)


def item_of(item: PlanItem) -> ChecklistItem:
    """An item of a plan as it is saved; without `::`, so that no number of a note is read from it again."""
    return ChecklistItem(
        text=" ".join(item.text.replace("::", ":").split()),
        done=item.done,
        since=item.since,
        due=item.due,
        at=item.at,
        kind=item.kind,
        entries=tuple(dict.fromkeys(quote.entry for quote in item.quotes)),
    )


def written(item: ChecklistItem) -> str:
    """The line of an item."""
    box = "[x]" if item.done else "[ ]"
    when = ""
    if item.due is not None:
        span = f"{item.since.isoformat()}/{item.due.isoformat()}" if item.since else item.due.isoformat()
        when = f"{span} {item.at:%H:%M} " if item.at and not item.since else f"{span} "
    text = f"\\{item.text}" if _READ_AS_TIME.match(item.text) else item.text
    source = item.kind.value
    if item.entries:
        source += f", {entries_words(item.entries)}"
    return f"- {box} {when}{text} ({source})"


def entries_words(entries: Sequence[EntryId]) -> str:
    """ "entry 3", "entries 3, 9"."""
    return f"{'entry' if len(entries) == 1 else 'entries'} {', '.join(map(str, entries))}"


def read(text: str) -> list[ChecklistItem]:
    """The items of a checklist, in its order; days and times that do not exist are part of the words."""
    return [item for line in text.splitlines() if (item := _read_line(line)) is not None]


def _read_line(line: str) -> ChecklistItem | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    try:
        since, due, at = _when(found)
    except ValueError:
        found = re.fullmatch(r"[ \t]*[-*+] \[(?P<done>[ xX])\][ \t]+(?P<text>\S.*?)[ \t]*", line)
        since, due, at = None, None, None
        if found is None:
            return None
    text, kind, entries = _source(found["text"])
    text = text[1:] if text.startswith("\\") else text
    if not text:
        return None
    done = found["done"] in "xX"
    return ChecklistItem(text=text, done=done, since=since, due=due, at=at, kind=kind, entries=entries)


def _when(found: re.Match[str]) -> tuple[date | None, date | None, time | None]:
    first = date.fromisoformat(found["first"]) if found["first"] else None
    last = date.fromisoformat(found["last"]) if found["last"] else None
    at = time.fromisoformat(found["at"]) if found["at"] else None
    if first is not None and last is not None and first > last:
        raise ValueError("a time that ends before it begins")
    return (first, last, None) if last is not None else (None, first, at)


def _source(text: str) -> tuple[str, PlanItemKind, tuple[EntryId, ...]]:
    found = _SOURCE.fullmatch(text)
    if found is None:
        return text, PlanItemKind.COMMITMENT, ()
    numbers = found["entries"].split(", ") if found["entries"] else []
    return found["text"], PlanItemKind(found["kind"]), tuple(EntryId(int(number)) for number in numbers)


def saved_items(plan: Plan) -> Sequence[ChecklistItem]:
    """The items of a plan in its order, as they are saved and exported."""
    return [item_of(item) for item in plan.items]
