"""What is quoted or found of a rough draft says that it is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from diary.model.answer import Hit, Quote
from diary.model.entry import EntryId
from diary.tui.widgets.hit_list import HitList
from diary.tui.widgets.quote_card import QuoteCard

DAY = date(2025, 6, 10)
HIT = Hit(entry=EntryId(2), source_id=None, day=DAY, title="Peas", text="Rain.", score=1.0, start=0, end=5)
QUOTE = Quote(id="q1", entry=EntryId(2), source_id=None, day=DAY, text="Rain.", start=0, end=5, score=1.0)


def test_a_hit_and_a_quote_of_a_rough_draft_say_so_beside_their_day() -> None:
    def shown(rough: bool) -> list[str]:
        hit = HitList._told(replace(HIT, rough=rough), None, DAY)
        card = QuoteCard(replace(QUOTE, rough=rough), 1, today=DAY)
        return [hit.plain.splitlines()[0], str(card.content).splitlines()[0]]

    assert [line.endswith("· rough draft") for line in shown(True)] == [True, True]
    assert [line.endswith("· rough draft") for line in shown(False)] == [False, False]
