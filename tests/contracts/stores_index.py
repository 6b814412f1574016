"""What every passage index must do: written, read, counted."""

from __future__ import annotations

import numpy as np
import pytest

from diary.model.entry import Entry, EntryChanges, EntryFilter, EntryId, Kind, Transcript
from diary.model.passage import PassageDraft, PassageId
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words


def passage(text: str, ordinal: int = 0, *, context: str = "", fill: int = 1, width: int = 4) -> PassageDraft:
    return PassageDraft(
        ordinal=ordinal,
        start=0,
        end=len(text),
        header="[8 May 2026, Fri]",
        text=text,
        context=context,
        own=bytes([fill]) * width,
        window=bytes([256 - fill]) * width,
    )


def indexed(stores: Stores, text: str, *, days: float = 0, context: str = "", fill: int = 1) -> Entry:
    stores.passages.use_model("tiny", 4)
    entry = stores.entries.add(words(text, days=days))
    stores.passages.replace(entry, [passage(text, context=context, fill=fill)])
    return entry


def found(stores: Stores, expression: str) -> list[EntryId]:
    hits = stores.passages.matches(expression, limit=100)
    return [one.entry for one in stores.passages.passages([hit for hit, _ in hits])]


class IndexWriterContract:
    @pytest.fixture(autouse=True)
    def model(self, stores: Stores) -> None:
        stores.passages.use_model("tiny", 4)

    def test_what_is_new_is_pending_earliest_happened_first(self, stores: Stores) -> None:
        late, early = stores.entries.add(words(days=2)), stores.entries.add(words(days=1))
        assert stores.passages.pending(limit=10) == [early, late]
        assert stores.passages.pending(limit=1) == [early]
        assert stores.passages.pending_count() == 2

    def test_what_is_indexed_is_pending_again_after_an_edit(self, stores: Stores) -> None:
        entry = indexed(stores, "before")
        assert stores.passages.pending_count() == 0
        edited = stores.entries.revise(entry.id, EntryChanges(text="after"))
        assert stores.passages.pending(limit=9) == [edited]

    def test_words_that_were_edited_away_are_not_found_before_the_next_indexing(self, stores: Stores) -> None:
        entry = indexed(stores, "regrettable words")
        stores.entries.revise(entry.id, EntryChanges(text="better ones"))
        assert found(stores, "regrettable") == []
        assert len(stores.passages.table().ids) == 0

    def test_neighbours_are_told_by_time_and_then_by_number(self, stores: Stores) -> None:
        last, first, same = (stores.entries.add(words(days=days)) for days in (2, 1, 1))
        assert stores.passages.adjacent(first) == (None, same)
        assert stores.passages.adjacent(same) == (first, last)
        assert stores.passages.adjacent(last) == (same, None)

    def test_replacing_leaves_nothing_of_the_passages_before(self, stores: Stores) -> None:
        entry = stores.entries.add(words("one two"))
        stores.passages.replace(entry, [passage("one"), passage("two", 1)])
        before = stores.passages.table().ids.tolist()
        stores.passages.replace(entry, [passage("three")])
        assert found(stores, "one OR two") == []
        assert found(stores, "three") == [entry.id]
        assert stores.passages.passages([PassageId(one) for one in before]) == []

    def test_a_word_is_counted_by_its_stem_in_and_beside_passages(self, stores: Stores) -> None:
        entry = stores.entries.add(words("walks"))
        stores.passages.replace(
            entry, [passage("A walk."), passage("Walking again.", 1), passage("Rain.", 2)]
        )
        assert stores.passages.frequency("walked") == 2
        assert stores.passages.frequency("rain") == 1
        assert stores.passages.frequency("heron") == 0

    def test_words_of_a_name_are_counted_and_found_one_after_the_other(self, stores: Stores) -> None:
        entry = indexed(stores, "Doctor Okafor rang.")
        indexed(stores, "Okafor is a doctor.", days=1)
        assert stores.passages.frequency("doctor okafor") == 1
        assert found(stores, '"heron" OR "doctor okafor"') == [entry.id]

    def test_stale_entries_become_pending_and_stay_findable(self, stores: Stores) -> None:
        first, second = indexed(stores, "first", days=0), stores.entries.add(words("second", days=1))
        stores.passages.replace(second, [passage("second")], stale=[first.id])
        assert stores.passages.pending(limit=9) == [first]
        assert found(stores, "first") == [first.id]

    def test_an_entry_revised_or_deleted_meanwhile_is_left_alone(self, stores: Stores) -> None:
        revised, deleted = stores.entries.add(words("a")), stores.entries.add(words("b", days=1))
        stores.entries.revise(revised.id, EntryChanges(text="changed"))
        stores.entries.delete(deleted.id)
        stores.passages.replace(revised, [passage("old words")], stale=[revised.id])
        stores.passages.replace(deleted, [passage("old words")])
        assert found(stores, "old") == []
        assert stores.passages.pending_count() == 1

    def test_the_model_is_named_once_and_makes_nothing_pending_again(self, stores: Stores) -> None:
        indexed(stores, "once")
        version = stores.passages.version
        stores.passages.use_model("tiny", 4)
        assert stores.passages.pending_count() == 0
        assert stores.passages.models == ("tiny",)
        assert stores.passages.version == version

    def test_a_vector_of_another_width_is_a_mistake_and_changes_nothing(self, stores: Stores) -> None:
        entry = stores.entries.add(words("a"))
        with pytest.raises(ValueError, match="model's"):
            stores.passages.replace(entry, [passage("a", width=5)])
        assert stores.passages.pending_count() == 1

    def test_an_entry_without_words_can_be_marked_indexed(self, stores: Stores) -> None:
        entry = stores.entries.add(words(""))
        stores.passages.replace(entry, [])
        assert stores.passages.pending_count() == 0

    def test_deleting_takes_passages_and_what_the_neighbours_held_of_them(self, stores: Stores) -> None:
        before, gone, after = (
            stores.entries.add(words(text, days=days)) for days, text in enumerate(["calm", "secret", "rain"])
        )
        for entry, context in ((before, "secret"), (gone, "calm rain"), (after, "secret")):
            stores.passages.adjacent(entry)
            stores.passages.replace(entry, [passage(entry.text, context=context)])
        stores.entries.delete(gone.id)
        assert found(stores, "secret") == []
        assert [entry.id for entry in stores.passages.pending(limit=9)] == [before.id, after.id]


