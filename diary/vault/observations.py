"""Observations: what was read as `key:: value`, by entry, and which entries were not read yet.

An entry is *unread* from the moment its words are kept or changed until what they say was recorded; what was
read of the words before goes in the same transaction that changes them, so a number never rests on words that
are no longer there. What is recorded can be read again from the words, so it is not forced to the disk.

Time and source id are the entry's own, joined when read: an entry moved to another day takes its observations
along. Rough drafts of recordings are left out until somebody confirms them, though what they say is recorded.

Not here: how a value is read (`ingest.observations`).
"""

from __future__ import annotations

from collections.abc import Sequence

from diary.model.entry import Entry, EntryId, Transcript
from diary.model.observation import Observation, ObservationDraft
from diary.model.time_range import TimeRange
from diary.vault.connection import Database, Row
from diary.vault.rows import SELECT_ENTRY, clean, entry_from_row, tags_to_row, time_from_row
from diary.vault.settings import reader_version, set_reader_version

_CONFIRMED = f"e.transcript IS NOT '{Transcript.ROUGH.value}'"
_KEYS = f"""
    SELECT o.key, count(*) FROM observations o JOIN entries e ON e.id = o.entry
    WHERE {_CONFIRMED} GROUP BY o.key ORDER BY 2 DESC, 1
"""  # noqa: S608 - constants only
_OF_KEY = f"""
    SELECT o.key, o.part, o.start, o."end", o.written, o.value, o.unit, o.name,
        o.entry, e.source_id, e.happened, e.happened_offset
    FROM observations o JOIN entries e ON e.id = o.entry
    WHERE o.key = ? AND {_CONFIRMED} AND e.happened_day BETWEEN ? AND ?
    ORDER BY e.happened, e.id, o.ordinal
"""  # noqa: S608 - constants only
_UNITS = f"""
    SELECT o.key, o.name, o.unit FROM observations o JOIN entries e ON e.id = o.entry
    WHERE o.key IN (SELECT value FROM json_each(?)) AND o.value IS NOT NULL AND o.unit <> '' AND {_CONFIRMED}
    GROUP BY o.key, o.name, o.unit ORDER BY min(o.id)
"""  # noqa: S608 - constants only
_UNREAD = (
    f"{SELECT_ENTRY} WHERE id IN "  # noqa: S608 - constants only
    "(SELECT entry FROM unread ORDER BY happened, entry LIMIT ?) ORDER BY happened, id"
)
_INSERT = """
    INSERT INTO observations(entry, ordinal, key, part, start, "end", written, value, unit, name)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_FIRST_DAY, _LAST_DAY = 1, 3652059  # proleptic ordinals of year 1 and year 9999


class Observations:
    """The ObservationReader of `retrieval`, and the ObservationWriter and ReadingState of `ingest`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written where the vault lies."""
        return self._database.read_only

    # Reading

    def keys(self) -> dict[str, int]:
        """Every key in the diary, and how many observations it has; most used first."""
        return {row[0]: row[1] for row in self._database.rows(_KEYS)}

    def observations(self, key: str, within: TimeRange | None = None) -> list[Observation]:
        """The observations of a key, in order of time; all their parts."""
        start = within.start.toordinal() if within and within.start else _FIRST_DAY
        end = within.end.toordinal() if within and within.end else _LAST_DAY
        return [
            _observation(row) for row in self._database.rows(_OF_KEY, (clean(key).casefold(), start, end))
        ]

    # Writing

    def use_reader(self, version: int) -> None:
        """Name the reader's version; another than before forgets what was read and makes all unread."""
        if reader_version(self._database) == version:
            return
        with self._database.transaction(lasting=False):
            self._database.run("DELETE FROM observations")
            self._database.run("DELETE FROM unread")
            self._database.run("INSERT INTO unread(happened, entry) SELECT happened, id FROM entries")
            set_reader_version(self._database, version)

    def unread(self, *, limit: int) -> list[Entry]:
        """Entries whose newest words were not read for observations yet, earliest happened first."""
        return [entry_from_row(row) for row in self._database.rows(_UNREAD, (limit,))]

    def record(self, read: Sequence[tuple[Entry, Sequence[ObservationDraft]]]) -> None:
        """Put these in the place of the entries' observations, and mark those entries read.

        One transaction. An entry deleted or revised meanwhile is left alone.
        """
        with self._database.transaction(lasting=False):
            for entry, drafts in read:
                row = self._database.row("SELECT revision FROM entries WHERE id = ?", (entry.id,))
                if row is None or row[0] != entry.revision:
                    continue
                self._database.run("DELETE FROM observations WHERE entry = ?", (entry.id,))
                self._database.run("DELETE FROM unread WHERE entry = ?", (entry.id,))
                values = [_values(entry.id, ordinal, draft) for ordinal, draft in enumerate(drafts)]
                self._database.run_many(_INSERT, values)

    def unread_count(self) -> int:
        """How many entries were not read yet."""
        row = self._database.row("SELECT count(*) FROM unread")
        return int(row[0]) if row else 0

    def units(self, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        """The units that values of these keys are kept in, as (key, name, unit), the first kept first."""
        return [(row[0], row[1], row[2]) for row in self._database.rows(_UNITS, (tags_to_row(keys),))]


def read_anew(database: Database, entry: EntryId) -> None:
    """Forget what was read of the entry and have it read, inside the transaction that changes its words."""
    database.run("DELETE FROM observations WHERE entry = ?", (entry,))
    database.run("DELETE FROM unread WHERE entry = ?", (entry,))
    database.run(
        "INSERT INTO unread(happened, entry) SELECT happened, id FROM entries WHERE id = ?", (entry,)
    )


def _values(entry: EntryId, ordinal: int, draft: ObservationDraft) -> tuple[object, ...]:
    return (
        *(entry, ordinal, clean(draft.key), draft.part, draft.start, draft.end),
        *(clean(draft.written), draft.value, clean(draft.unit), clean(draft.name)),
    )


def _observation(row: Row) -> Observation:
    return Observation(
        key=row[0],
        part=row[1],
        start=row[2],
        end=row[3],
        written=row[4],
        value=row[5],
        unit=row[6],
        name=row[7],
        entry=EntryId(row[8]),
        source_id=row[9],
        happened=time_from_row(row[10], row[11]),
    )
