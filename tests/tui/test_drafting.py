from __future__ import annotations

import pytest

from diary.errors import DiskFull
from diary.model.entry import EntryId
from diary.tui.drafting import DraftKeeper, Page, decode, encode, new_slot
from tests.fakes.session import NOW, FakeSession


def test_a_page_comes_back_as_it_was() -> None:
    page = Page(text='{"text": "x"}\n', title="Ünï", tags="a b", at="yesterday")
    assert decode(encode(page)) == page


@pytest.mark.parametrize("text", ["plain words", "{", "[]", '{"text": 1}', '{"text": "x"}', "null"])
def test_a_draft_that_is_no_page_is_taken_as_its_text(text: str) -> None:
    assert decode(text) == Page(text=text)


def test_an_older_version_never_replaces_a_later_one() -> None:
    session = FakeSession()
    keeper = DraftKeeper(session, "slot")
    early, late = keeper.next_version(), keeper.next_version()
    assert keeper.keep(late, Page(text="late"))
    assert not keeper.keep(early, Page(text="early"))
    assert decode(session.slots["slot"].text).text == "late"


def test_a_version_that_failed_can_be_kept_again() -> None:
    session = FakeSession()
    keeper = DraftKeeper(session, "slot")
    session.broken["save_draft"] = DiskFull("full")
    with pytest.raises(DiskFull):
        keeper.keep(keeper.next_version(), Page(text="words"))
    session.broken.clear()
    assert keeper.keep(keeper.next_version(), Page(text="words"))


def test_a_closed_draft_is_not_brought_back_by_a_late_version() -> None:
    session = FakeSession()
    keeper = DraftKeeper(session, "slot")
    late = keeper.next_version()
    keeper.close()
    assert not keeper.keep(late, Page(text="late"))
    assert session.slots == {}


def test_every_new_entry_has_a_slot_of_its_own_and_an_edit_the_slot_of_its_entry() -> None:
    assert new_slot(NOW, None) != new_slot(NOW.replace(microsecond=1), None)
    assert new_slot(NOW, EntryId(7)) == "entry-7"
