"""delete, deleted: taking entries out, bringing them back, erasing them for good."""

from __future__ import annotations

from collections.abc import Sequence

from diary.cli.consent import agreed
from diary.cli.context import Context
from diary.cli.documents import deleted_document, entry_document
from diary.cli.wording import day_words, headline, marks, moment_words
from diary.errors import UsageError
from diary.model.deleted import DeletedEntry
from diary.model.entry import EntryId
from diary.session import Session


def delete(context: Context) -> None:
    """Take an entry out of the diary; asks when it is for good."""
    number = EntryId(context.arguments.entry)
    console = context.console
    with context.session() as session:
        entry = session.entry(number)
        about = f"{moment_words(entry.happened)}: {headline(entry)}"
        if context.arguments.erase or not session.deleted_can_be_restored:
            if not agreed(context, "This cannot be taken back. Erase it?", about=[about]):
                return
        else:
            console.say(about)
        deleted = session.delete(number, erase=context.arguments.erase)
    until = deleted.until if deleted else None
    console.document({"deleted": number, "until": until.isoformat() if until else None})
    if deleted is None:
        console.say(f"Entry {number} and everything made from it are gone for good.")
        return
    until_when = f"Until {day_words(deleted.until.date())} you"
    if context.settings.retention.hold:
        until_when = "Nothing is erased, by the clinic's policy (retention.legal_hold): you"
    console.say(
        f"Entry {number} is deleted. {until_when} can bring it back with: diary deleted restore {number}"
    )


def deleted(context: Context) -> None:
    """List what was deleted, bring one back, or erase for good."""
    with context.session() as session:
        match context.arguments.action:
            case "restore":
                _restore(context, session)
            case "erase":
                _erase(context, session)
            case _:
                _list(context, session.deleted())


def _list(context: Context, deleted: Sequence[DeletedEntry]) -> None:
    console = context.console
    console.document({"entries": [deleted_document(one) for one in deleted]})
    if not deleted:
        console.say("Nothing that was deleted can be brought back.")
        return
    for one in deleted:
        about = f"{day_words(one.entry.happened.date())}  {headline(one.entry)}  {marks(one.entry)}"
        console.raw(f"{one.entry.id:>6}  {about}".rstrip())
        if not context.settings.retention.hold:
            console.raw(f"        goes for good on {day_words(one.until.date())}")
    if context.settings.retention.hold:
        console.say("None of them goes for good: by the clinic's policy nothing is erased, a legal hold.")
    console.say("To bring one back: diary deleted restore ID")


def _restore(context: Context, session: Session) -> None:
    entry = session.restore_deleted(EntryId(context.arguments.entry))
    context.console.document({"restored": entry.id, **entry_document(entry)})
    context.console.say(f"Entry {entry.id} is back, with all its versions: {headline(entry)}")


def _erase(context: Context, session: Session) -> None:
    arguments = context.arguments
    if bool(arguments.entry) == arguments.all:
        raise UsageError("Give either the numbers of deleted entries, or --all.", hint="See: diary deleted")
    there = session.deleted()
    chosen = [one.entry.id for one in there] if arguments.all else [EntryId(one) for one in arguments.entry]
    about = [
        f"{moment_words(one.entry.happened)}: {headline(one.entry)}"
        for one in there
        if one.entry.id in chosen
    ]
    question = "They cannot be brought back then. Erase them for good?"
    if chosen and not agreed(context, question, about=about):
        return
    erased = session.erase_deleted(list(dict.fromkeys(chosen)))
    context.console.document({"erased": erased})
    entries = "1 entry is" if erased == 1 else f"{erased} entries are"
    context.console.say(f"{entries} gone for good." if erased else "There was nothing to erase.")
