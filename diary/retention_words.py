"""What the rules of retention take, in sentences for the reader."""

from __future__ import annotations

from datetime import datetime

from diary.model.retention import Going, RetentionDone, Rule
from diary.number_words import short_day

_NAMES = {
    Rule.ENTRIES: ("entry", "entries"),
    Rule.CONDENSE: ("entry", "entries"),
    Rule.REVISIONS: ("older version", "older versions"),
    Rule.DELETED: ("deleted entry", "deleted entries"),
}
_STAYS = "figures, tags and days stay, all other words go for good"


def counted(going: Going) -> str:
    """`1 entry`, `12 older versions`."""
    one, many = _NAMES[going.rule]
    return f"{going.count:,} {one if going.count == 1 else many}"


def will_go(going: Going, at: datetime) -> str:
    """What goes, and from when."""
    if going.rule is Rule.CONDENSE:
        first = "" if going.count == 1 else ", the first of them"
        return f"{counted(going)} will be condensed{first} on {short_day(at.date())}: {_STAYS}."
    verb = "goes" if going.count == 1 else "go"
    first = "" if going.count == 1 else ", the first of them"
    return f"{counted(going)} {verb} for good{first} on {short_day(at.date())}."


def went(going: Going) -> str:
    """What is gone, and by which rule."""
    if going.rule is Rule.CONDENSE:
        verb = "was" if going.count == 1 else "were"
        return f"{counted(going)} {verb} condensed, as the rule retention.condense_days says: {_STAYS}."
    why = (
        "its time was over"
        if going.rule is Rule.DELETED and going.count == 1
        else "their time was over"
        if going.rule is Rule.DELETED
        else f"as the rule retention.{going.rule.value}_days says"
    )
    return f"{counted(going)} went for good: {why}."


def sentences(done: RetentionDone) -> list[str]:
    """What a run of the rules did; none when it did nothing."""
    told = [went(one) for one in done.went]
    told += [
        f"{will_go(one, one.at)} The rule retention.{one.rule.value}_days says so; see: diary retention"
        for one in done.announced
        if one.at is not None
    ]
    return told
