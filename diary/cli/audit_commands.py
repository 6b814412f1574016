"""audit: show, checkpoint, verify. The log of what was done to the diary; nothing that was written is in it.

Under --json:

    show        {"size": N, "events": [{"number": N, "event": "exported", "made": ISO 8601,
                 "details": {NAME: number or word} or null once they were removed}]}, oldest first
    checkpoint  {"size": N, "code": "42-K7QF-…", "made": ISO 8601, "vault": hex, "key": hex of the public key,
                 "file": path or null}
    verify      {"size": N, "against": "file", "code" or null, "findings": [SENTENCE]}; status 1 with findings
"""

from __future__ import annotations

from typing import Any

from diary.cli.audit_words import lines, what_follows
from diary.cli.context import Context
from diary.errors import StorageFailed, UsageError
from diary.model.audit import Checkpoint, Logged, ShortCode

_LONGEST = 65536  # bytes of a checkpoint's file; one takes 500


def audit(context: Context) -> int:
    """Run one action; 1 when the log is not as it was."""
    return _ACTIONS[context.arguments.action](context)


def _show(context: Context) -> int:
    with context.session() as session:
        size, events = session.audit.size(), session.audit.events(last=context.arguments.n)
    context.console.document({"size": size, "events": [event_document(one) for one in events]})
    if size > len(events):
        context.console.say(f"The last {len(events)} of {size} events:")
    for line in lines(events):
        context.console.raw(line)
    return 0


def event_document(one: Logged) -> dict[str, Any]:
    """An event as the contract gives it."""
    return {
        "number": one.number,
        "event": one.event.value,
        "made": one.made.isoformat(),
        "details": None if one.details is None else dict(one.details),
    }


def _checkpoint(context: Context) -> int:
    from diary.bootstrap import checkpoints
    from diary.cli.export_file import write

    file, console = context.arguments.checkpoint_file, context.console
    with context.session() as session:
        made = session.audit.checkpoint()
        if file is not None:
            write(file, checkpoints.encode(made))
    code = checkpoints.short_code(made)
    console.document(
        {
            "size": made.size,
            "code": code,
            "made": made.made.isoformat(),
            "vault": made.vault.hex(),
            "key": made.key.hex(),
            "file": None if file is None else str(file),
        }
    )
    events = "1 event" if made.size == 1 else f"{made.size} events"
    if file is not None:
        console.say(f"The log with its {events} is signed in {file}. Keep it where the diary is not.")
    console.say(f"Its code, to be copied by hand: {code}")
    console.say(f"Compare with: diary audit verify {'FILE' if file is not None else code}")
    return 0


def _verify(context: Context) -> int:
    against, kind = _given(context)
    with context.session() as session:
        size, findings = session.audit.size(), session.audit.findings(against)
    console = context.console
    console.document({"size": size, "against": kind, "findings": findings})
    for finding in findings:
        console.say(f"{finding[:1].upper()}{finding[1:]}.")
    if findings:
        console.say(what_follows(findings, by_code=kind == "code"))
        return 1
    if against is None:
        console.say(
            f"The log's {size} events agree with each other. A checkpoint that was kept elsewhere shows more."
        )
    else:
        console.say(
            f"Nothing of the first {against.size} events was removed, changed or reordered. There"
            f" are {size} now."
        )
    return 0


def _given(context: Context) -> tuple[Checkpoint | ShortCode | None, str | None]:
    """The checkpoint that was named, before the vault is opened.

    :raises diary.errors.DiaryError: when it is neither one that diary wrote nor a code.
    """
    from diary.bootstrap import checkpoints

    arguments = context.arguments
    if arguments.against is None:
        return None, None
    if arguments.checkpoint_file is not None:
        try:
            with arguments.checkpoint_file.open("rb") as file:
                return checkpoints.decode(file.read(_LONGEST)), "file"
        except OSError as error:
            raise StorageFailed(
                f"{arguments.checkpoint_file} cannot be read: {error.strerror}. Nothing was compared."
            ) from None
    code = checkpoints.read_code(arguments.against)
    if code is None:
        raise UsageError(
            f"{arguments.against} is neither a file that is there nor a code such as 42-K7QF-2WX7-ABCD. "
            "Nothing was compared."
        )
    return code, "code"


_ACTIONS = {"show": _show, "checkpoint": _checkpoint, "verify": _verify}
