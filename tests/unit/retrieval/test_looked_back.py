"""Questions that ask for a review or a plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from diary.model.answer import AnswerDone, AnswerKind, Question
from diary.model.plan import Plan, PlanItem, PlanItemKind
from diary.model.progress import Cancelled, never
from diary.model.review import Intention, Review, Shown
from diary.model.time_range import TimeRange
from retrieval.answering import Answerer
from retrieval.looked_back import reviewed_range
from tests.fakes.models import FakeEmbedder
from tests.unit.retrieval.made import diary_of, draft, quote, searcher_of

TODAY = date(2024, 3, 13)
HAPPENED = quote("Rain all day.", "2024-03-11")
SAID = quote("I'll mend the gate.", "2024-03-12")


@dataclass
class Looks:
    """Makes one review and one plan, whatever is asked; remembers what was."""

    empty: bool = False
    asked: list[object] = field(default_factory=list)

    def review(
        self, reviewed: TimeRange, *, as_of: date | None = None, cancelled: Cancelled = never
    ) -> Review:
        self.asked.append(reviewed)
        return Review(
            range=reviewed,
            entries=2,
            days=2,
            happened=() if self.empty else (HAPPENED,),
            intentions=()
            if self.empty
            else (Intention(said=SAID, outcome=Shown.NOT_MENTIONED, evidence=()),) * 2,
            numbers=(),
            themes=(),
        )

    def plan(self, goal: str, *, as_of: date | None = None, cancelled: Cancelled = never) -> Plan:
        self.asked.append(goal)
        item = PlanItem(kind=PlanItemKind.COMMITMENT, text="mend the gate", due=None, quotes=(SAID,))
        return Plan(goal=goal, as_of=TODAY, items=() if self.empty else (item,))


def answer(text: str, looks: Looks):
    stores, embedder = diary_of(draft("Rain all day.")), FakeEmbedder()
    answerer = Answerer(searcher_of(stores, embedder), stores.entries, embedder, None, looks_back=looks)
    *_, last = answerer.answer(Question(text=text, as_of=TODAY), summarise=False)
    assert isinstance(last, AnswerDone)
    return last.answer


def test_a_question_for_a_review_is_answered_with_what_happened_and_what_was_promised():
    looks = Looks()
    found = answer("How was my week?", looks)
    assert (found.answered, found.kind) == (True, AnswerKind.REVIEW)
    assert found.quotes == (replace(HAPPENED, id="q1"), replace(SAID, id="q2"))
    assert looks.asked == [TimeRange(date(2024, 3, 7), TODAY, "week")]


def test_a_question_for_a_plan_names_its_goal_and_is_answered_with_its_items():
    looks = Looks()
    found = answer("Help me prepare for the visit of the vet?", looks)
    assert (found.kind, looks.asked) == (AnswerKind.PLAN, ["the visit of the vet"])
    assert [one.text for one in found.quotes] == [SAID.text]


def test_an_empty_review_is_a_question_for_quotes():
    assert answer("How was my week?", Looks(empty=True)).kind in (AnswerKind.QUOTES, AnswerKind.NONE)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("How was last week?", date(2024, 3, 4), date(2024, 3, 10)),
        ("How was my day?", TODAY, TODAY),
        ("How was February?", date(2024, 2, 1), date(2024, 2, 29)),
        ("Sum up my month", date(2024, 2, 14), TODAY),
    ],
)
def test_the_days_of_a_review_are_read_from_the_question(text, start, end):
    found = reviewed_range(text, TODAY)
    assert found is not None
    assert (found.start, found.end) == (start, end)


def test_without_a_time_there_is_nothing_to_review():
    assert reviewed_range("How was it?", TODAY) is None
