"""Read what is unread, in small steps, until nothing is.

Idempotent and resumable: each step replaces what was read of its entries and marks them read, in one
transaction. Entries come in order of time, so that in a diary that is read at once the unit first written is
the unit first kept. What a rough draft says teaches nothing about units: nobody has confirmed it.
"""

from __future__ import annotations

from diary.model.entry import Entry, Transcript
from diary.model.observation import ObservationDraft
from diary.model.progress import Cancelled, Progress, Report, never, silent
from ingest.observations.fields import keys_of
from ingest.observations.reading import READER_VERSION, KnownUnits, read_observations
from ingest.ports import ObservationStore, ReadingState

BATCH_ENTRIES = 128


def read_pending(store: ObservationStore, *, report: Report = silent, cancelled: Cancelled = never) -> int:
    """Read every unread entry; the number of entries read. Stopping keeps what is done."""
    if store.read_only:
        return 0
    store.use_reader(READER_VERSION)
    total = store.unread_count()
    done = 0
    while not cancelled():
        entries = store.unread(limit=BATCH_ENTRIES)
        if not entries:
            break
        known = known_units(store, *(entry.text for entry in entries))
        store.record([(entry, _read(entry, known)) for entry in entries])
        done += len(entries)
        report(Progress("read", done, max(total, done)))
    return done


def read_one(store: ObservationStore, entry: Entry) -> tuple[ObservationDraft, ...]:
    """Read an entry that was just kept or changed, whatever else is unread; what it says."""
    store.use_reader(READER_VERSION)
    drafts = _read(entry, known_units(store, entry.text))
    store.record([(entry, drafts)])
    return drafts


def known_units(store: ReadingState, *texts: str) -> KnownUnits:
    """The units that the keys of these texts are kept in."""
    return KnownUnits(store.units([key for text in texts for key in keys_of(text)]))


def _read(entry: Entry, known: KnownUnits) -> tuple[ObservationDraft, ...]:
    apart = known.copy() if entry.transcript is Transcript.ROUGH else known
    return read_observations(entry.text, apart)
