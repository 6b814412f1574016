"""retention: what goes or is condensed by the rules, when, and which entries; what any command tells of it.

`--apply` does no more than opening the diary does: what was announced a week ago. Only `--apply --now` takes
what was not, and that shows each entry and asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diary.cli.consent import agreed
from diary.cli.context import Context
from diary.cli.output import Console
from diary.cli.wording import day_words, headline, marks
from diary.errors import EntryNotFound, UsageError
from diary.model.entry import Entry, EntryId
from diary.model.retention import Going, RetentionDone, Rule
from diary.retention_words import counted, sentences, went, will_go
from diary.session import Session

_LISTED = 40
"""Entries that one rule shows: who has more looks at the day, or reads the JSON."""


def retention(context: Context) -> None:
    """Show what will go and when; with --apply do what is due, with --now after asking.

    :raises diary.errors.UsageError: when --now stands alone, or is to ask and there is no terminal.
    """
    console, arguments = context.console, context.arguments
    if arguments.now and not arguments.apply:
        raise UsageError("--now goes with --apply.", hint="To see what would go: diary retention")
    with context.session() as session:
        rules = session.retention.rules
        going, due = session.retention.outlook(), session.retention.due()
        _say_rules(context, session, going)
        done = RetentionDone()
        if arguments.apply and (not arguments.now or not due or _agreed(context, session, due)):
            done = session.retention.run(at_once=arguments.now, report=console.progress)
        doubt = session.retention.clock_in_doubt()
    console.document(
        {
            "rules": {
                "entries_days": rules.entries.days if rules.entries else None,
                "condense_days": rules.condense.days if rules.condense else None,
                "revisions_days": rules.revisions.days if rules.revisions else None,
                "deleted_days": rules.deleted.days,
                "legal_hold": rules.hold,
            },
            "going": [going_document(one) for one in going],
            "due": [going_document(one) for one in due],
            "went": [going_document(one) for one in done.went],
        }
    )
    for one in done.went:
        console.say(went(one))
    if arguments.apply and not done.went:
        _say_nothing_went(context, due, doubt)


def _say_nothing_went(context: Context, due: Sequence[Going], doubt: str | None) -> None:
    say = context.console.say
    if doubt is not None:
        say(f"{doubt}.")
        return
    if context.arguments.now:
        if not due:
            say("Nothing was old enough, so nothing went.")
        return
    say("Nothing was due that was announced seven days ago, so nothing went.")
    if due:
        what = " and ".join(_now_counted(one) for one in due)
        say(f"Without waiting for that ({what}): diary retention --apply --now")


def _say_rules(context: Context, session: Session, going: Sequence[Going]) -> None:
    rules = context.settings.retention
    say = context.console.say
    if rules.hold:
        say(f"By the policy of “{context.settings.clinic.clinic}” nothing is erased: a legal hold.")
        return
    kept = f"for {rules.deleted.days} days" if rules.deleted else "not at all"
    say(f"Deleted entries are kept {kept}.")
    say(f"Entries are kept {f'for {rules.entries.days} days' if rules.entries else 'always'}.")
    if rules.condense:
        say(f"After {rules.condense.days} days they are condensed: figures, tags and days stay, words go.")
    say(f"Older versions are kept {f'for {rules.revisions.days} days' if rules.revisions else 'always'}.")
    if context.arguments.now:  # which shows what it takes, and no later day beside it
        return
    for one in going:
        if one.at is not None:
            say(will_go(one, one.at))
            for line in _entry_lines(session, one):
                context.console.raw(line)
    if not going:
        say("Nothing goes in the next seven days.")


def _entry_lines(session: Session, going: Going) -> Iterator[str]:
    """Which they are, as `list` shows them."""
    deleted = {one.entry.id: one.entry for one in session.deleted()} if going.rule is Rule.DELETED else {}
    for number in going.entries[:_LISTED]:
        entry = deleted.get(number) or _there(session, number)
        if entry is not None:
            about = f"{day_words(entry.happened.date())}  {headline(entry)}  {marks(entry)}"
            yield f"{number:>6}  {about}".rstrip()
    left = len(going.entries) - _LISTED
    if left > 0:
        yield f"        and {left:,} more: their numbers are in diary --json retention"


def _there(session: Session, number: EntryId) -> Entry | None:
    try:
        return session.entry(number)
    except EntryNotFound:  # deleted by another thread meanwhile
        return None


def _agreed(context: Context, session: Session, due: Sequence[Going]) -> bool:
    """Whether all that is old enough may go at once."""
    about: list[str] = []
    for one in due:
        about += [f"{_now_counted(one)}, now:", *_entry_lines(session, one)]
    what = " and ".join(_now_counted(one) for one in due)
    question = f"That is {what}. Nobody can bring back what goes. Do it now?"
    return agreed(context, question, about=about)


def _now_counted(due: Going) -> str:
    """`2 entries to erase`, `1 entry to condense`."""
    return f"{counted(due)} to {'condense' if due.rule is Rule.CONDENSE else 'erase'}"


def going_document(going: Going) -> dict[str, Any]:
    """What a rule takes."""
    return {
        "rule": going.rule.value,
        "count": going.count,
        "at": going.at.isoformat() if going.at else None,
        "entries": list(going.entries),
        "words": counted(going),
    }


def tell(console: Console, done: RetentionDone) -> None:
    """Say what the rules took and will take; beside the document of whatever command was asked for."""
    console.beside["retention"] = {
        "went": [going_document(one) for one in done.went],
        "announced": [going_document(one) for one in done.announced],
    }
    for sentence in sentences(done):
        console.note(sentence)
