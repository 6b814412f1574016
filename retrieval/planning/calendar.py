"""A plan → an iCalendar file (RFC 5545), written with the library `icalendar`; pure.

Rules:
- an appointment with a day is an event (VEVENT), everything else a task (VTODO), done or not;
- a constraint is no task and is left out, and so is an appointment without a day;
- times are floating: 16:10 is 16:10 wherever the calendar is opened, because the notes say no zone;
- an event without a length is an hour long; one without a time lasts the whole day;
- the UID of a thing is made of its words and is the same in every export, so that importing twice adds
  nothing;
- the file holds the items' words and the numbers of their entries, and no other words of the notes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from diary.model.plan import PlanItemKind
from retrieval.planning.checklist import ChecklistItem, entries_words

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Todo, vText

LENGTH = timedelta(hours=1)
"""Of an appointment; the notes say when it begins."""


def calendar(items: Sequence[ChecklistItem], *, now: datetime) -> bytes:
    """The file's bytes: UTF-8, lines ended by CRLF and folded at 75 octets.

    :param now: aware; the moment of the export.
    """
    made = _empty()
    seen: Counter[str] = Counter()
    for item in items:
        component = _component(item)
        if component is None:
            continue
        name = _name(item)
        seen[name] += 1
        component.add("uid", f"{name}-{seen[name]}@diary")
        component.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
        component.add("summary", _text(item.text), encode=False)
        if item.entries:
            component.add("description", f"From the diary: {entries_words(item.entries)}.")
        made.add_component(component)
    written: bytes = made.to_ical()
    return written


def count(items: Sequence[ChecklistItem]) -> int:
    """How many items the file of these would hold."""
    return sum(_component(item) is not None for item in items)


def _empty() -> Calendar:
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//diary//plan//EN")
    made.add("version", "2.0")
    return made


def _text(words: str) -> vText:
    """Words as RFC 5545 escapes them (section 3.3.11). The library takes a backslash and an N for the end of
    a line.
    """
    from icalendar import vText

    class Text(vText):
        def to_ical(self) -> bytes:
            escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
            return "\\n".join(escaped.splitlines()).encode()

    return Text(words)


def _component(item: ChecklistItem) -> Event | Todo | None:
    from icalendar import Event, Todo

    if item.kind is PlanItemKind.APPOINTMENT:
        if item.due is None:
            return None
        event = Event()
        if item.at is not None:
            begins = datetime.combine(item.due, item.at)
            event.add("dtstart", begins)
            event.add("dtend", begins + LENGTH)
        else:
            event.add("dtstart", item.since or item.due)
            event.add("dtend", item.due + timedelta(days=1))  # the day after the last, as the format has it
        return event
    if item.kind is PlanItemKind.CONSTRAINT:
        return None
    todo = Todo()
    if item.due is not None:
        todo.add("due", datetime.combine(item.due, item.at) if item.at else item.due)
    if item.since is not None:
        todo.add("dtstart", item.since)
    todo.add("status", "COMPLETED" if item.done else "NEEDS-ACTION")
    return todo


def _name(item: ChecklistItem) -> str:
    """Thirty-two digits that are the same for the same words from the same entries."""
    words = f"{item.kind.value}\n{item.text}\n{sorted(item.entries)}"
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
