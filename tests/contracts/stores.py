"""What every store of entries and drafts must do, whether it keeps them in memory or in the vault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from diary.errors import EntryNotFound
from diary.model.entry import EntryChanges, EntryFilter, EntryId, Kind, Transcript
from diary.model.time_range import TimeRange
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import MORNING, words


class EntryStoreContract:
    def test_an_entry_comes_back_as_it_was_given(self, stores: Stores) -> None:
        given = words(
            "Naïve café — 頭痛, \x00 and 🙂.\n\nSecond paragraph.\r\n",
            title="Doctor's visit",
            tags=("Migraine", "work/late"),
            starred=True,
            kind=Kind.VOICE,
            source_id="abc-1",
            metadata="key: 'value'\n",
            transcript=Transcript.ROUGH,
            written=MORNING + timedelta(hours=3),
        )
        kept = stores.entries.add(given)
        assert kept == stores.entries.get(kept.id)
        for field in (
            *("text", "title", "tags", "starred", "kind"),
            *("source_id", "metadata", "transcript"),
        ):
            assert getattr(kept, field) == getattr(given, field)
        assert (kept.happened, kept.written, kept.revision, kept.batch) == (
            given.happened,
            given.written,
            1,
            None,
        )

    @pytest.mark.parametrize(
        "moment",
        [
            MORNING,
            datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
            datetime(1666, 9, 2, 3, 0, tzinfo=timezone(-timedelta(minutes=1, seconds=15))),
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        ],
    )
    def test_a_time_keeps_its_instant_and_its_offset(self, stores: Stores, moment: datetime) -> None:
        kept = stores.entries.get(stores.entries.add(words(happened=moment)).id)
        assert kept.happened == moment
        assert kept.happened.utcoffset() == moment.utcoffset()
        assert kept.happened.date() == moment.date()

    def test_recorded_is_when_the_store_took_it(self, stores: Stores) -> None:
        first, second = stores.entries.add(words()), stores.entries.add(words())
        assert first.recorded < second.recorded
        assert first.recorded.utcoffset() is not None

    def test_an_empty_title_is_no_title(self, stores: Stores) -> None:
        assert stores.entries.add(words(title="")).title is None

    def test_entries_are_listed_latest_happened_first(self, stores: Stores) -> None:
        middle = stores.entries.add(words(days=1)).id
        latest = stores.entries.add(words(days=2)).id
        first = stores.entries.add(words(days=0)).id
        # Half past seven in the morning, but five hours later as an instant.
        west = stores.entries.add(
            words(happened=MORNING.replace(tzinfo=timezone(timedelta(hours=-3))) + timedelta(days=1))
        ).id
        assert [entry.id for entry in stores.entries.list(EntryFilter())] == [latest, west, middle, first]
        assert [entry.id for entry in stores.entries.list(EntryFilter(), limit=2, offset=1)] == [west, middle]
        assert stores.entries.list(EntryFilter(), limit=0) == []
        assert [entry.id for entry in stores.entries.list(EntryFilter(), offset=3)] == [first]
        assert stores.entries.count() == 4

    def test_a_filter_lists_what_matches(self, stores: Stores) -> None:
        plain = stores.entries.add(words(days=0)).id
        tagged = stores.entries.add(words(days=1, tags=("Über", "x"), starred=True)).id
        voice = stores.entries.add(words(days=2, kind=Kind.VOICE, transcript=Transcript.WAITING)).id
        days = TimeRange(date(2026, 5, 9), date(2026, 5, 9))

        def found(**chosen: object) -> list[EntryId]:
            return [entry.id for entry in stores.entries.list(EntryFilter(**chosen))]  # type: ignore[arg-type]

        assert found(range=days) == [tagged]
        assert found(range=TimeRange(date(2026, 5, 9), None)) == [voice, tagged]
        assert found(range=TimeRange(None, date(2026, 5, 8))) == [plain]
        assert found(tag="über") == found(tag="ÜBER") == [tagged]
        assert found(tag="Ü") == []
        assert found(starred=True) == [tagged]
        assert found(kind=Kind.VOICE) == [voice]
        assert found(kind=Kind.VOICE, starred=True) == []
        assert found(transcript=Transcript.WAITING) == [voice]
        assert found(transcript=Transcript.ROUGH) == []

    def test_a_range_is_of_local_days(self, stores: Stores) -> None:
        late = stores.entries.add(
            words(happened=datetime(2026, 5, 8, 23, 30, tzinfo=timezone(timedelta(hours=-5))))
        )
        assert late.happened.astimezone(UTC).date() == date(2026, 5, 9)
        found = stores.entries.list(EntryFilter(range=TimeRange(date(2026, 5, 8), date(2026, 5, 8))))
        assert [entry.id for entry in found] == [late.id]

    def test_a_number_that_is_not_there_is_told(self, stores: Stores) -> None:
        missing = EntryId(77)
        for act in (stores.entries.get, stores.entries.delete, stores.entries.history):
            with pytest.raises(EntryNotFound):
                act(missing)
        with pytest.raises(EntryNotFound):
            stores.entries.revise(missing, EntryChanges(text="x"))

    def test_a_number_is_never_used_again(self, stores: Stores) -> None:
        first = stores.entries.add(words()).id
        stores.entries.delete(first)
        assert stores.entries.add(words()).id > first


class EntryEditorContract:
    def test_an_edit_changes_what_it_names_and_nothing_else(self, stores: Stores) -> None:
        before = stores.entries.add(words(title="Old", tags=("a",), starred=True))
        after = stores.entries.revise(before.id, EntryChanges(text="New words."))
        assert after == replace(before, text="New words.", revision=2)
        assert stores.entries.get(before.id) == after

    def test_every_field_can_be_edited(self, stores: Stores) -> None:
        entry = stores.entries.add(words(title="Old", tags=("a",), starred=True)).id
        later = MORNING + timedelta(days=3)
        changes = EntryChanges(text="b", title="", tags=("c", "d"), starred=False, happened=later)
        after = stores.entries.revise(entry, changes)
        assert (after.text, after.title, after.tags, after.starred, after.happened) == (
            *("b", None, ("c", "d"), False),
            later,
        )

    def test_an_edit_that_changes_nothing_makes_no_version(self, stores: Stores) -> None:
        before = stores.entries.add(words())
        assert stores.entries.revise(before.id, EntryChanges(text=before.text, title="")) == before
        assert len(stores.entries.history(before.id)) == 1

    def test_the_history_has_every_version_oldest_first(self, stores: Stores) -> None:
        entry = stores.entries.add(words("one", tags=("t",)))
        stores.entries.revise(entry.id, EntryChanges(text="two", title="T"))
        stores.entries.revise(entry.id, EntryChanges(starred=True))
        history = stores.entries.history(entry.id)
        assert [version.number for version in history] == [1, 2, 3]
        assert [version.text for version in history] == ["one", "two", "two"]
        assert [version.title for version in history] == [None, "T", "T"]
        assert [version.starred for version in history] == [False, False, True]
        assert history[0].tags == ("t",)
        assert history[0].made == entry.recorded < history[1].made < history[2].made

    def test_a_deleted_entry_is_gone_with_its_history(self, stores: Stores) -> None:
        kept, gone = stores.entries.add(words("stays")), stores.entries.add(words("goes"))
        stores.entries.revise(gone.id, EntryChanges(text="goes, edited"))
        stores.entries.delete(gone.id)
        assert stores.entries.list(EntryFilter()) == [kept]
        with pytest.raises(EntryNotFound):
            stores.entries.history(gone.id)


class DraftStoreContract:
    def test_a_slot_holds_what_was_saved_last(self, stores: Stores) -> None:
        stores.drafts.save("new", "I fe")
        stores.drafts.save("entry 3", "edited", entry=EntryId(3))
        stores.drafts.save("new", "I feel better")
        newest, older = stores.drafts.list()
        assert (newest.slot, newest.text, newest.entry) == ("new", "I feel better", None)
        assert (older.slot, older.text, older.entry) == ("entry 3", "edited", 3)
        assert newest.saved > older.saved

    def test_a_discarded_slot_is_empty(self, stores: Stores) -> None:
        stores.drafts.save("new", "x")
        stores.drafts.discard("new")
        stores.drafts.discard("never used")
        assert stores.drafts.list() == []
