"""Follow-up questions, completed."""

from __future__ import annotations

from datetime import date

import pytest

from diary.model.answer import Question
from diary.model.entry import Kind
from diary.model.time_range import TimeRange
from retrieval.conversation import Turn, follow_up

TODAY = date(2024, 11, 1)
SLEEP = Turn(
    question=Question(text="What was my average sleep in May 2022?", as_of=TODAY),
    subject="sleep",
    computed=True,
)
NIGHTS = Turn(
    question=Question(text="How many nights under five hours of sleep did I log in May?", as_of=TODAY),
    subject="sleep",
    condition="under five hours",
    computed=True,
)
TOLD = Turn(question=Question(text="What did I say about Ingrid in May?", as_of=TODAY))


def completed(text: str, previous: Turn) -> str:
    return follow_up(Question(text=text, as_of=TODAY), previous).text


@pytest.mark.parametrize(
    ("previous", "text", "expected"),
    [
        (SLEEP, "and in June?", "What was my average sleep in June 2022?"),
        (SLEEP, "in June?", "What was my average sleep in June 2022?"),
        (SLEEP, "And what about last year?", "What was my average sleep last year?"),
        (SLEEP, "since March?", "What was my average sleep since March?"),
        (SLEEP, "and the highest?", "What was the highest sleep in May 2022?"),
        (SLEEP, "and the lowest in June?", "What was the lowest sleep in June 2022?"),
        (SLEEP, "and in total?", "What was the total sleep in May 2022?"),
        (SLEEP, "how many?", "How many sleep in May 2022?"),
        (SLEEP, "and my mood?", "What was my average mood in May 2022?"),
        (SLEEP, "What about pain?", "What was my average pain in May 2022?"),
        (SLEEP, "why?", "Why was my sleep like that in May 2022?"),
        (SLEEP, "And why was that?", "Why was my sleep like that in May 2022?"),
        (SLEEP, "when was that?", "What was my average sleep in May 2022, and when?"),
        (SLEEP, "compared with June?", "What was my average sleep in May 2022 compared with June?"),
        (SLEEP, "and what was my weight?", "What was my weight in May 2022?"),
        (NIGHTS, "and in June?", "How many nights under five hours of sleep did I log in June?"),
        (NIGHTS, "and over eight?", "How many nights over eight of sleep did I log in May?"),
        (NIGHTS, "and the longest?", "What was the longest sleep under five hours in May?"),
        (TOLD, "and in June?", "What did I say about Ingrid in June?"),
        (TOLD, "what about Viktor?", "What did I say about Viktor in May?"),
        (TOLD, "and last year?", "What did I say about Ingrid last year?"),
        (TOLD, "why?", "What did I say about Ingrid in May, and why?"),
    ],
)
def test_a_follow_up_keeps_what_it_leaves_out(previous, text, expected):
    assert completed(text, previous) == expected


@pytest.mark.parametrize(
    "text",
    [
        "How did I meet Ingrid?",
        "How many nights under five hours did I log in June?",
        "What was my weight on 3 March 2021?",
        "Who is Viktor?",
        "and?",
        "What medicines do I take?",
        "When did the rain get into the cellar last winter?",
    ],
)
def test_a_full_question_stands_alone(text):
    assert completed(text, SLEEP) == text


def test_filters_given_apart_are_kept_and_a_new_time_goes_before_the_old_range():
    may = TimeRange(date(2022, 5, 1), date(2022, 5, 31))
    before = Question(text="What was my average sleep?", as_of=TODAY, range=may, tag="health", kind=Kind.NOTE)
    turn = Turn(question=before, subject="sleep", computed=True)
    kept = follow_up(Question(text="and the highest?", as_of=TODAY), turn)
    assert (kept.range, kept.tag, kept.kind) == (may, "health", Kind.NOTE)
    assert follow_up(Question(text="and in June?", as_of=TODAY), turn).range is None


def test_a_conversation_can_go_on():
    first = follow_up(Question(text="and in June?", as_of=TODAY), SLEEP)
    second = follow_up(
        Question(text="and the highest?", as_of=TODAY), Turn(question=first, subject="sleep", computed=True)
    )
    assert second.text == "What was the highest sleep in June 2022?"
