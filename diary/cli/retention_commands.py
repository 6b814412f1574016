"""retention: what goes when, by the rules of the settings, and telling of it at every opening."""

from __future__ import annotations

import sys
from typing import Any

from diary.cli.context import Context
from diary.cli.output import Console
from diary.model.retention import Going, RetentionDone
from diary.retention_words import counted, sentences, went, will_go


def retention(context: Context) -> None:
    """Show what will go and when; with --apply erase what is due, after asking on a terminal."""
    console = context.console
    with context.session() as session:
        rules = session.retention.rules
        going = session.retention.outlook()
        done = RetentionDone()
        _say_rules(context, going)
        if context.arguments.apply and _agreed(context, going):
            done = session.retention.run(at_once=True, report=console.progress)
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
            "went": [going_document(one) for one in done.went],
        }
    )
    for one in done.went:
        console.say(went(one))
    if context.arguments.apply and not done.went:
        console.say("Nothing was due, so nothing went.")


def _say_rules(context: Context, going: list[Going]) -> None:
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
    for one in going:
        if one.at is not None:
            say(will_go(one, one.at))
    if not going:
        say("Nothing goes in the next seven days.")


def _agreed(context: Context, going: list[Going]) -> bool:
    """Whether the person wants it; asked on a terminal only, as a script has said so by its options."""
    if not going or not sys.stdin.isatty() or context.arguments.yes or context.console.json:
        return True
    context.console.say("What is due of it cannot be brought back then. Erase it now? Type yes:")
    if sys.stdin.readline().strip().lower() == "yes":
        return True
    context.console.say("Kept.")
    return False


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
