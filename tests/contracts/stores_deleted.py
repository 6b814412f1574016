"""What every store of deleted entries must do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from diary.errors import AttachmentNotFound, EntryNotFound
from diary.model.entry import EntryChanges, EntryFilter, EntryId, Kind, Transcript
from diary.model.passage import PassageDraft
from diary.model.speech import Segment
from tests.contracts.stores_attachments import file
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words

MONTH = timedelta(days=30)
HEARD = [Segment(start=0.5, end=1.25, text="Slept badly.", confidence=0.75)]


def spoken(stores: Stores) -> EntryId:
    """A starred voice entry with two versions, sound, and what was heard."""
    draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING, tags=("sleep",), starred=True)
    entry = stores.recordings.keep(draft, b"sound" * 9000, name="note.wav").id
    stores.recordings.set_transcript(entry, "Slept badly.", Transcript.TRANSCRIBED, HEARD, "whisper")
    stores.entries.revise(entry, EntryChanges(text="Slept badly indeed.", title="Night"))
    return entry


def all_of(stores: Stores, entry: EntryId) -> tuple[object, ...]:
    """Everything that is kept of it."""
    attached = stores.attachments.of(entry)
    return (
        stores.entries.get(entry),
        stores.entries.history(entry),
        stores.recordings.sound(entry),
        stores.recordings.heard(entry),
        stores.recordings.transcripts(entry),
        attached,
        [b"".join(stores.attachments.content(one.id)) for one in attached],
    )


class DeletedStoreContract:
    def test_what_is_taken_out_is_in_no_list_and_can_be_told(self, stores: Stores) -> None:
        kept, gone = stores.entries.add(words("stays")), stores.entries.add(words("goes", title="T"))
        deleted = stores.deleted.take_out(gone.id, kept_for=MONTH)
        assert (deleted.entry, deleted.until) == (gone, deleted.removed + MONTH)
        assert deleted.until.utcoffset() == deleted.removed.utcoffset() is not None
        assert deleted.removed > gone.recorded
        assert stores.deleted.list() == [deleted]
        assert stores.entries.list(EntryFilter()) == [kept]
        assert stores.entries.count() == 1
        for act in (stores.entries.get, stores.entries.history, stores.entries.delete):
            with pytest.raises(EntryNotFound):
                act(gone.id)
        with pytest.raises(EntryNotFound):
            stores.deleted.take_out(gone.id, kept_for=MONTH)

    def test_what_is_taken_out_is_found_no_longer(self, stores: Stores) -> None:
        stores.passages.use_model("tiny", 4)
        gone = stores.entries.add(words("leeks"))
        draft = PassageDraft(
            ordinal=0, start=0, end=5, header="", text="leeks", context="", own=b"1234", window=b"1234"
        )
        stores.passages.replace(gone, [draft])
        assert len(stores.passages.matches("leeks", limit=9)) == 1
        stores.deleted.take_out(gone.id, kept_for=MONTH)
        assert stores.passages.matches("leeks", limit=9) == []
        assert stores.passages.pending_count() == 0
        stores.deleted.restore(gone.id)
        assert [entry.id for entry in stores.passages.pending(limit=9)] == [gone.id]
        assert [entry.id for entry in stores.observations.unread(limit=9)] == [gone.id]

    def test_an_entry_comes_back_as_it_was(self, stores: Stores) -> None:
        number = spoken(stores)
        (scan,) = stores.attachments.add(number, [file(b"a scan")])
        before = all_of(stores, number)
        stores.deleted.take_out(number, kept_for=MONTH)
        with pytest.raises(EntryNotFound):
            stores.recordings.sound(number)
        with pytest.raises(AttachmentNotFound):
            stores.attachments.get(scan.id)
        another = spoken(stores)
        assert stores.attachments.add(another, [file()])[0].id > scan.id
        assert stores.deleted.restore(number) == stores.entries.get(number)
        assert all_of(stores, number) == before
        assert stores.deleted.list() == []
        assert stores.entries.count() == 2
        assert len(stores.recordings.transcripts(another)) == 1
        kept = stores.entries.get(number)
        edited = stores.entries.revise(number, EntryChanges(text="And so on."))
        assert edited == replace(kept, text="And so on.", revision=kept.revision + 1)

    def test_what_there_was_of_a_stopped_writing_down_comes_back(self, stores: Stores) -> None:
        draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING)
        entry = stores.recordings.keep(draft, b"sound", name="note.wav").id
        stores.recordings.set_partial(entry, HEARD, 1.5, "whisper")
        stores.deleted.take_out(entry, kept_for=MONTH)
        assert stores.recordings.partial(entry) is None
        stores.deleted.restore(entry)
        assert stores.recordings.partial(entry) == (tuple(HEARD), 1.5, "whisper")

    def test_the_deleted_are_listed_last_deleted_first_and_stay_until_they_are_erased(
        self, stores: Stores
    ) -> None:
        numbers = [stores.entries.add(words(str(count))).id for count in range(3)]
        for number in numbers:
            stores.deleted.take_out(number, kept_for=MONTH)
        assert [one.entry.id for one in stores.deleted.list()] == numbers[::-1]
        assert stores.deleted.erase(numbers[:1]) == 1
        assert stores.deleted.erase([]) == 0
        assert [one.entry.id for one in stores.deleted.list()] == numbers[:0:-1]
        with pytest.raises(EntryNotFound):
            stores.deleted.restore(numbers[0])
        with pytest.raises(EntryNotFound):
            stores.deleted.erase(numbers)
        assert len(stores.deleted.list()) == 2

    def test_a_number_is_not_used_again_while_its_entry_is_among_the_deleted(self, stores: Stores) -> None:
        gone = stores.entries.add(words()).id
        stores.deleted.take_out(gone, kept_for=MONTH)
        assert stores.entries.add(words()).id > gone

    def test_importing_what_is_among_the_deleted_adds_it(self, stores: Stores) -> None:
        drafts = [words("a", source_id="1"), words("b")]
        added = stores.imports.add(drafts, format="jsonl", source="x").added
        for entry in added:
            stores.deleted.take_out(entry, kept_for=MONTH)
        assert not any(stores.imports.known(draft, "jsonl") for draft in drafts)
        again = stores.imports.add(drafts, format="jsonl", source="x")
        assert len(again.added) == 2
        assert not set(again.added) & set(added)

    def test_taking_an_import_back_erases_what_of_it_was_deleted_and_never_edited(
        self, stores: Stores
    ) -> None:
        outcome = stores.imports.add([words("a"), words("b"), words("c")], format="jsonl", source="x")
        first, second, _ = outcome.added
        stores.entries.revise(first, EntryChanges(text="a, edited"))
        for entry in (first, second):
            stores.deleted.take_out(entry, kept_for=MONTH)
        assert outcome.batch is not None
        assert stores.imports.undo(outcome.batch) == 1
        assert [one.entry.id for one in stores.deleted.list()] == [first]
        assert stores.deleted.restore(first).text == "a, edited"