class PassageIndexContract:
    def test_an_index_that_has_no_model_yet_is_empty(self, stores: Stores) -> None:
        table = stores.passages.table()
        assert table.own.shape == table.window.shape == (0, 0)
        assert table.ids.tolist() == []
        assert stores.passages.matches("anything", limit=5) == []

    def test_the_table_has_all_passages_in_order(self, stores: Stores) -> None:
        stores.passages.use_model("tiny", 4)
        late = stores.entries.add(words("b. c.", days=1))
        stores.passages.replace(late, [passage("c.", 1, fill=3), passage("b.", 0, fill=2)])
        early = indexed(stores, "a.", fill=1)
        table = stores.passages.table()
        assert table.entries.tolist() == [early.id, late.id, late.id]
        assert [one.text for one in stores.passages.passages(table.ids.tolist())] == ["a.", "b.", "c."]
        assert table.own.tolist() == [[1] * 4, [2] * 4, [3] * 4]
        assert table.window.tolist() == [[-1] * 4, [-2] * 4, [-3] * 4]
        assert table.happened.tolist() == [int(one.happened.timestamp()) for one in (early, late, late)]
        assert table.days.tolist() == [one.happened.date().toordinal() for one in (early, late, late)]
        assert table.own.dtype == table.window.dtype == np.dtype(np.int8)
        assert table.ids.dtype == table.happened.dtype == np.dtype(np.int64)

    def test_a_passage_that_is_not_embedded_has_zeros_and_is_found_by_words(self, stores: Stores) -> None:
        entry = stores.entries.add(words("bare"))
        bare = PassageDraft(ordinal=0, start=0, end=4, header="[x]", text="bare", context="")
        stores.passages.use_model("tiny", 4)
        stores.passages.replace(entry, [bare])
        assert stores.passages.table().own.tolist() == [[0, 0, 0, 0]]
        assert found(stores, "bare") == [entry.id]

    def test_the_version_changes_with_the_passages_only(self, stores: Stores) -> None:
        stores.passages.use_model("tiny", 4)
        versions = [stores.passages.version]
        entry = indexed(stores, "a")
        versions.append(stores.passages.version)
        stores.entries.delete(entry.id)
        versions.append(stores.passages.version)
        assert len(set(versions)) == 3
        stores.drafts.save("new", "x")
        assert stores.passages.version == stores.passages.table().version == versions[-1]

    def test_only_matches_among_those_of_another_expression_are_ranked_with_the_same_scores(
        self, stores: Stores
    ) -> None:
        texts = ["rain and tea", "rain alone", "tea alone", "rain, tea and cake"]
        entries = [indexed(stores, text, days=day) for day, text in enumerate(texts)]
        every = dict(stores.passages.matches("rain OR tea", limit=9))
        among = stores.passages.matches("rain OR tea", limit=9, among="rain")
        assert dict(among) == {passage: score for passage, score in every.items() if passage in dict(among)}
        assert len(among) == 3
        kept = stores.passages.passages([passage for passage, _ in among])
        assert entries[2].id not in {one.entry for one in kept}
        assert [score for _, score in among] == sorted((score for _, score in among), reverse=True)

    def test_words_match_by_stem_without_accents_header_included(self, stores: Stores) -> None:
        entry = indexed(stores, "Déjà vu while running")
        for expression in ("deja", "runs", "RUN", "may", '"vu while"', "nothing OR vu"):
            assert found(stores, expression) == [entry.id], expression
        assert found(stores, "walking") == []

    def test_own_words_weigh_more_than_the_neighbours(self, stores: Stores) -> None:
        for filler in range(5):
            indexed(stores, f"filler {filler}", days=9 + filler)
        around = indexed(stores, "one two three", context="headache", days=1)
        own = indexed(stores, "headache two three", context="one", days=2)
        assert found(stores, "headache") == [own.id, around.id]
        scores = [score for _, score in stores.passages.matches("headache", limit=5)]
        assert scores == sorted(scores, reverse=True)
        assert min(scores) > 0

    def test_at_most_as_many_matches_as_asked_for(self, stores: Stores) -> None:
        for day in range(4):
            indexed(stores, "same words", days=day)
        assert len(stores.passages.matches("same", limit=3)) == 3

    @pytest.mark.parametrize(
        "expression",
        ['"', "", "(", "AND", "nocolumn : x", "a NEAR/", "*", "x" * 50 + '"', "\x00", "\ud800", "^"],
    )
    def test_what_is_no_expression_matches_nothing(self, stores: Stores, expression: str) -> None:
        indexed(stores, "words")
        assert stores.passages.matches(expression, limit=5) == []

    def test_passages_come_in_the_order_asked_for_without_those_gone(self, stores: Stores) -> None:
        entry = stores.entries.add(words("a b", title="T", source_id="s1"))
        stores.passages.replace(entry, [replaced("a", 0), replaced("b", 1)])
        first, second = stores.passages.table().ids.tolist()
        got = stores.passages.passages([PassageId(second), PassageId(999), PassageId(first)])
        assert [one.text for one in got] == ["b", "a"]
        assert (got[0].entry, got[0].ordinal, got[0].title, got[0].source_id) == (entry.id, 1, "T", "s1")
        assert (got[0].day, got[0].start, got[0].end) == (entry.happened.date(), 0, 1)

    def test_a_passage_of_a_rough_draft_says_so_until_it_is_confirmed(self, stores: Stores) -> None:
        def passages() -> dict[str, bool]:
            ids = [PassageId(one) for one in stores.passages.table().ids.tolist()]
            return {one.text: one.rough for one in stores.passages.passages(ids)}

        indexed(stores, "typed")
        draft = stores.entries.add(words("heard", kind=Kind.VOICE, transcript=Transcript.ROUGH))
        stores.passages.replace(draft, [passage("heard")])
        assert passages() == {"typed": False, "heard": True}
        stores.recordings.confirm(draft.id)
        assert passages() == {"typed": False, "heard": False}

    def test_entries_are_told_by_what_a_filter_lets_through(self, stores: Stores) -> None:
        tagged = [stores.entries.add(words(days=day, tags=("Pain",))).id for day in (2, 1)]
        voice = stores.entries.add(words(tags=("painful",), kind=Kind.VOICE)).id
        starred = stores.entries.add(words(tags=("pain",), starred=True)).id
        matching = stores.passages.matching
        assert matching(EntryFilter(tag="PAIN")) == sorted([*tagged, starred])
        assert matching(EntryFilter(kind=Kind.VOICE)) == [voice]
        assert matching(EntryFilter(tag="pain", starred=True)) == [starred]
        assert matching(EntryFilter(kind=Kind.VOICE, starred=True)) == []


def replaced(text: str, ordinal: int) -> PassageDraft:
    return PassageDraft(ordinal=ordinal, start=0, end=len(text), header="[x]", text=text, context="")
