"""What every store of observations must do: written, read, forgotten with the words they were read from."""

from __future__ import annotations

from datetime import date

from diary.model.entry import Entry, EntryChanges, Kind, Transcript
from diary.model.observation import ObservationDraft
from diary.model.time_range import TimeRange
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words


def said(key: str, value: float | None = 1.0, unit: str = "", **fields: str) -> ObservationDraft:
    return ObservationDraft(key=key, start=0, end=5, written="as written", value=value, unit=unit, **fields)


def recorded(stores: Stores, *drafts: ObservationDraft, days: float = 0) -> Entry:
    entry = stores.entries.add(words(days=days, source_id=f"s{days}"))
    stores.observations.record([(entry, drafts)])
    return entry


def values(stores: Stores, key: str) -> list[float | None]:
    return [one.value for one in stores.observations.observations(key)]


class ObservationsContract:
    def test_what_is_recorded_comes_back_with_its_entrys_time(self, stores: Stores) -> None:
        drafts = [said("bp", 124.0, "mmHg", part="systolic"), said("bp", 79.0, "mmHg", part="diastolic")]
        entry = recorded(stores, *drafts, said("med", None, name="sertraline"))
        first, second = stores.observations.observations("BP")
        assert (first.part, first.value, second.part, second.value) == ("systolic", 124.0, "diastolic", 79.0)
        assert (first.entry, first.source_id, first.happened) == (entry.id, "s0", entry.happened)
        assert first.happened.utcoffset() == entry.happened.utcoffset()
        assert (first.start, first.end, first.written, first.unit) == (0, 5, "as written", "mmHg")
        (med,) = stores.observations.observations("med")
        assert (med.value, med.name, med.day) == (None, "sertraline", entry.happened.date())

    def test_observations_come_in_order_of_time_and_inside_a_range(self, stores: Stores) -> None:
        for day, value in ((3, 3.0), (1, 1.0), (2, 2.0)):
            recorded(stores, said("sleep", value), days=day)
        assert values(stores, "sleep") == [1.0, 2.0, 3.0]
        within = TimeRange(date(2026, 5, 10), date(2026, 5, 11))
        assert [one.value for one in stores.observations.observations("sleep", within)] == [2.0, 3.0]
        until = TimeRange(None, date(2026, 5, 9))
        assert [one.value for one in stores.observations.observations("sleep", until)] == [1.0]

    def test_keys_are_counted_most_used_first(self, stores: Stores) -> None:
        assert stores.observations.keys() == {}
        recorded(stores, said("pain"), said("sleep"), said("sleep"), said("mood"))
        assert list(stores.observations.keys().items()) == [("sleep", 2), ("mood", 1), ("pain", 1)]

    def test_what_is_new_is_unread_earliest_happened_first(self, stores: Stores) -> None:
        late, early = stores.entries.add(words(days=2)), stores.entries.add(words(days=1))
        imported = stores.imports.add([words("c", days=3)], format="jrnl", source="x")
        assert [one.id for one in stores.observations.unread(limit=9)] == [early.id, late.id, *imported.added]
        assert stores.observations.unread(limit=1) == [early]
        stores.observations.record([(early, ())])
        assert stores.observations.unread_count() == 2

    def test_an_edit_of_the_words_takes_what_was_read_of_them_and_is_unread(self, stores: Stores) -> None:
        entry = recorded(stores, said("pain"))
        edited = stores.entries.revise(entry.id, EntryChanges(text="no more"))
        assert stores.observations.keys() == {}
        assert stores.observations.unread(limit=9) == [edited]

    def test_an_edit_beside_the_words_leaves_what_was_read_of_them(self, stores: Stores) -> None:
        entry = recorded(stores, said("pain"))
        moved = stores.entries.revise(
            entry.id, EntryChanges(title="x", starred=True, happened=entry.happened.replace(year=2027))
        )
        (one,) = stores.observations.observations("pain")
        assert one.happened == moved.happened
        assert stores.observations.unread_count() == 0

    def test_recording_again_replaces(self, stores: Stores) -> None:
        entry = recorded(stores, said("pain", 1.0), said("mood", 2.0))
        stores.observations.record([(entry, [said("pain", 3.0)])])
        assert stores.observations.keys() == {"pain": 1}
        assert values(stores, "pain") == [3.0]

    def test_an_entry_revised_or_deleted_meanwhile_is_left_alone(self, stores: Stores) -> None:
        revised, deleted = stores.entries.add(words("a")), stores.entries.add(words("b"))
        stores.entries.revise(revised.id, EntryChanges(text="changed"))
        stores.entries.delete(deleted.id)
        stores.observations.record([(revised, [said("pain")]), (deleted, [said("pain")])])
        assert stores.observations.keys() == {}
        assert [one.id for one in stores.observations.unread(limit=9)] == [revised.id]

    def test_a_deleted_entry_takes_its_observations(self, stores: Stores) -> None:
        entry = recorded(stores, said("pain"))
        stores.entries.delete(entry.id)
        assert stores.observations.keys() == {}
        assert stores.observations.unread_count() == 0

    def test_a_rough_draft_counts_only_when_it_is_confirmed(self, stores: Stores) -> None:
        voice = stores.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav")
        rough = stores.recordings.set_transcript(voice.id, "pain:: 4 kg", Transcript.ROUGH, [], "rough")
        stores.observations.record([(rough, [said("pain", 4.0, "kg")])])
        assert stores.observations.keys() == {}
        assert values(stores, "pain") == []
        assert stores.observations.units(["pain"]) == []
        stores.recordings.set_transcript(voice.id, "pain:: 4 kg", Transcript.TRANSCRIBED, [], "good")
        assert values(stores, "pain") == [4.0]
        assert stores.observations.units(["pain"]) == [("pain", "", "kg")]

    def test_another_reader_reads_everything_again(self, stores: Stores) -> None:
        stores.observations.use_reader(1)
        entry = recorded(stores, said("pain"))
        stores.observations.use_reader(1)
        assert stores.observations.unread_count() == 0
        stores.observations.use_reader(2)
        assert stores.observations.keys() == {}
        assert stores.observations.unread(limit=9) == [entry]

    def test_units_are_told_by_key_and_name_first_kept_first(self, stores: Stores) -> None:
        recorded(stores, said("run", 5.0, "km"), said("run", 2.0, "km"), said("walk", 1.0, "mi"), days=2)
        recorded(stores, said("run", 30.0, "min"), said("run", 3.0), said("run", None, "x"), days=1)
        recorded(stores, said("med", 50.0, "mg", name="a"), said("med", 5.0, "mcg", name="b"))
        assert stores.observations.units(["run"]) == [("run", "", "km"), ("run", "", "min")]
        assert stores.observations.units(["med", "none"]) == [("med", "a", "mg"), ("med", "b", "mcg")]
        assert stores.observations.units([]) == []
