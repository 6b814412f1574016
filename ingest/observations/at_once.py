"""Reading what was just written, for those who must not wait: a text without a field imports nothing."""

from __future__ import annotations

from contextlib import suppress

from diary.errors import DiaryError
from diary.model.entry import Entry
from diary.model.observation import ObservationDraft
from ingest.observations import MARK
from ingest.ports import ObservationStore, ReadingState


def read_at_once(store: ObservationStore, entry: Entry) -> None:
    """Read an entry that was just kept or changed; its words are safe, whatever happens here.

    What cannot be recorded now, when the disk is full for instance, is read before the next question.
    """
    if MARK not in entry.text:
        return  # what was read of other words went with them
    from ingest.observations.pending import read_one

    with suppress(DiaryError):
        read_one(store, entry)


def preview(store: ReadingState, text: str) -> tuple[ObservationDraft, ...]:
    """What would be read of a text if it were kept now."""
    if MARK not in text:
        return ()
    from ingest.observations.pending import known_units
    from ingest.observations.reading import read_observations

    return read_observations(text, known_units(store, text))
