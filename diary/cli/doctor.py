"""doctor: everything that can be checked, in one page; and getting words out of a vault that is damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from diary.cli.context import Context
from diary.errors import UsageError
from diary.model.checkup import Check, Salvaged
from diary.upkeep import HEADER_FROM_BACKUP, MAY_NOT_READ, OTHERS_MAY, accept_vault, examine, salvage_vault

_DAMAGED = (
    "Nothing was changed. Keep a copy of the folder as it is before anything else. Your latest backup may "
    "hold what is damaged: diary restore FILE --to DIR puts it beside this one. What can still be read here "
    "is written out by: diary doctor --salvage DIR."
)
_DIFFERENT = "If you know why entries differ, and they are as you want them: diary doctor --accept."
_NO_ROOM = "Make room on the disk where the diary is: on a full one nothing new can be saved."
_NO_DAMAGE = frozenset({"permissions", "header", "room", "models", "seal", "backup", "closing"})
"""Checks whose findings are of what is around the diary: its words are whole. Of a header, while one copy
opens: it is made two again.
"""
_ACCEPTED = "The entries as they are now will count as what was saved; what was found before is told no more."
_TEXT_AT = 15  # where the text of each check begins
_TOLD = 12  # numbers of entries, or names of files, in a sentence


def doctor(context: Context) -> int:
    """Look at everything; 0 when nothing is wrong."""
    if context.arguments.salvage is not None:
        return _salvage(context)
    if context.arguments.accept:
        return _accept(context)
    checks = context.unlocked(
        lambda secret: examine(
            context.enforced, context.settings, secret, now=_now, report=context.console.progress
        )
    )
    findings = [finding for check in checks for finding in check.findings]
    context.console.document({"checks": [asdict(check) for check in checks], "findings": findings})
    for check in checks:
        _say(context, check)
    if findings:
        for sentence in _advice(checks, context.settings.vault):
            context.console.say()
            context.console.say(sentence)
    return 1 if findings else 0


def _advice(checks: Sequence[Check], vault: Path) -> Iterator[str]:
    """What to do about what was found, and about nothing else: who reads of damage where a mode is wrong
    fears for their words.
    """
    found = {check.name for check in checks if check.findings}
    modes = " ".join(one for check in checks if check.name == "permissions" for one in check.findings)
    if MAY_NOT_READ in modes:
        yield (
            "First let yourself read the diary's files, then look again: what else is told may be that "
            f"alone. Where they are yours: chmod -R u+rwX {vault}. A copy that root made is root's, until it "
            "is given back with chown."
        )
        return
    harmless = set(_NO_DAMAGE)
    if any(check.name == "structure" for check in checks):
        harmless.add("opening")  # it opened: these are the warnings of every opening, each with its advice
    if "keys" in found:
        yield f"Nothing was changed. {HEADER_FROM_BACKUP}"
    elif found - harmless:
        yield f"{_DAMAGED} {_DIFFERENT}" if "manifest" in found else _DAMAGED
    else:
        yield "The diary itself is whole; this is about what is around it."
    if OTHERS_MAY in modes:
        yield f"To close its files to others: chmod -R go= {vault}"
    if "room" in found:
        yield _NO_ROOM


def _say(context: Context, check: Check) -> None:
    mark = "✗" if check.findings else "✓"
    first, *more = check.findings or (check.detail or "nothing to find",)
    end = "." if check.findings else ""
    context.console.say(f"{mark} {check.name:<12} {first}{end}", hanging=_TEXT_AT)
    for finding in more:
        context.console.say(f"{' ' * _TEXT_AT}{finding}.", hanging=_TEXT_AT)


def _salvage(context: Context) -> int:
    folder = context.arguments.salvage
    _require_consent(
        context,
        f"All that can be read will be written to {folder}, not encrypted: anybody who gets that folder can "
        "read it.",
    )
    made = context.unlocked(
        lambda secret: salvage_vault(
            context.enforced, context.settings, secret, folder, report=context.console.progress
        )
    )
    context.console.document({"salvaged": {**asdict(made), "folder": str(made.folder)}})
    return _say_salvaged(context, made)


def _say_salvaged(context: Context, made: Salvaged) -> int:
    """1 when words or files are missing or may be old: pages that held neither are no loss."""
    say = context.console.say
    entries = "1 entry" if made.entries == 1 else f"{made.entries} entries"
    files = "1 file" if made.files == 1 else f"{made.files} files"
    say(f"{entries} and {files} are in {made.folder}, readable by anybody who has that folder.")
    if made.damaged_pages:
        say(f"{made.damaged_pages} of {made.pages} pages of the database could not be read.")
    if not made.missing:
        readable = ", as far as that can be read" if made.damaged_pages else ""
        say(f"No entry is missing of those that the diary's own list names{readable}.")
    if made.missing:
        say(f"Entries that are on none of the others: {_some(made.missing)}.")
    if made.unvouched:
        say(f"Entries that may be older than what was saved last, and are marked: {_some(made.unvouched)}.")
    if made.spoilt:
        say(f"Files that are missing or not whole: {_some(made.spoilt)}.")
    say("diary import can read entries.jsonl into a new diary.")
    return 1 if made.missing or made.spoilt or made.unvouched else 0


def _accept(context: Context) -> int:
    _require_consent(context, _ACCEPTED)
    context.unlocked(
        lambda secret: accept_vault(context.enforced, context.settings, secret, warn=context.console.warn)
    )
    context.console.document({"accepted": True})
    context.console.say("The entries count as they are.")
    return 0


def _require_consent(context: Context, warning: str) -> None:
    """:raises diary.errors.UsageError: when it was not given with --yes."""
    if not context.arguments.yes:
        raise UsageError(f"{warning} Nothing was done.", hint="If you want that, say it again with --yes.")


def _some(items: tuple[object, ...]) -> str:
    told = ", ".join(str(item) for item in items[:_TOLD])
    return f"{told}, …" if len(items) > _TOLD else told


def _now() -> datetime:
    return datetime.now().astimezone()
