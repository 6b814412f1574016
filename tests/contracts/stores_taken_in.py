"""What every ledger of imports and every store of recordings must do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diary.errors import BatchNotFound, EntryNotFound
from diary.model.entry import BatchId, EntryChanges, EntryFilter, Kind, Transcript
from diary.model.speech import Segment
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import MORNING, words


class ImportsContract:
    def test_an_import_adds_in_order_and_is_listed(self, stores: Stores) -> None:
        outcome = stores.imports.add([words("b"), words("a")], format="jsonl", source="old.jsonl")
        assert [stores.entries.get(entry).text for entry in outcome.added] == ["b", "a"]
        assert outcome.duplicates == 0
        (batch,) = stores.imports.batches()
        assert (batch.id, batch.format, batch.source, batch.added) == (outcome.batch, "jsonl", "old.jsonl", 2)
        assert {entry.batch for entry in stores.entries.list(EntryFilter(batch=outcome.batch))} == {
            outcome.batch
        }

    def test_the_same_import_again_adds_nothing(self, stores: Stores) -> None:
        drafts = [words("a", source_id="1"), words("b")]
        stores.imports.add(drafts, format="jsonl", source="x")
        again = stores.imports.add(drafts, format="jsonl", source="x")
        assert (again.batch, again.added, again.duplicates) == (None, (), 2)
        assert len(stores.imports.batches()) == 1
        assert stores.entries.count() == 2

    def test_the_same_source_id_is_known_in_its_format_only(self, stores: Stores) -> None:
        stores.imports.add([words("a", source_id="1")], format="jsonl", source="x")
        edited = words("a, changed there since", source_id="1")
        assert stores.imports.known(edited, "jsonl")
        assert not stores.imports.known(edited, "markdown")

    def test_the_same_source_id_at_another_time_is_another_entry(self, stores: Stores) -> None:
        (entry,) = stores.imports.add([words("a", source_id="1")], format="jsonl", source="x").added
        other = words("from another file", source_id="1", days=1)
        assert not stores.imports.known(other, "jsonl")
        stores.entries.revise(entry, EntryChanges(happened=MORNING + timedelta(days=9)))
        assert stores.imports.known(words("a", source_id="1"), "jsonl")

    def test_the_same_words_at_the_same_time_are_two_entries_when_their_ids_differ(
        self, stores: Stores
    ) -> None:
        drafts = [words("yes", source_id="1"), words("yes", source_id="2")]
        assert len(stores.imports.add(drafts, format="jsonl", source="x").added) == 2
        assert stores.imports.add(drafts, format="jsonl", source="x").added == ()
        assert stores.imports.known(words("yes", source_id="3"), "markdown")

    def test_the_same_time_title_and_words_are_known_in_any_format(self, stores: Stores) -> None:
        stores.entries.add(words("typed here", title="T"))
        assert stores.imports.known(words("typed here", title="T", source_id="9"), "jrnl")
        assert not stores.imports.known(words("typed here"), "jrnl")
        assert not stores.imports.known(words("typed here", title="T", days=0.001), "jrnl")
        assert not stores.imports.known(words("Ttyped here", title=""), "jrnl")

    def test_what_was_edited_here_is_still_known_as_it_came(self, stores: Stores) -> None:
        (entry,) = stores.imports.add([words("as it came")], format="jrnl", source="x").added
        stores.entries.revise(entry, EntryChanges(text="as edited", happened=MORNING + timedelta(days=9)))
        assert stores.imports.known(words("as it came"), "jrnl")
        assert stores.imports.known(words("as edited", days=9), "jrnl")

    def test_the_same_words_twice_in_one_import_are_kept_once(self, stores: Stores) -> None:
        outcome = stores.imports.add([words("twice"), words("twice")], format="jrnl", source="x")
        assert (len(outcome.added), outcome.duplicates) == (1, 1)

    def test_two_entries_that_share_a_source_id_in_one_import_are_both_kept(self, stores: Stores) -> None:
        drafts = [words("one", source_id="1"), words("two", source_id="1")]
        assert len(stores.imports.add(drafts, format="jsonl", source="x").added) == 2

    def test_undo_removes_what_nobody_edited(self, stores: Stores) -> None:
        mine = stores.entries.add(words("mine"))
        outcome = stores.imports.add([words("a"), words("b"), words("c")], format="jrnl", source="x")
        assert outcome.batch is not None
        edited = stores.entries.revise(outcome.added[1], EntryChanges(text="b, edited"))
        assert stores.imports.undo(outcome.batch) == 2
        assert {entry.id for entry in stores.entries.list(EntryFilter())} == {mine.id, edited.id}
        assert stores.imports.batches() == []

    def test_an_import_is_undone_once(self, stores: Stores) -> None:
        outcome = stores.imports.add([words()], format="jrnl", source="x")
        assert outcome.batch is not None
        stores.imports.undo(outcome.batch)
        for gone in (outcome.batch, BatchId(99)):
            with pytest.raises(BatchNotFound):
                stores.imports.undo(gone)

    def test_what_was_deleted_or_undone_may_come_again(self, stores: Stores) -> None:
        draft = words("again", source_id="7")
        first = stores.imports.add([draft], format="jsonl", source="x")
        assert first.batch is not None
        stores.imports.undo(first.batch)
        second = stores.imports.add([draft], format="jsonl", source="x")
        stores.entries.delete(second.added[0])
        third = stores.imports.add([draft], format="jsonl", source="x")
        assert len(second.added) == len(third.added) == 1

    def test_the_latest_import_is_listed_first(self, stores: Stores) -> None:
        first = stores.imports.add([words("a")], format="jrnl", source="x").batch
        second = stores.imports.add([words("b")], format="jrnl", source="y").batch
        assert [batch.id for batch in stores.imports.batches()] == [second, first]


class RecordingStoreContract:
    @pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
    def test_a_recording_comes_back_byte_for_byte(self, stores: Stores, size: int) -> None:
        sound = bytes(number % 251 for number in range(size))
        entry = stores.recordings.keep(
            words("", kind=Kind.VOICE, transcript=Transcript.WAITING), sound, name="note.wav"
        )
        assert stores.recordings.sound(entry.id) == sound
        assert stores.entries.get(entry.id) == entry
        assert (entry.kind, entry.transcript) == (Kind.VOICE, Transcript.WAITING)

    def test_words_heard_replace_the_words_and_keep_the_ones_before(self, stores: Stores) -> None:
        draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING)
        entry = stores.recordings.keep(draft, b"sound", name="note.wav").id
        segments = [Segment(start=0.0, end=1.5, text="I slept well.", confidence=0.9)]
        stores.recordings.set_transcript(entry, "I slept well", Transcript.ROUGH, [], "rough")
        kept = stores.recordings.set_transcript(
            entry, "I slept well.", Transcript.TRANSCRIBED, segments, "whisper"
        )
        assert (kept.text, kept.transcript) == ("I slept well.", Transcript.TRANSCRIBED)
        assert stores.entries.get(entry) == kept
        assert [version.text for version in stores.entries.history(entry)] == [
            *("", "I slept well"),
            "I slept well.",
        ]

    def test_no_speech_changes_the_status_only(self, stores: Stores) -> None:
        draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING)
        entry = stores.recordings.keep(draft, b"sound", name="note.wav").id
        kept = stores.recordings.set_transcript(entry, "", Transcript.NO_SPEECH, [], "whisper")
        assert (kept.transcript, kept.revision) == (Transcript.NO_SPEECH, 1)

    def test_an_entry_without_a_recording_is_told(self, stores: Stores) -> None:
        typed = stores.entries.add(words())
        with pytest.raises(EntryNotFound):
            stores.recordings.sound(typed.id)
        with pytest.raises(EntryNotFound):
            stores.recordings.set_transcript(typed.id, "x", Transcript.TRANSCRIBED, [], "whisper")
        assert stores.entries.get(typed.id) == typed

    def test_a_recording_goes_with_its_entry(self, stores: Stores) -> None:
        entry = stores.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="note.wav").id
        stores.entries.delete(entry)
        with pytest.raises(EntryNotFound):
            stores.recordings.sound(entry)
