"""backup, drill and restore: one encrypted file of the whole diary, and back."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from diary.cli.backup_paths import restored_folder
from diary.cli.context import Context
from diary.cli.output import Console
from diary.cli.wording import day_words, moment_words
from diary.errors import UsageError
from diary.model.backup import BackupContents, LastBackup
from diary.upkeep import (
    back_up,
    backup_named,
    drill_backup,
    last_backups,
    place_aside,
    restore_backup,
    take_out_of_backup,
)


def backup(context: Context) -> None:
    """Make a backup, or tell of the last."""
    if context.arguments.status:
        _status(context)
        return
    if not _one_file_is_meant(context.console, context.arguments.file.absolute()):
        context.console.say("No backup was made.")
        return
    made = context.unlocked(
        lambda secret: back_up(
            context.enforced,
            context.settings,
            secret,
            context.arguments.file.absolute(),
            keep=context.arguments.keep,
            full=context.arguments.full,
            now=_now,
            report=context.console.progress,
            warn=context.console.warn,
        )
    )
    context.console.document(
        {
            "backup": str(made.file),
            "verified": True,
            **_contents(made.contents),
            "needs": list(made.needs),
            "findings": list(made.findings),
            "notes": list(made.notes),
            "removed": [str(path) for path in made.removed],
            "seconds": {
                "written": round(made.written_seconds, 3),
                "verified": round(made.verified_seconds, 3),
            },
        }
    )
    console = context.console
    size = f"{made.contents.size / 1_000_000:.1f} MB"
    console.say(f"The backup is in {made.file}: {_in_words(made.contents)}; {size}.")
    console.say(
        "It was read back, opened and compared with the diary; it opens with what opens the diary now."
    )
    if made.needs:
        console.say(f"It holds what changed, and needs what it goes on from: {', '.join(made.needs)}.")
    _say_findings(console, made.findings)
    for note in made.notes:
        console.say(note)
    if made.removed:
        console.say(f"Older ones removed: {', '.join(path.name for path in made.removed)}.")


def _one_file_is_meant(console: Console, target: Path) -> bool:
    """Asked on a terminal, of a name like a folder's that is not there: a stick may not be plugged in."""
    if target.exists() or target.suffix or not target.parent.is_dir():
        return True
    what = f"There is no folder {target}."
    if console.json or not (sys.stdin and sys.stdin.isatty()):
        console.note(f"{what} The backup becomes one file of that name.")
        return True
    console.say(f"{what} Is the stick plugged in? The backup would become one file of that name,")
    console.say(f"in {target.parent}. Make it? Type yes:")
    return sys.stdin.readline().strip().lower() == "yes"


def _status(context: Context) -> None:
    last, spoilt = context.unlocked(
        lambda secret: last_backups(context.enforced, context.settings, secret, warn=context.console.warn)
    )
    days = None if last is None else max((context.as_of - last.made.date()).days, 0)
    context.console.document({"last": _told(last), "days": days, "spoilt": _told(spoilt)})
    if last is None or days is None:
        context.console.say("No good backup was made yet. Make one with: diary backup FILE")
    else:
        ago = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
        entries = "1 entry" if last.entries == 1 else f"{last.entries} entries"
        context.console.say(
            f"The last good backup was made {ago}, on {moment_words(last.made)}, with {entries}: {last.file}"
        )
        if last.needs:
            context.console.say(f"It needs what it goes on from: {', '.join(last.needs)}.")
    if spoilt is not None:
        context.console.say(
            f"Since then the diary has lost something; the backup of {moment_words(spoilt.made)} is without "
            f"it: {spoilt.file}"
        )
        _say_findings(context.console, spoilt.findings)


def _told(last: LastBackup | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "made": last.made.isoformat(),
        "file": last.file,
        "entries": last.entries,
        "needs": list(last.needs),
        "findings": list(last.findings),
    }


def drill(context: Context) -> None:
    """Prove that a backup restores."""
    file = backup_named(context.enforced, context.arguments.file.absolute())
    drilled = context.unlocked(
        lambda secret: drill_backup(
            context.enforced, context.settings, secret, file, report=context.console.progress
        )
    )
    context.console.document(
        {
            "drill": "passed",
            "backup": str(file),
            **_contents(drilled.contents),
            "findings": list(drilled.findings),
        }
    )
    console = context.console
    console.say(f"{file.name} restores. It was made on {moment_words(drilled.contents.made)}:")
    console.say(f"{_in_words(drilled.contents)}.", indent=1)
    _say_findings(console, drilled.findings)


