"""What was written down of recordings: every version, and what there is of one that was stopped.

A version belongs to the revision of the entry that holds its words; two may share one, when a second engine
heard the same. Segments are JSON arrays, `[start, end, text, confidence, [[start, end, text, confidence],
…]]`, the last for the words: an hour of speech with its words takes some 400 kB.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from diary.model.entry import EntryId
from diary.model.recording import TranscriptVersion
from diary.model.speech import Segment, Word
from diary.vault.connection import Database
from diary.vault.rows import clean, time_from_row, time_to_row

_Word = tuple[float, float, str, float]
_Segment = tuple[float, float, str, float, list[_Word]]
_ALL = "SELECT revision, engine, made, made_offset, segments FROM transcripts WHERE entry = ? ORDER BY id"
_NEWEST = "SELECT engine, segments FROM transcripts WHERE entry = ? ORDER BY id DESC LIMIT 1"


class Transcripts:
    """The transcripts of one vault. Writing goes into the transaction that is going on."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def add(self, entry: EntryId, revision: int, engine: str, segments: str) -> None:
        """Keep a version; a partial one is done with."""
        self._database.run(
            "INSERT INTO transcripts(entry, revision, engine, made, made_offset, segments) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (entry, revision, clean(engine), *time_to_row(self._now()), segments),
        )
        self._database.run("DELETE FROM partials WHERE entry = ?", (entry,))

    def all_of(self, entry: EntryId) -> list[TranscriptVersion]:
        """All versions, oldest first."""
        return [
            TranscriptVersion(
                revision=revision,
                engine=engine,
                made=time_from_row(made, offset),
                segments=segments_from_row(segments),
            )
            for revision, engine, made, offset, segments in self._database.rows(_ALL, (entry,))
        ]

    def newest(self, entry: EntryId) -> tuple[str, tuple[Segment, ...]] | None:
        """Engine and segments of the newest version."""
        row = self._database.row(_NEWEST, (entry,))
        return None if row is None else (row[0], segments_from_row(row[1]))

    def set_partial(self, entry: EntryId, segments: str, reached: float, engine: str) -> None:
        """Keep what there is of a version, in the place of what was kept before."""
        self._database.run(
            "INSERT OR REPLACE INTO partials(entry, engine, reached, segments) VALUES (?, ?, ?, ?)",
            (entry, clean(engine), reached, segments),
        )

    def partial(self, entry: EntryId) -> tuple[tuple[Segment, ...], float, str] | None:
        """What there is of a version: segments, seconds and the engine."""
        row = self._database.row("SELECT segments, reached, engine FROM partials WHERE entry = ?", (entry,))
        return None if row is None else (segments_from_row(row[0]), row[1], row[2])


def segments_to_row(segments: Sequence[Segment]) -> str:
    """A JSON array, half characters replaced."""
    rows = [
        (
            *(one.start, one.end, clean(one.text), one.confidence),
            [(word.start, word.end, clean(word.text), word.confidence) for word in one.words],
        )
        for one in segments
    ]
    return msgspec.json.encode(rows).decode()


def segments_from_row(segments: str) -> tuple[Segment, ...]:
    """The segments in their order."""
    return tuple(
        Segment(
            start=start,
            end=end,
            text=text,
            confidence=confidence,
            words=tuple(
                Word(start=begin, end=stop, text=word, confidence=sure) for begin, stop, word, sure in words
            ),
        )
        for start, end, text, confidence, words in msgspec.json.decode(segments, type=list[_Segment])
    )
