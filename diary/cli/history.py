"""history: the versions of an entry, each as what it changed; and making an older one the newest again."""

from __future__ import annotations

from typing import Any

from diary.cli.context import Context
from diary.cli.documents import entry_document, revision_document
from diary.cli.wording import moment_words
from diary.model.entry import EntryId, Revision
from diary.revision_changes import Changes, about_words, changes_between, marked


def history(context: Context) -> None:
    """Show all versions of an entry, or with --restore make one of them the newest."""
    number, arguments = EntryId(context.arguments.entry), context.arguments
    with context.session() as session:
        if arguments.restore is not None:
            entry = session.restore_version(number, arguments.restore)
            context.console.document({"restored": arguments.restore, **entry_document(entry)})
            context.console.say(
                f"Entry {number} is at version {entry.revision} already. Nothing was changed."
                if entry.revision == arguments.restore
                else f"Entry {number} is as in version {arguments.restore} again: that is version "
                f"{entry.revision} now. The others are kept."
            )
            return
        versions = session.history(number)
        engines = {written.revision: written.engine for written in session.voice.transcripts(number)}
    changes = [None, *map(changes_between, versions, versions[1:])]
    context.console.document(
        {
            "entry": number,
            "revisions": [
                {
                    **revision_document(version),
                    "engine": engines.get(version.number),
                    "changes": None if changed is None else changes_document(changed),
                }
                for version, changed in zip(versions, changes, strict=True)
            ],
        }
    )
    for version, changed in zip(versions, changes, strict=True):
        _show(context, version, engines.get(version.number), changed)


def _show(context: Context, version: Revision, engine: str | None, changed: Changes | None) -> None:
    console = context.console
    title = f" · {version.title}" if version.title else ""
    by = f", written down by {engine}" if engine else ""
    console.say(f"Version {version.number}, saved {moment_words(version.made)}{by}{title}")
    if changed is not None:
        for words in about_words(changed):
            console.say(f"({words})", indent=2)
    if changed is None or context.arguments.full:
        for line in version.text.splitlines():
            console.say(line, indent=2)
    elif not changed.lines:
        console.say("(the words stayed the same)", indent=2)
    else:
        for changed_line in changed.lines:
            console.say("…" if changed_line is None else marked(changed_line)[0], indent=2)


def changes_document(changes: Changes) -> dict[str, Any]:
    """What a version changed; null for what stayed."""
    return {
        "title": None if changes.title is None else {"from": changes.title[0], "to": changes.title[1]},
        "tags": {"gone": list(changes.tags_gone), "new": list(changes.tags_new)},
        "starred": changes.starred,
        "date": None
        if changes.happened is None
        else {"from": changes.happened[0].isoformat(), "to": changes.happened[1].isoformat()},
        "lines": [
            [{"part": piece.part.value, "text": piece.text} for piece in line]
            for line in changes.lines
            if line is not None
        ],
    }
