"""What an opening of the vault writes into its log, in one commit: the opening itself, by which way; the ways
in that are others than at the opening before; damage that was not told before; and what was noted while
nobody had the key (`noted`).

The ways in are compared rather than reported by who changes them: they are in the header, which can be
changed, or replaced by an older copy, without the database. Rotation is logged with its own copy
(`log_rotation`), which ends before any opening.

Nobody is kept from opening: what cannot be logged, on a full disk or in a damaged vault, is not. Then what
was noted stays where it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from diary.errors import DiaryError
from diary.model.audit import Event, FailedAttempts
from diary.vault import noted
from diary.vault.audit import AuditLog
from diary.vault.connection import Database
from diary.vault.header import Header
from diary.vault.noted import Note, What
from diary.vault.settings import forget_setting, keep_setting, kept_setting
from diary.vault.slots import BREAK_GLASS, KEY_FILE, PASSPHRASE, RECOVERY_CODE, KeySlot

MADE = "made"
_WAYS = "audit.ways"
_DAMAGE = "audit.damage"
_KINDS = {PASSPHRASE, RECOVERY_CODE, KEY_FILE, BREAK_GLASS}
_Way = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening.

    :ivar way: the kind of the slot that opened; MADE for a vault that was just made.
    :ivar damage: what the quick check found.
    """

    header: Header
    way: str
    damage: Sequence[str]


def log_opening(log: AuditLog, database: Database, folder: Path, opening: Opening) -> FailedAttempts | None:
    """Log it; which attempts failed since the opening before."""
    counts = noted.counts(folder)
    failed, notes = noted.attempts(folder), noted.notes(folder)
    with suppress(DiaryError):
        with database.transaction():
            log.prepare_within()
            _log_ways(log, database, opening.header)
            _log_noted(log, failed, notes)
            _log_damage(log, database, opening.damage)
            if opening.way == MADE:
                log.log_within(Event.CREATED)
            else:
                log.log_within(Event.UNLOCKED, way=_known(opening.way))
        noted.forget(folder, attempts=counts[0], notes=counts[1])
    if not failed:
        return None
    return FailedAttempts(len(failed), min(failed), more=len(failed) >= noted.MOST_ATTEMPTS)


def log_rotation(log: AuditLog, database: Database, before: Header, header: Header) -> int:
    """Log a new vault key in the copy that gets it, inside the transaction that is going on; how many events.

    :param before: which ways in there were; what was changed of them since the last opening is logged first.
    """
    size = log.size()
    _log_ways(log, database, before)
    _keep_ways(database, header)
    log.log_within(Event.KEY_ROTATED, ways=len(header.slots))
    return log.size() - size


def _log_ways(log: AuditLog, database: Database, header: Header) -> None:
    text = kept_setting(database, _WAYS)
    if text is not None:
        before = msgspec.json.decode(text, type=list[_Way])
        for kind, what, slot in _changes(before, header.slots):
            log.log_within(Event.KEYS_CHANGED, kind=_known(kind), what=what, **_made(slot))
    if text != _encoded(header):
        _keep_ways(database, header)


def _keep_ways(database: Database, header: Header) -> None:
    keep_setting(database, _WAYS, _encoded(header))


def _encoded(header: Header) -> str:
    return msgspec.json.encode([(slot.id, slot.kind) for slot in header.slots]).decode()


def _changes(before: list[_Way], now: Sequence[KeySlot]) -> Iterator[tuple[str, str, KeySlot | None]]:
    """Kind, what happened to it, and the slot that is new. One in the place of one of its kind is changed."""
    known = {slot_id for slot_id, _ in before}
    new = [slot for slot in now if slot.id not in known]
    there = {slot.id for slot in now}
    for place, (slot_id, kind) in enumerate(before):
        if slot_id in there:
            continue
        instead = now[place] if place < len(now) else None
        if instead in new and instead.kind == kind:
            new.remove(instead)
            yield kind, "changed", instead
        else:
            yield kind, "removed", None
    for slot in new:
        yield slot.kind, "added", slot


def _made(slot: KeySlot | None) -> dict[str, str]:
    if slot is not None:
        with suppress(ValueError):
            return {"at": _moment(datetime.fromisoformat(slot.made))}
    return {}


def _log_noted(log: AuditLog, failed: Sequence[datetime], notes: Sequence[Note]) -> None:
    for one in notes:
        _log_note(log, one)
    if failed:
        log.log_within(
            Event.UNLOCK_FAILED, attempts=len(failed), first=_moment(failed[0]), last=_moment(failed[-1])
        )


def _log_note(log: AuditLog, one: Note) -> None:
    at = _moment(one.made)
    if one.what is What.RESTORED:
        log.log_within(Event.RESTORED, at=at)
    elif one.what is What.SALVAGED:
        log.log_within(Event.EXPORTED, format="salvage", entries=int.from_bytes(one.value, "big"), at=at)
    else:
        what = one.what.name.lower()
        log.log_within(Event.MODEL_CHANGED, what=what, kind=one.kind, hash=one.value.hex(), at=at)


def _log_damage(log: AuditLog, database: Database, damage: Sequence[str]) -> None:
    """Once for the same findings: the quick check tells them at every opening."""
    kept = kept_setting(database, _DAMAGE)
    if not damage:
        if kept is not None:
            forget_setting(database, _DAMAGE)
        return
    digest = hashlib.sha256("\n".join(damage).encode()).hexdigest()
    if digest != kept:
        keep_setting(database, _DAMAGE, digest)
        log.log_within(Event.DAMAGE_FOUND, findings=len(damage), by="opening")


def _known(kind: str) -> str:
    """A kind that a newer diary made is not named: a detail is a word from a list."""
    return kind if kind in _KINDS else "unknown"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
