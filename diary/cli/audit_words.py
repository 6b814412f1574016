"""Events of the log as lines for the reader; a row of openings of one kind is one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from diary.cli.wording import moment_words
from diary.model.audit import OF_ANOTHER_VAULT, Detail, Event, Logged

_WAYS = {
    "passphrase": "a passphrase",
    "recovery-code": "a recovery code",
    "key-file": "a key file",
    "break-glass": "the clinic's emergency key",
}
_POLICIES = {
    "bound": "under a clinic's from now on",
    "new version": "the clinic has another",
    "new key": "the clinic has another, signed with its next key",
    "released": "the clinic let go of the diary",
}
_COUNTED = {"entries": "entry", "ways": "way in", "attempts": "attempt", "findings": "finding"}
"""Names of numbers whose form for one is not made by taking the last letter off."""
_PLURAL = {"ways": "ways in"}


def lines(events: Sequence[Logged]) -> list[str]:
    """One for each event, oldest first; openings that follow each other and were alike share one."""
    found = []
    for _, alike in groupby(events, key=_row):
        row = list(alike)
        first, last = row[0], row[-1]
        when = moment_words(first.made.astimezone())
        if first is last:
            found.append(f"{first.number:>5}  {when}  {event_words(first)}")
        else:
            numbers = f"{first.number}\N{EN DASH}{last.number}"
            until = moment_words(last.made.astimezone())
            found.append(f"{numbers:>5}  {when}  {event_words(first)}, {len(row)} times until {until}")
    return found


def event_words(one: Logged) -> str:
    """What happened, with its particulars."""
    event = one.event.value
    if one.details is None:
        return f"{event} (particulars no longer kept)"
    match one.event:
        case Event.UNLOCKED:
            return f"{event} with {_way(one.details)}"
        case Event.KEYS_CHANGED:
            return f"{event}: {_way(one.details)} {one.details.get('what', 'changed')}"
        case Event.POLICY_CHANGED if one.details.get("change") in _POLICIES:
            return f"{event}: {_policy(one.details)}"
        case _:
            told = ", ".join(_in_words(name, value) for name, value in one.details.items())
            return f"{event}: {told}" if told else event


def what_follows(findings: Sequence[str], *, by_code: bool) -> str:
    """What to make of findings against a checkpoint, and what to do.

    :param by_code: the checkpoint was copied by hand.
    """
    if list(findings) == [OF_ANOTHER_VAULT]:
        return "Bring the one of this diary. If this is it, the diary was made anew since: ask why."
    if by_code:
        return (
            "Or the code was copied wrongly: compare it with the paper, letter by letter. If it is right, "
            "the log is not to be believed from there on. Nothing was changed."
        )
    return (
        "The log is not to be believed from there on, unless a backup from before was restored: diary audit "
        "show says so then. Nothing was changed."
    )


def _row(one: Logged) -> tuple[object, ...]:
    """Alike for what shares a line."""
    if one.event is not Event.UNLOCKED or one.details is None:
        return (one.number,)
    return one.event, tuple(one.details.items())


def _way(details: Mapping[str, Detail]) -> str:
    way = str(details.get("way", details.get("kind", "")))
    return _WAYS.get(way, way or "a key")


def _policy(details: Mapping[str, Detail]) -> str:
    words = _POLICIES[str(details["change"])]
    if "version" not in details:
        return words
    return f"{words}, version {details['version']}, SHA-256 {details.get('policy', '')}…"


def _in_words(name: str, value: Detail) -> str:
    if isinstance(value, int) and name.endswith("s"):
        counted = _COUNTED.get(name, name.removesuffix("s")) if value == 1 else _PLURAL.get(name, name)
        return f"{value:,} {counted}"
    if name in ("at", "first", "last"):
        try:
            moment = moment_words(datetime.fromisoformat(str(value)).astimezone())
        except ValueError:
            moment = str(value)
        return moment if name == "at" else f"{name} {moment}"
    return f"{name} {value}"
