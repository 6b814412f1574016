"""What every store must tell of what is old, and erase of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diary.errors import EntryNotFound
from diary.model.entry import EntryChanges, EntryFilter, Kind, Transcript
from diary.model.retention import Aged
from diary.model.speech import Segment
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words

LONG_AGO = timedelta(days=4000)


class AgeingStoreContract:
    def test_an_entry_counts_from_its_day_or_from_its_coming_whichever_is_later(self, stores: Stores) -> None:
        about_long_ago = stores.entries.add(words("old", days=-4000))
        about_later = stores.entries.add(words("later", days=4000))
        assert stores.ageing.entries(about_long_ago.recorded - timedelta(microseconds=1)) == []
        assert stores.ageing.entries(about_long_ago.recorded) == [
            Aged(entry=about_long_ago.id, since=about_long_ago.recorded)
        ]
        assert [one.entry for one in stores.ageing.entries(about_later.happened)] == [
            about_long_ago.id,
            about_later.id,
        ]

    def test_a_version_counts_from_when_the_next_took_its_place(self, stores: Stores) -> None:
        entry = stores.entries.add(words("one")).id
        for text in ("two", "three"):
            stores.entries.revise(entry, EntryChanges(text=text))
        _, second, third = stores.entries.history(entry)
        assert stores.ageing.versions(second.made - timedelta(microseconds=1)) == []
        assert stores.ageing.versions(third.made) == [
            Aged(entry=entry, since=second.made, version=1),
            Aged(entry=entry, since=third.made, version=2),
        ]
        assert stores.ageing.versions(third.made + LONG_AGO) == stores.ageing.versions(third.made)

    def test_entries_that_are_erased_are_gone_and_counted_once(self, stores: Stores) -> None:
        first, second = stores.entries.add(words("a")), stores.entries.add(words("b"))
        aged = stores.ageing.entries(second.recorded)
        assert stores.ageing.erase(aged[:1]) == 1
        assert stores.ageing.erase(aged) == 1
        assert stores.ageing.erase([]) == 0
        assert stores.entries.list(EntryFilter()) == []
        with pytest.raises(EntryNotFound):
            stores.entries.get(first.id)

    def test_what_is_condensed_keeps_its_place_and_what_is_left_of_its_words(self, stores: Stores) -> None:
        draft = words(
            "long story", title="A day", tags=("knee",), starred=True, metadata="found: in a drawer"
        )
        entry = stores.entries.add(draft)
        stores.entries.revise(entry.id, EntryChanges(text="longer story"))
        aged = stores.ageing.to_condense(draft.happened + LONG_AGO)
        assert stores.ageing.condense(aged, lambda text: text.split()[0]) == 1
        left = stores.entries.get(entry.id)
        assert (left.text, left.title, left.metadata, left.kind) == ("longer", None, None, Kind.CONDENSED)
        assert (left.happened, left.tags, left.starred) == (draft.happened, ("knee",), True)
        assert [version.text for version in stores.entries.history(entry.id)] == ["longer"]
        assert stores.ageing.to_condense(draft.happened + LONG_AGO) == []
        assert [one.entry for one in stores.ageing.entries(draft.happened + LONG_AGO)] == [entry.id]

    def test_new_words_in_what_was_condensed_are_condensed_in_their_turn(self, stores: Stores) -> None:
        entry = stores.entries.add(words("long story"))
        late = entry.recorded + LONG_AGO
        stores.ageing.condense(stores.ageing.to_condense(late), lambda _: "")
        stores.entries.revise(entry.id, EntryChanges(starred=True))
        assert stores.ageing.to_condense(late) == []
        assert stores.entries.revise(entry.id, EntryChanges(text="more")).kind is Kind.NOTE
        assert [one.entry for one in stores.ageing.to_condense(late)] == [entry.id]

    def test_what_is_gone_meanwhile_is_not_condensed(self, stores: Stores) -> None:
        first, second = stores.entries.add(words("a")), stores.entries.add(words("b"))
        aged = stores.ageing.to_condense(second.recorded)
        stores.entries.delete(first.id)
        assert stores.ageing.condense(aged, lambda text: text) == 1

    def test_older_versions_are_erased_and_the_newest_stays(self, stores: Stores) -> None:
        entry = stores.entries.add(words("one")).id
        for text in ("two", "three"):
            stores.entries.revise(entry, EntryChanges(text=text))
        newest = stores.entries.get(entry)
        first, _ = stores.ageing.versions(newest.recorded + LONG_AGO)
        assert stores.ageing.erase([first]) == 1
        assert [version.number for version in stores.entries.history(entry)] == [2, 3]
        assert stores.ageing.erase(stores.ageing.versions(newest.recorded + LONG_AGO)) == 1
        assert [version.text for version in stores.entries.history(entry)] == ["three"]
        assert stores.entries.get(entry) == newest
        assert stores.entries.revise(entry, EntryChanges(text="four")).revision == 4

    def test_what_was_heard_last_stays_with_its_sound(self, stores: Stores) -> None:
        draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING)
        entry = stores.recordings.keep(draft, b"sound", name="a.wav").id
        heard = [Segment(start=0, end=1, text="Heard.", confidence=1)]
        stores.recordings.set_transcript(entry, "Heard.", Transcript.TRANSCRIBED, heard, "whisper")
        stores.entries.revise(entry, EntryChanges(text="Corrected."))
        assert stores.ageing.erase(stores.ageing.versions(draft.happened + LONG_AGO)) == 2
        assert stores.recordings.heard(entry)[1] == tuple(heard)

    def test_nothing_is_left_to_finish(self, stores: Stores) -> None:
        assert stores.ageing.finish()
