"""review and plan: what a period was like, and what lies ahead, each point with its quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from diary.cli import export_file
from diary.cli.context import Context
from diary.cli.documents import plan_document, plan_item_document, review_document
from diary.cli.output import Console
from diary.cli.wording import day_words, range_words, say_numbers
from diary.errors import UsageError
from diary.model.answer import Quote
from diary.model.audit import Event
from diary.model.entry import EntryId
from diary.model.plan import Plan, PlanItem
from diary.model.review import Intention, Review, Theme
from diary.review_words import FEW, NOTHING, OUTCOMES, TO_COME
from diary.session import Session

if TYPE_CHECKING:
    from retrieval.planning.checklist import ChecklistItem


def review(context: Context) -> None:
    """Review a period; the last seven days when none is named."""
    words = " ".join(context.arguments.period) or "week"
    with context.session() as session:
        found = session.review(session.period(words), report=context.console.progress)
    context.console.document(review_document(found))
    say_review(context.console, found, today=context.as_of)


def say_review(console: Console, found: Review, *, today: date) -> None:
    """A review for a person: an empty part is left out, and said when it is the whole."""
    if not found.entries:
        console.say(f"{range_words(found.range)}: no entries.")
        console.say(TO_COME if found.range.start and found.range.start > today else NOTHING)
        return
    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    days = "1 day" if found.days == 1 else f"{found.days} days"
    console.say(f"{range_words(found.range)}: {entries} on {days}.")
    if found.few_notes:
        console.say(FEW)
    _say_part(console, "What happened", found.happened)
    if found.intentions:
        console.say("\nWhat you said you would do")
        for intention in found.intentions:
            _say_intention(console, intention)
    if found.numbers:
        console.say("\nMoods and numbers")
        say_numbers(console, found.numbers)
    if found.themes:
        console.say("\nWhat recurs")
        for theme in found.themes:
            _say_theme(console, theme)


def _say_part(console: Console, heading: str, quotes: Sequence[Quote]) -> None:
    if quotes:
        console.say(f"\n{heading}")
        for quote in quotes:
            _say_quote(console, quote, indent=1)


def _say_quote(console: Console, quote: Quote, *, indent: int) -> None:
    console.say(f"{day_words(quote.day)} · entry {quote.entry}", indent=indent)
    console.say(f"“{quote.text}”", indent=indent + 3)


def _say_intention(console: Console, intention: Intention) -> None:
    _say_quote(console, intention.said, indent=1)
    console.say(OUTCOMES[intention.outcome], indent=4)
    for quote in intention.evidence:
        _say_quote(console, quote, indent=6)


def _say_theme(console: Console, theme: Theme) -> None:
    console.say(f"{', '.join(theme.words)} ({theme.entries} entries)", indent=1)
    for quote in theme.quotes:
        _say_quote(console, quote, indent=4)


def plan(context: Context) -> None:
    """Make a plan, or take one that was kept; keep it, write it as a calendar file."""
    arguments = context.arguments
    goal = " ".join(arguments.goal)
    if bool(goal.strip()) == (arguments.entry is not None):
        raise UsageError("Give either a goal, or --entry ID for a plan that was kept.")
    if arguments.entry is not None and arguments.save:
        raise UsageError(
            "A kept plan is an entry already.", hint=f"Change it with: diary edit {arguments.entry} -"
        )
    if arguments.ics:
        context.settings.clinic.require_export("ics")
    with context.session() as session:
        if arguments.entry is not None:
            _kept_plan(context, session, EntryId(arguments.entry))
            return
        made = session.plan(goal, report=context.console.progress)
        document = plan_document(made)
        say_plan(context.console, made)
        if arguments.save:
            document["entry"] = _saved(context, session, made)
        if arguments.ics:
            from retrieval.planning.checklist import saved_items

            document |= _write_calendar(context, session, saved_items(made))
    context.console.document(document)


def _saved(context: Context, session: Session, made: Plan) -> EntryId | None:
    """Keep the plan; None when there is nothing in it to keep."""
    if not made.items:
        context.console.say("\nThere is nothing to save.")
        return None
    entry = session.save_plan(made)
    context.console.say(f"\nSaved as entry {entry.id}; edit it like any entry.")
    return entry.id


def say_plan(console: Console, made: Plan) -> None:
    """A plan for a person: what is for the goal, then what else lies ahead."""
    when = f" ({range_words(made.range)})" if made.range else ""
    wanted = [item for item in made.items if item.for_goal]
    others = [item for item in made.items if not item.for_goal]
    if not wanted:
        console.say(f"Your notes name nothing for this{when}.")
    for item in wanted:
        _say_item(console, item, made)
    if others:
        console.say("\nAlso ahead")
        for item in others:
            _say_item(console, item, made)


def _say_item(console: Console, item: PlanItem, made: Plan) -> None:
    overdue = " (that day has passed)" if item.due and item.due < made.as_of else ""
    console.say(f"{_when_words(item)}{overdue} · {item.kind.value}: {item.text}", indent=1)
    for quote in item.quotes:
        _say_quote(console, quote, indent=4)


def _when_words(item: PlanItem | ChecklistItem) -> str:
    if item.due is None:
        return "no day named"
    if item.since is not None:
        return f"{day_words(item.since)} to {day_words(item.due)}"
    return f"{day_words(item.due)}, {item.at:%H:%M}" if item.at else day_words(item.due)


def _kept_plan(context: Context, session: Session, entry: EntryId) -> None:
    items = session.saved_plan(entry)
    document: dict[str, Any] = {
        "kind": "plan",
        "entry": entry,
        "items": [plan_item_document(item) | {"entries": list(item.entries)} for item in items],
    }
    for item in items:
        box = "[x]" if item.done else "[ ]"
        context.console.say(f"{box} {_when_words(item)} · {item.kind.value}: {item.text}", indent=1)
    if not items:
        context.console.say("This plan has no items left.")
    if context.arguments.ics:
        document |= _write_calendar(context, session, items)
    context.console.document(document)


def _write_calendar(context: Context, session: Session, items: Sequence[ChecklistItem]) -> dict[str, Any]:
    """Write the calendar file, and say what left the vault."""
    from retrieval.planning.calendar import calendar, count

    path = context.arguments.ics.absolute()
    written = count(items)
    if not written:
        left = f"; {path} is left empty" if path.exists() else ", so none was written"
        context.console.say(f"Nothing of it belongs in a calendar{left}.")
        return {"ics": None, "exported": 0}
    export_file.write(path, calendar(items, now=context.now))
    session.audit.after(Event.EXPORTED, format="ics", items=written)
    things = "1 thing is" if written == 1 else f"{written} things are"
    context.console.say(f"{things} in {path} now, outside the vault: whoever can open that file can read it.")
    return {"ics": str(path), "exported": written}