def restore(context: Context) -> None:
    """Make a vault of a backup; asks before it moves one aside."""
    arguments, console, now = context.arguments, context.console, _now()
    file = backup_named(context.enforced, arguments.file.absolute())
    folder = restored_folder(arguments, context.settings)
    if arguments.damaged:
        _take_out(context, file, folder)
        return
    if (
        arguments.replace
        and folder.exists()
        and not arguments.yes
        and not _agreed(console, file, folder, now)
    ):
        console.document({"restored": None})
        console.say("Nothing was changed.")
        return
    restored = context.unlocked(
        lambda secret: restore_backup(
            context.enforced,
            context.settings,
            secret,
            file,
            folder,
            replace=arguments.replace,
            now=now,
            report=console.progress,
        )
    )
    console.document(
        {
            "restored": str(folder),
            "backup": str(file),
            "aside": None if restored.aside is None else str(restored.aside),
            **_contents(restored.drilled.contents),
            "findings": list(restored.drilled.findings),
        }
    )
    contents = restored.drilled.contents
    console.say(
        f"The diary as of {moment_words(contents.made)} ({file.name}) is in {folder}: {_in_words(contents)}. "
        "It opens with what opened the diary then."
    )
    if restored.aside is not None:
        console.say(f"The one that was there is in {restored.aside}.")
    _say_findings(console, restored.drilled.findings)


def _take_out(context: Context, file: Path, folder: Path) -> None:
    """Out of a damaged backup, what is there; no passphrase is needed, for nothing is opened."""
    console = context.console
    taken = take_out_of_backup(context.enforced, file, folder, report=console.progress)
    told = {"unread": taken.unread, "missing": taken.missing, "lacks": taken.lacks}
    console.document({"taken_out": str(folder), "backup": str(file), "proved": False, **told})
    console.say(
        f"What is there of {file.name} is in {folder}, encrypted as ever. It is not proved to be whole."
    )
    if taken.lacks is not None:
        console.say(f"It goes on from {taken.lacks}, which is not there: an older backup may hold more.")
    if taken.missing:
        are = "1 file is" if taken.missing == 1 else f"{taken.missing} files are"
        console.say(f"{are} missing.")
    if taken.unread:
        console.say(f"{taken.unread} bytes could not be read from the disk.")
    console.say(f"What is wrong with it is told by: diary --vault {folder} doctor")
    console.say(f"Words and files that are whole are got out by: diary --vault {folder} doctor --salvage OUT")


def _agreed(console: Console, file: Path, folder: Path, now: datetime) -> bool:
    if console.json or not sys.stdin.isatty():
        raise UsageError(
            "--replace asks, and there is no terminal to ask on; nothing was changed.", hint="Add --yes."
        )
    console.say(f"The diary in {folder} would be moved aside whole, to {place_aside(folder, now).name}.")
    console.say(f"Put {file.name} in its place? Type yes:")
    return sys.stdin.readline().strip().lower() == "yes"


def _now() -> datetime:
    return datetime.now().astimezone()  # not --as-of: it is the time that tells backups apart


def _contents(contents: BackupContents) -> dict[str, Any]:
    return {
        "made": contents.made.isoformat(),
        "entries": contents.entries,
        "newest": None if contents.newest is None else contents.newest.isoformat(),
        "recordings": contents.recordings,
        "unsaved": contents.unsaved,
        "size": contents.size,
    }


def _in_words(contents: BackupContents) -> str:
    parts = ["1 entry" if contents.entries == 1 else f"{contents.entries} entries"]
    if contents.newest is not None:
        parts[0] += f", the newest of {day_words(contents.newest)}"
    if contents.recordings:
        parts.append("1 recording" if contents.recordings == 1 else f"{contents.recordings} recordings")
    if contents.unsaved:
        parts.append(f"{contents.unsaved} unsaved")
    return ", ".join(parts)


def _say_findings(console: Console, findings: tuple[str, ...]) -> None:
    for finding in findings:
        console.say(f"But: {finding}.")
