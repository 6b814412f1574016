"""attach, attachments, open-attachment, detach: files that are kept with entries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diary.attached import Viewed, incoming
from diary.cli.consent import agreed
from diary.cli.context import Context
from diary.cli.keys import Interrupts
from diary.cli.wording import moment_words
from diary.errors import DiaryError
from diary.file_words import attachment_words, size_words
from diary.model.attachment import Attachment, AttachmentId
from diary.model.entry import EntryId
from diary.session import Session


def attach(context: Context) -> None:
    """Keep files with an entry: all of them or none."""
    arguments = context.arguments
    entry = EntryId(arguments.entry)
    with context.session() as session, Interrupts() as interrupts:
        session.entry(entry)
        added = session.attachments.add(
            entry,
            _absolute(arguments.files),
            name=arguments.name,
            report=context.console.progress,
            cancelled=interrupts.came,
        )
    context.console.document({"entry": entry, "attachments": [attachment_document(one) for one in added]})
    say_added(context, added)


def attach_to_new(context: Context, session: Session, entry: EntryId) -> list[Attachment]:
    """Keep the files of `write --attach` with the entry that was written.

    :raises diary.errors.DiaryError: which says that the words are kept.
    """
    if not context.arguments.files:
        return []
    try:
        with Interrupts() as interrupts:
            return session.attachments.add(
                entry,
                _absolute(context.arguments.files),
                report=context.console.progress,
                cancelled=interrupts.came,
            )
    except DiaryError as error:
        hint = f"Your words are saved as entry {entry}. To attach then: diary attach {entry} FILE"
        raise type(error)(error.message, hint=hint) from None


def require_usable(context: Context) -> None:
    """Look at the files of `write --attach` before the words are asked for.

    :raises diary.errors.AttachmentRefused: when one cannot be attached.
    """
    incoming.require_usable(_absolute(context.arguments.files), own=())


def _absolute(paths: Sequence[Path]) -> list[Path]:
    return [path.absolute() for path in paths]


def say_added(context: Context, added: Sequence[Attachment]) -> None:
    """What was attached, and that the file is still where it was."""
    for one in added:
        context.console.say(f"Attached to entry {one.entry} as attachment {one.id}: {attachment_words(one)}.")
    if added:
        still = "The file is still where it was" if len(added) == 1 else "The files are still where they were"
        context.console.say(f"{still}, unencrypted.")


def list_attachments(context: Context) -> None:
    """List the files of an entry, or of all."""
    number = context.arguments.entry
    with context.session() as session:
        if number is not None:
            session.entry(EntryId(number))
        found = session.attachments.of(None if number is None else EntryId(number))
    context.console.document({"attachments": [attachment_document(one) for one in found]})
    if not found:
        context.console.say("No attachments. To keep a file with an entry: diary attach ID FILE")
    entry = None
    for one in found:
        if one.entry != entry:
            entry = one.entry
            context.console.say(f"Entry {entry}")
        context.console.raw(f"{one.id:>6}  {attachment_words(one)}")


def open_attachment(context: Context) -> None:
    """Show one, or write it into a file."""
    number = AttachmentId(context.arguments.attachment)
    if context.arguments.export is not None:
        _export(context, number)
        return
    with context.session() as session:
        viewed = session.attachments.view(number)
    context.console.document(
        {
            **attachment_document(viewed.attachment),
            "text": viewed.text,
            "encoding": viewed.encoding,
            "left_out": viewed.left_out,
            "pixels": None if viewed.pixels is None else list(viewed.pixels),
            "exported": None,
        }
    )
    _show(context, viewed)


def _show(context: Context, viewed: Viewed) -> None:
    console, found = context.console, viewed.attachment
    console.say(f"{attachment_words(found, pixels=viewed.pixels)}")
    console.say(f"Attachment {found.id} of entry {found.entry}, added {moment_words(found.added)}")
    if viewed.text is None:
        console.say("It is not shown here.")
        console.say(f"To write it into a file: diary open-attachment {found.id} --export FILE")
        return
    if viewed.encoding == "windows-1252":
        console.say("It is no Unicode text; accents and signs are shown by a guess, and may be wrong.")
    console.say()
    console.raw(viewed.text.rstrip("\n") if viewed.text.strip() else "(nothing but space)")
    if viewed.left_out:
        console.say()
        console.say(f"{size_words(viewed.left_out)} more are not shown. To have all of it:")
        console.say(f"diary open-attachment {found.id} --export FILE")


def _export(context: Context, number: AttachmentId) -> None:
    target: Path = context.arguments.export.expanduser().absolute()
    with context.session() as session, Interrupts() as interrupts:
        written = session.attachments.export(
            number,
            target,
            replace=context.arguments.replace,
            report=context.console.progress,
            cancelled=interrupts.came,
        )
        found = session.attachments.get(number)
    context.console.document({**attachment_document(found), "text": None, "exported": str(written)})
    context.console.say(f"Written to {written}: {attachment_words(found)}.")
    context.console.say(
        "It is not encrypted there: every program of yours can read it, and backups of that folder hold it."
    )


def detach(context: Context) -> None:
    """Destroy one; asks before."""
    number = AttachmentId(context.arguments.attachment)
    with context.session() as session:
        found = session.attachments.get(number)
        about = f"{attachment_words(found)}, of entry {found.entry}"
        if not agreed(context, "This cannot be taken back. Remove it from the diary?", about=[about]):
            return
        session.attachments.remove(number)
    context.console.document({"detached": number, "entry": found.entry})
    context.console.say(f"Attachment {number} is gone from entry {found.entry}, with its key.")


def attachment_document(one: Attachment) -> dict[str, Any]:
    """`{"id", "entry", "name", "media_type", "size", "added_at"}`."""
    return {
        "id": one.id,
        "entry": one.entry,
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "added_at": one.added.isoformat(),
    }
