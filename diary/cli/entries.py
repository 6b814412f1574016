"""write, list, read, edit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from diary.cli.attachment_commands import (
    attach_to_new,
    attachment_document,
    require_usable,
    say_added,
)
from diary.cli.context import Context
from diary.cli.documents import entry_document, observation_document
from diary.cli.heard import tell_unfinished
from diary.cli.wording import day_words, headline, marks, moment_words
from diary.errors import UsageError
from diary.file_words import attachment_words
from diary.model.entry import Entry, EntryChanges, EntryFilter, EntryId, Kind, Transcript
from diary.model.observation import ObservationDraft
from diary.number_words import observation_words


def write(context: Context) -> None:
    """Keep one entry and print its number."""
    arguments = context.arguments
    require_usable(context)
    text = _words(context, arguments.text)
    with context.session() as session:
        entry = session.write(
            text,
            at=arguments.at,
            title=arguments.title,
            tags=tuple(arguments.tag or ()),
            starred=arguments.star,
        )
        read = session.observations_in(entry.text)
        added = attach_to_new(context, session, entry.id)
    attached = {"attachments": [attachment_document(one) for one in added]} if added else {}
    context.console.document(_with_observations(entry, read) | attached)
    context.console.say(f"Saved as entry {entry.id}, {moment_words(entry.happened)}.")
    _say_read(context, entry, read)
    say_added(context, added)


def _with_observations(entry: Entry, read: Sequence[ObservationDraft]) -> dict[str, Any]:
    return {**entry_document(entry), "observations": [observation_document(one) for one in read]}


def _say_read(context: Context, entry: Entry, read: Sequence[ObservationDraft]) -> None:
    """What was read as `key:: value`, so that a slip is seen while it can be mended."""
    if not read:
        return
    from ingest.observations.metrics import lacks_number, plausible

    say = context.console.say
    say(f"Read: {' · '.join(observation_words(one) for one in read)}")
    odd = {
        f"Is “{one.written}” right for {one.key}?"
        for one in read
        if one.value is not None and not plausible(one.key, one.value, one.unit)
    }
    odd |= {
        f"“{one.written}” is no number for {one.key}, and is not counted as one."
        for one in read
        if lacks_number(one.key, one.value)
    }
    for line in sorted(odd):
        say(line)
    if odd:
        say(f"To change it, write the entry anew with: diary edit {entry.id} -")


def _words(context: Context, given: list[str]) -> str:
    """The words of the arguments, or of standard input for `-` or nothing."""
    if given and given != ["-"]:
        return " ".join(given)
    if sys.stdin.isatty():
        context.console.say("Write; end with Ctrl-D on a line of its own.")
    try:
        return sys.stdin.read().rstrip("\n")
    except UnicodeDecodeError:
        raise UsageError(
            "What came on standard input is not UTF-8 text, so nothing was saved.",
            hint="Convert it first, for example with iconv.",
        ) from None


def list_entries(context: Context) -> None:
    """List entries by day, latest first."""
    arguments = context.arguments
    chosen = EntryFilter(
        range=context.range(),
        tag=arguments.tag,
        kind=Kind(arguments.kind) if arguments.kind else None,
        starred=arguments.starred,
        transcript=_transcript(arguments),
    )
    with context.session() as session:
        entries = session.entries(chosen, limit=arguments.n)
        tell_unfinished(context, session)
    context.console.document({"entries": [entry_document(entry) for entry in entries]})
    if not entries:
        context.console.say("No entries.")
    day = None
    for entry in entries:
        if entry.happened.date() != day:
            day = entry.happened.date()
            context.console.say(day_words(day))
        line = f"{entry.id:>6}  {entry.happened:%H:%M}  {headline(entry)}  {marks(entry)}"
        context.console.raw(line.rstrip())


def _transcript(arguments: argparse.Namespace) -> Transcript | None:
    if arguments.waiting:
        return Transcript.WAITING
    return Transcript.ROUGH if arguments.rough else None


def read(context: Context) -> None:
    """Show one entry."""
    with context.session() as session:
        entry = session.entry(EntryId(context.arguments.entry))
        attached = session.attachments.of(entry.id)
    documents = [attachment_document(one) for one in attached]
    context.console.document(entry_document(entry) | {"attachments": documents})
    _show(context, entry)
    if attached:
        context.console.say()
    for one in attached:
        context.console.raw(f"Attachment {one.id}: {attachment_words(one)}")


def _show(context: Context, entry: Entry) -> None:
    console = context.console
    console.say(f"{moment_words(entry.happened)} · entry {entry.id} {marks(entry)}".rstrip())
    if entry.title:
        console.say(entry.title)
    console.say()
    console.say(entry.text)


def edit(context: Context) -> None:
    """Save a new version of an entry."""
    arguments = context.arguments
    about = (arguments.title, arguments.tag, arguments.at, arguments.star)
    if not arguments.text and all(value is None for value in about):
        raise UsageError(
            "Nothing to change was given.",
            hint="Give the new words (or - to read them), --title, --tag, --at, --star or --unstar; "
            "or open the screen with: diary",
        )
    changes = EntryChanges(
        text=_words(context, arguments.text) if arguments.text else None,
        title=arguments.title,
        tags=None if arguments.tag is None else tuple(tag for tag in arguments.tag if tag),
        starred=arguments.star,
    )
    with context.session() as session:
        if arguments.at:
            changes = replace(changes, happened=session.moment(arguments.at))
        entry = session.edit(EntryId(arguments.entry), changes)
        read = session.observations_in(entry.text)
    context.console.document(_with_observations(entry, read))
    context.console.say(f"Entry {entry.id} is now at version {entry.revision}; the older ones are kept.")
    if changes.text is not None:
        _say_read(context, entry, read)
