"""Which way a question is answered."""

from __future__ import annotations

from functools import cache

import pytest

from retrieval.routing import Route, route
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.numbers.made import NOTES, asked, diary_of


@cache
def baker() -> FakeStores:
    return diary_of(*NOTES)


@pytest.mark.parametrize(
    ("question", "way"),
    [
        ("What was my average sleep in February?", Route.NUMBERS),
        ("How has my weight changed?", Route.TREND),
        ("Compare my sleep in January with February", Route.COMPARE),
        ("When did I last take naproxen?", Route.WHEN_LAST),
        ("When did I first take ramipril?", Route.WHEN_FIRST),
        ("When did I last see Ingrid?", Route.WHEN_LAST),
        ("How long ago was it that I met Viktor?", Route.WHEN_LAST),
        ("When did I first hear of the flood?", Route.WHEN_FIRST),
        ("Which appointments have I got coming up?", Route.AHEAD),
        ("What do I still need to buy?", Route.AHEAD),
        ("What must I do next?", Route.AHEAD),
        ("What appointments do I have in June?", Route.AHEAD),
        ("Which check-ups have I got?", Route.AHEAD),
        ("Have I got any dentist visits?", Route.AHEAD),
        ("What is on next week?", Route.AHEAD),
        ("What have I got planned for next Tuesday?", Route.AHEAD),
        ("What am I doing tomorrow?", Route.AHEAD),
        ("Welche Termine habe ich im Mai?", Route.AHEAD),
        ("What appointments did I have in June?", Route.LIST),
        ("What is on the blue plate?", Route.QUOTES),
        ("Which appointments did I miss?", Route.LIST),
        ("What medicines do I take?", Route.LIST),
        ("List every book I finished", Route.LIST),
        ("Show me all walks with Ingrid", Route.LIST),
        ("What side effects did the doctor warn me of?", Route.LIST),
        ("How was my week?", Route.REVIEW),
        ("How was March 2023?", Route.REVIEW),
        ("How was my month so far?", Route.REVIEW),
        ("Review last month", Route.REVIEW),
        ("Sum up my year", Route.REVIEW),
        ("A review of last week", Route.REVIEW),
        ("Summary of May", Route.REVIEW),
        ("Review of the play I saw in May", Route.QUOTES),
        ("What happened last week?", Route.REVIEW),
        ("Plan the visit to the hospital", Route.PLAN),
        ("Help me prepare for the appointment", Route.PLAN),
        ("What does Viktor charge?", Route.QUOTES),
        ("What is the plan for Christmas?", Route.QUOTES),
        ("Why did I sleep so badly?", Route.QUOTES),
        ("What was the name of the baker?", Route.QUOTES),
        ("How was the week at the sea with Ingrid?", Route.QUOTES),
    ],
)
def test_each_question_goes_its_way(question, way):
    assert route(question, asked(question, baker())) is way
