"""Reading what is unread: resumable, in order of time, and what a session does about it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.model.entry import Entry, EntryChanges, Kind, Transcript
from diary.model.progress import Progress
from diary.session import Engines, Session
from ingest.observations import pending
from ingest.observations.at_once import preview
from ingest.observations.pending import read_one, read_pending
from tests.fakes.models import FakeEmbedder
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.fakes.stores import FakeStores, TickingClock, fake_stores
from tests.unit.vault.fresh import fresh_vault, words


@pytest.fixture
def stores() -> FakeStores:
    return fake_stores()


def values(stores: FakeStores, key: str) -> list[tuple[float | None, str]]:
    return [(one.value, one.unit) for one in stores.observations.observations(key)]


def test_everything_unread_is_read_earliest_first(stores: FakeStores) -> None:
    stores.entries.add(words("swim:: 1 mi", days=2))
    stores.entries.add(words("swim:: 2 km", days=1))
    seen: list[Progress] = []
    assert read_pending(stores.observations, report=seen.append) == 2
    assert values(stores, "swim") == [(2.0, "km"), (1.609344, "km")]
    assert [(one.done, one.total) for one in seen] == [(2, 2)]
    assert read_pending(stores.observations) == 0


def test_reading_stops_between_steps_and_goes_on_where_it_stopped(
    stores: FakeStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "BATCH_ENTRIES", 2)
    for day in range(5):
        stores.entries.add(words(f"pain:: {day}/10", days=day))
    asked: Iterator[bool] = iter([False, True])
    assert read_pending(stores.observations, cancelled=lambda: next(asked)) == 2
    assert values(stores, "pain") == [(0.0, "/10"), (1.0, "/10")]
    assert read_pending(stores.observations) == 3
    assert len(values(stores, "pain")) == 5


def test_a_better_reader_reads_everything_again(stores: FakeStores, monkeypatch: pytest.MonkeyPatch) -> None:
    stores.entries.add(words("pain:: 3/10"))
    read_pending(stores.observations)
    monkeypatch.setattr(pending, "READER_VERSION", pending.READER_VERSION + 1)
    assert read_pending(stores.observations) == 1
    assert values(stores, "pain") == [(3.0, "/10")]


def test_the_unit_of_a_metric_outlives_the_reading(stores: FakeStores) -> None:
    stores.entries.add(words("swim:: 2 km", days=5))
    read_pending(stores.observations)
    (swim,) = read_one(stores.observations, stores.entries.add(words("swim:: 500 m", days=1)))
    assert (swim.value, swim.unit) == (0.5, "km")
    assert [one.value for one in preview(stores.observations, "swim:: 250 m")] == [0.25]
    assert len(values(stores, "swim")) == 2


def test_a_rough_draft_teaches_no_unit(stores: FakeStores) -> None:
    stores.entries.add(words("swim:: 2 mi", kind=Kind.VOICE, transcript=Transcript.ROUGH))
    stores.entries.add(words("swim:: 500 m", days=1))
    read_pending(stores.observations)
    assert values(stores, "swim") == [(500.0, "m")]


def test_the_vault_is_read_as_the_fake_is(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words("sleep:: 6h40m; bp:: 131/84"))
        assert read_pending(vault.observations) == 1
        assert vault.observations.keys() == {"bp": 2, "sleep": 1}
        (sleep,) = vault.observations.observations("sleep")
        assert entry.text[sleep.start : sleep.end] == "sleep:: 6h40m"


@pytest.fixture
def session(stores: FakeStores) -> Session:
    engines = Engines(
        embedder=FakeEmbedder(),
        language_model=None,
        transcriber=FakeTranscriber(),
        rough_transcriber=FakeTranscriber(),
        sound=FakeSoundDevices(),
    )
    return Session(stores, engines, close=lambda: None, now=TickingClock())


def test_what_is_written_and_edited_is_read_at_once(session: Session, stores: FakeStores) -> None:
    entry: Entry = session.write("pain:: 3/10")
    assert values(stores, "pain") == [(3.0, "/10")]
    session.edit(entry.id, EntryChanges(text="pain:: 4/10, mood:: 6"))
    assert values(stores, "pain") == [(4.0, "/10")]
    session.edit(entry.id, EntryChanges(text="nothing of it"))
    assert stores.observations.keys() == {}


def test_a_preview_keeps_nothing(session: Session, stores: FakeStores) -> None:
    (one,) = session.observations_in("A bad knee, pain:: 3/10.")
    assert (one.key, one.value, one.unit, one.start, one.end) == ("pain", 3.0, "/10", 12, 23)
    assert session.observations_in("no field") == ()
    assert stores.observations.keys() == {}
    assert stores.entries.count() == 0


def test_writing_without_a_field_imports_no_reader() -> None:
    script = (
        "import sys, diary.session\n"
        "sys.exit('ingest.observations.fields' in sys.modules or 'pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
