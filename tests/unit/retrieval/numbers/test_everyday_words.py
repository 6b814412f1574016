"""Ways to ask for numbers, and whose they are, on a made-up diary of a swimmer with an old aunt."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from diary.model.answer import Question
from diary.model.number import Function
from diary.model.resolved_range import EventDate, RangeSource, ResolvedRange
from diary.model.time_range import TimeRange
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.numbers.made import TODAY, asked, computed, diary_of, numbers_of

F = Function


@cache
def swimmer() -> FakeStores:
    return diary_of(
        ("2023-02-01", "Cold lane. pulse:: 70 bpm; lengths:: 20; swim:: 30 min; breath:: 6/10"),
        ("2023-03-05", "Aunt Ottilie went down in the hall. falls:: 1; pulse:: 64 bpm; weight:: 70 kg"),
        (
            "2023-04-10",
            "Ottilie steady. falls:: 0; swim:: 42 min; pulse:: 66 bpm; breath:: 3/10; dizziness:: 2/10",
        ),
        ("2023-06-20", "Ottilie twice on the stairs. falls:: 2; pulse:: 58 bpm"),
        ("2023-06-21", "Back in the lake. weight:: 66 kg"),
        ("2023-08-01", "swim:: 25 min; breath:: 2/10; weight:: 65 kg; sleep:: 4h30m; ottilie_awake:: 4 h"),
        ("2023-09-01", "swim:: 20 min; sleep:: 6h; ottilie_awake:: 2 h; ferritin:: 40 ug/L"),
        ("2023-10-01", "ferritin:: 70 ug/L; ottilie_awake:: 3 h"),
    )


@pytest.mark.parametrize(
    ("question", "function", "value"),
    [
        ("What was my slowest pulse?", F.MIN, 58),
        ("What was my fastest pulse?", F.MAX, 70),
        ("What was my slowest swim?", F.MAX, 42),
        ("What was my quickest swim?", F.MIN, 20),
        ("What was the briefest swim I logged?", F.MIN, 20),
        ("Is my pulse getting slower?", F.CHANGE, -12),
        ("How short of breath was I at worst?", F.MAX, 6),
        ("What was my worst breathlessness?", F.MAX, 6),
        ("How is my breathing going?", F.CHANGE, -4),
        ("What has my ferritin done this year?", F.CHANGE, 30),
        ("How has my weight changed since the beginning?", F.CHANGE, -5),
        ("How has my weight changed since I began keeping this diary?", F.CHANGE, -5),
        ("How many hours a night is Ottilie awake, on average?", F.MEAN, 3),
        ("How many kilos am I down since March?", F.CHANGE, -5),
        ("How many hours do I sleep on average?", F.MEAN, 315),
        ("How many hours a night do I sleep?", F.MEAN, 315),
        ("How many hours did I sleep in total?", F.SUM, 630),
        ("Wie viele Stunden habe ich im Schnitt geschlafen?", F.MEAN, 315),
        ("What is my usual pulse?", F.MEAN, 64.5),
        ("How many days since my last swim?", F.LAST, 20),
        ("Pulse in June 2023", F.MEAN, 58),
        ("swim April to August", F.MEAN, 33.5),
        ("Compare March with June for pulse", F.DIFFERENCE, -6),
        ("Pulse: March vs April", F.DIFFERENCE, 2),
        ("How long did I swim in all?", F.SUM, 117),
        ("How many falls did I log for Ottilie?", F.SUM, 3),
        ("How often has Ottilie fallen?", F.SUM, 3),
        ("How often did I log a fall?", F.COUNT, 3),
        ("When did Ottilie last fall?", F.LAST, 2),
        ("Wie hoch war mein niedrigster Puls?", F.MIN, 58),
        ("Was war mein Durchschnittsgewicht?", F.MEAN, 67),
        ("Wie oft habe ich unter fünf Stunden geschlafen?", F.COUNT, 1),
        ("Wie oft habe ich unter 4,5 Stunden geschlafen?", F.COUNT, 0),
    ],
)
def test_everyday_words_give_the_number_worked_out_by_hand(question, function, value):
    first = computed(question, swimmer())[0]
    assert (first.function, first.value) == (function, pytest.approx(value))


@pytest.mark.parametrize(
    "question",
    [
        "How much does Ottilie weigh?",
        "What was my aunt's pulse?",
        "How much does she weigh?",
        "What was his average pulse?",
        "Wie viel wiegt sie?",
        "When did the swim go up to 42 minutes?",
        "Which month had my best sleep?",
        "How far did I swim?",
        "How long was my weight?",
    ],
)
def test_what_is_somebody_else_s_or_told_is_left_to_the_notes(question):
    assert asked(question, swimmer()) is None


def test_is_it_lower_since_sets_the_time_before_against_the_time_since():
    numbers = computed("Is my weight lower since 1 June?", swimmer())
    assert [(one.function, one.value, one.n) for one in numbers] == [
        (F.DIFFERENCE, -4.5, 3),
        (F.MEAN, 70, 1),
        (F.MEAN, 65.5, 2),
    ]


def test_up_to_is_a_bound_but_where_something_went_up_to_is_none():
    assert computed("How many swims of up to 25 minutes did I log?", swimmer())[0].value == 2
    assert asked("On which day did my swim go up to 42 minutes?", swimmer()) is None


def test_a_number_is_not_computed_over_a_time_that_only_hints_at_an_event():
    def hinted(question: Question) -> list[ResolvedRange]:
        return [
            ResolvedRange(range=TimeRange(date(2023, 6, 1), TODAY, question.text), source=RangeSource.EVENT)
        ]

    def found(question: Question) -> list[ResolvedRange]:
        event = EventDate(event="the regatta", day=date(2023, 6, 15))
        phrase = "since the regatta in June"
        range_ = TimeRange(date(2023, 6, 15), TODAY, phrase)
        return [ResolvedRange(range=range_, source=RangeSource.EVENT, events=(event,))]

    question = Question(text="What was my average weight since the regatta in June?", as_of=TODAY)
    assert numbers_of(swimmer(), hinted).asked(question) is None
    assert numbers_of(swimmer(), found).asked(question) is not None
