"""Nouns to rows and back: times, tags, entries, revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from diary.model.entry import BatchId, Entry, EntryFilter, EntryId, Kind, Revision, Transcript
from diary.vault.connection import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)

_COLUMNS = (
    "id, text, happened, happened_offset, written, written_offset, recorded, recorded_offset, "
    "revision, title, tags, starred, kind, source_id, metadata, batch, transcript"
)
ENTRY_COLUMNS = tuple(_COLUMNS.split(", "))
SELECT_ENTRY = f"SELECT {_COLUMNS} FROM entries"  # noqa: S608 - two constants

_HAS_TAG = "EXISTS (SELECT 1 FROM json_each(tags) WHERE casefold(value) = ?)"
"""Condition on entries; its value is the tag with its case folded."""


def clean(text: str) -> str:
    """The text with half characters (lone surrogates), which no file can hold, as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_or_none(text: str | None) -> str | None:
    """Likewise; nothing and no words are both None."""
    return clean(text) if text else None


def time_to_row(moment: datetime) -> tuple[int, int]:
    """Microseconds since 1970 UTC, and the UTC offset in seconds.

    :raises ValueError: when the time has no offset.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a time without its UTC offset")
    return (moment - _EPOCH) // _MICROSECOND, int(offset.total_seconds())


def time_from_row(microseconds: int, offset: int) -> datetime:
    """The aware time, with that fixed offset."""
    # By local time, which is always a date that Python knows; UTC may lie before year 1 or after 9999.
    local = _LOCAL_EPOCH + timedelta(microseconds=microseconds, seconds=offset)
    return local.replace(tzinfo=timezone(timedelta(seconds=offset)))


def tags_to_row(tags: Sequence[str]) -> str:
    """A JSON array."""
    return msgspec.json.encode([clean(tag) for tag in tags]).decode()


def tags_from_row(tags: str) -> tuple[str, ...]:
    """The tags in their order."""
    return msgspec.json.decode(tags, type=tuple[str, ...])


def entry_from_row(row: Row) -> Entry:
    """An entry from the columns of SELECT_ENTRY."""
    return Entry(
        id=EntryId(row[0]),
        text=row[1],
        happened=time_from_row(row[2], row[3]),
        written=time_from_row(row[4], row[5]),
        recorded=time_from_row(row[6], row[7]),
        revision=row[8],
        title=row[9],
        tags=tags_from_row(row[10]),
        starred=bool(row[11]),
        kind=Kind(row[12]),
        source_id=row[13],
        metadata=row[14],
        batch=None if row[15] is None else BatchId(row[15]),
        transcript=None if row[16] is None else Transcript(row[16]),
    )


def revision_from_row(row: Row) -> Revision:
    """A revision from (entry, number, made, offset, text, happened, offset, title, tags, starred)."""
    return Revision(
        entry=EntryId(row[0]),
        number=row[1],
        made=time_from_row(row[2], row[3]),
        text=row[4],
        happened=time_from_row(row[5], row[6]),
        title=row[7],
        tags=tags_from_row(row[8]),
        starred=bool(row[9]),
    )


def condition_of(chosen: EntryFilter) -> tuple[str, list[object]]:
    """The condition on entries that a filter is, and its values."""
    conditions: list[str] = ["1"]
    values: list[object] = []
    if chosen.range is not None and chosen.range.start is not None:
        conditions.append("happened_day >= ?")
        values.append(chosen.range.start.toordinal())
    if chosen.range is not None and chosen.range.end is not None:
        conditions.append("happened_day <= ?")
        values.append(chosen.range.end.toordinal())
    if chosen.tag is not None:
        conditions.append(_HAS_TAG)
        values.append(clean(chosen.tag).casefold())
    if chosen.kind is not None:
        conditions.append("kind = ?")
        values.append(chosen.kind.value)
    if chosen.starred:
        conditions.append("starred")
    if chosen.batch is not None:
        conditions.append("batch = ?")
        values.append(chosen.batch)
    if chosen.transcript is not None:
        conditions.append("transcript = ?")
        values.append(chosen.transcript.value)
    return " AND ".join(conditions), values
