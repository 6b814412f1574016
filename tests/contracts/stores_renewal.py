"""What every change to another embedding model must do: serve all the while, lose nothing, end."""

from __future__ import annotations

import pytest

from diary.model.entry import EntryChanges
from diary.model.passage import PassageId
from tests.contracts.stores_index import found, indexed, passage
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words

OWN, WINDOW = b"\x07" * 6, b"\x08" * 6
FIRST = PassageId(0)


def lacking(stores: Stores) -> list[PassageId]:
    found = stores.passages.renewal.lacking(after=FIRST, limit=100)
    return sorted(passage for one in found for passage in one.lacking)


def renewed(stores: Stores) -> None:
    stores.passages.renewal.renew(dict.fromkeys(lacking(stores), (OWN, WINDOW)))


class VectorRenewalContract:
    @pytest.fixture(autouse=True)
    def other(self, stores: Stores) -> None:
        for day, text in enumerate(("one", "two", "three")):
            indexed(stores, text, days=day, fill=day + 1)
        stores.passages.use_model("other", 6)

    def test_the_model_before_serves_until_the_other_is_complete(self, stores: Stores) -> None:
        assert stores.passages.models == ("tiny", "other")
        assert stores.passages.pending_count() == 0
        assert stores.passages.table().own.tolist() == [[1] * 4, [2] * 4, [3] * 4]
        assert stores.passages.table("other").own.tolist() == [[0] * 6] * 3
        assert len(found(stores, "one OR two OR three")) == 3
        assert not stores.passages.renewal.finish()

    def test_once_complete_the_other_takes_its_place(self, stores: Stores) -> None:
        version = stores.passages.version
        renewed(stores)
        assert stores.passages.renewal.count() == 0
        assert stores.passages.renewal.finish()
        assert stores.passages.models == ("other",)
        table = stores.passages.table()
        assert (table.own.tolist(), table.window.tolist()) == ([[7] * 6] * 3, [[8] * 6] * 3)
        assert stores.passages.version != version
        assert not stores.passages.renewal.finish()

    def test_what_serves_no_more_is_erased_in_steps_that_end(self, stores: Stores) -> None:
        renewed(stores)
        stores.passages.renewal.finish()
        steps = 0
        while stores.passages.renewal.discard():
            steps += 1
        assert steps < 10
        assert stores.passages.table().own.tolist() == [[7] * 6] * 3

    def test_what_is_lacking_comes_with_all_it_takes_to_embed_it(self, stores: Stores) -> None:
        first, *_ = stores.passages.renewal.lacking(after=FIRST, limit=1)
        assert first.entry.text == "one"
        assert [draft.text for draft in first.passages.values()] == ["one"]
        assert [draft.header for draft in first.passages.values()] == ["[8 May 2026, Fri]"]
        assert first.lacking == frozenset(first.passages)
        (last,) = lacking(stores)[-1:]
        assert stores.passages.renewal.lacking(after=last, limit=9) == []
        assert stores.passages.renewal.count() == 3

    def test_what_is_indexed_meanwhile_serves_and_is_lacking_too(self, stores: Stores) -> None:
        renewed(stores)
        entry = stores.entries.add(words("four", days=9))
        stores.passages.replace(entry, [passage("four", fill=4)], model="tiny")
        assert stores.passages.table().own.tolist()[-1] == [4] * 4
        assert not stores.passages.renewal.finish()
        assert len(lacking(stores)) == 1

    def test_what_is_indexed_with_the_other_model_is_not_lacking(self, stores: Stores) -> None:
        entry = stores.entries.add(words("four", days=9))
        stores.passages.replace(entry, [passage("four", fill=4, width=6)], model="other")
        assert stores.passages.table("other").own.tolist()[-1] == [4] * 6
        assert stores.passages.table().own.tolist()[-1] == [0] * 4
        assert stores.passages.renewal.count() == 3

    def test_vectors_of_what_is_gone_meanwhile_are_left_out(self, stores: Stores) -> None:
        gone, *others = lacking(stores)
        (entry,) = stores.passages.passages([gone])
        stores.entries.revise(entry.entry, EntryChanges(text="changed"))
        stores.passages.renewal.renew(dict.fromkeys((gone, *others), (OWN, WINDOW)))
        assert lacking(stores) == [one for one in others if one in lacking(stores)]
        assert found(stores, "one") == []

    def test_a_vector_of_another_width_is_a_mistake_and_changes_nothing(self, stores: Stores) -> None:
        with pytest.raises(ValueError, match="model's"):
            stores.passages.renewal.renew(dict.fromkeys(lacking(stores), (b"1", b"2")))
        assert stores.passages.renewal.count() == 3

    def test_going_back_to_the_model_before_gives_the_other_up(self, stores: Stores) -> None:
        renewed(stores)
        stores.passages.use_model("tiny", 4)
        assert stores.passages.models == ("tiny",)
        assert stores.passages.renewal.count() == 0
        assert stores.passages.table().own.tolist() == [[1] * 4, [2] * 4, [3] * 4]
        stores.passages.use_model("other", 6)
        assert stores.passages.renewal.count() == 3

    def test_a_third_model_takes_the_place_of_the_one_that_was_to_follow(self, stores: Stores) -> None:
        renewed(stores)
        stores.passages.use_model("third", 5)
        assert stores.passages.models == ("tiny", "third")
        assert stores.passages.renewal.count() == 3

    def test_deleting_takes_the_vectors_of_every_model(self, stores: Stores) -> None:
        renewed(stores)
        for _, one in enumerate(stores.passages.passages(list(stores.passages.table().ids))):
            stores.entries.delete(one.entry)
        assert len(stores.passages.table().ids) == len(stores.passages.table("other").ids) == 0
        assert stores.passages.renewal.finish()
