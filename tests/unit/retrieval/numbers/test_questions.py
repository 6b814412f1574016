"""Questions about a made-up diary and the numbers they must give, worked out by hand."""

from __future__ import annotations

import re
from functools import cache

import pytest

from diary.model.number import Function
from retrieval.numbers.amounts import AMOUNT, NUMBERS, may_hold_amount
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.numbers.made import NOTES, asked, computed, diary_of

F = Function


@cache
def baker() -> FakeStores:
    return diary_of(*NOTES)


@pytest.mark.parametrize(
    ("question", "metric", "function", "value", "n"),
    [
        ("What was my average sleep in February?", "sleep", F.MEAN, 367.5, 4),
        ("What is the mean of my mood scores?", "mood", F.MEAN, 6.4, 10),
        ("Median mood this year", "mood", F.MEDIAN, 7, 10),
        ("What was my mean sleep last winter?", "sleep", F.MEAN, 347.5, 6),
        ("What was my average lower back pain?", "back_pain", F.MEAN, 32 / 7, 7),
        ("What was my mean mass index?", "mass_index", F.MEAN, 29.1, 1),
        ("What was the average of my last three weights?", "weight", F.MEAN, 262 / 3, 3),
        ("My average back pain since I started ramipril", "back_pain", F.MEAN, 3.5, 4),
        ("Wie viel habe ich im Mai durchschnittlich geschlafen?", "sleep", F.MEAN, 420, 2),
        ("How many times did I take naproxen?", "med.naproxen", F.COUNT, 3, 3),
        ("How many naproxen tablets did I log in January?", "med.naproxen", F.COUNT, 1, 1),
        ("In how many entries is ramipril noted as a medicine?", "med.ramipril", F.COUNT, 2, 2),
        ("How many blood pressure readings are there?", "bp", F.COUNT, 5, 5),
        ("On how many nights did I sleep less than five hours?", "sleep", F.COUNT, 3, 3),
        ("How many nights did I get at least 7 hours?", "sleep", F.COUNT, 3, 3),
        ("How many days did I walk more than 10,000 steps?", "steps", F.COUNT, 2, 2),
        ("How often was my mood 8 or better?", "mood", F.COUNT, 3, 3),
        ("How often was my back pain 5 or worse?", "back_pain", F.COUNT, 4, 4),
        ("In how many entries is my mood between 6 and 7?", "mood", F.COUNT, 4, 4),
        ("How many moods of 7 or 8 did I log?", "mood", F.COUNT, 5, 5),
        ("How many weights were under 14 stone?", "weight", F.COUNT, 3, 3),
        ("How many readings of my systolic blood pressure were over 140?", "bp.systolic", F.COUNT, 2, 2),
        ("How often was my bakery fund above £600?", "bakery_fund", F.COUNT, 2, 2),
        ("What was my highest systolic blood pressure, and when?", "bp.systolic", F.MAX, 150, 5),
        ("When was my back pain at its worst?", "back_pain", F.MAX, 7, 7),
        ("What is the lowest weight I recorded?", "weight", F.MIN, 86.4, 6),
        ("Which night was the shortest?", "sleep", F.MIN, 230, 12),
        ("Longest accordion practice", "accordion", F.MAX, 60, 6),
        ("When did I sleep best?", "sleep", F.MAX, 440, 12),
        ("What was my worst mood?", "mood", F.MIN, 3, 10),
        ("Most steps in February?", "steps", F.MAX, 12400, 2),
        ("How many minutes of accordion did I play in February?", "accordion", F.SUM, 55, 2),
        ("How much accordion did I practise in total?", "accordion", F.SUM, 230, 6),
        ("How long did I practise between January and March?", "accordion", F.SUM, 75, 3),
        ("How many steps did I walk in February?", "steps", F.SUM, 20600, 2),
        ("How many coughs did I log in May?", "coughs", F.SUM, 8, 2),
        ("Total steps", "steps", F.SUM, 45200, 4),
        ("How many minutes of accordion per week in February?", "accordion", F.RATE, 13.75, 2),
        ("How many kilos have I lost since January?", "weight", F.CHANGE, -3, 6),
        ("By how much did the bakery fund grow?", "bakery_fund", F.CHANGE, 500, 3),
        ("Has my back pain got milder since I started ramipril?", "back_pain", F.CHANGE, 1, 4),
        ("How much is in the bakery fund now?", "bakery_fund", F.LAST, 900, 1),
        ("What are my last three systolic readings?", "bp.systolic", F.LAST, 126, 3),
        ("Did I ever sleep more than eight hours?", "sleep", F.COUNT, 0, 0),
        ("Was my systolic ever above 140?", "bp.systolic", F.COUNT, 2, 2),
        ("Did I play the accordion more in February than in January?", "accordion", F.DIFFERENCE, 35, 3),
        ("My average mood before and after I started ramipril", "mood", F.DIFFERENCE, -1 / 6, 10),
        ("What was my sleep in May compared with the month after?", "sleep", F.DIFFERENCE, 20, 3),
        ("How has my weight changed since March?", "weight", F.CHANGE, -1.1, 4),
        ("How did the bakery fund grow?", "bakery_fund", F.CHANGE, 500, 3),
        ("Is my back pain getting better?", "back_pain", F.CHANGE, -1, 7),
        ("Am I losing weight?", "weight", F.CHANGE, -3, 6),
        ("What is the trend of my mood this year?", "mood", F.CHANGE, 2, 10),
        ("How did my weight move between January and June?", "weight", F.CHANGE, -4.6, 5),
        ("Compare my sleep in January with February", "sleep", F.DIFFERENCE, 60, 6),
        ("Was my mood better in June than in February?", "mood", F.DIFFERENCE, 1.5, 3),
        ("Did I sleep longer in May or in January?", "sleep", F.DIFFERENCE, 112.5, 4),
        ("Was my sleep in May longer than the month before?", "sleep", F.DIFFERENCE, None, 2),
        ("What is the difference between my weight in January and in June?", "weight", F.DIFFERENCE, -4.6, 2),
        ("How does my latest weight compare with the first one?", "weight", F.DIFFERENCE, -3, 2),
        ("How do my first three accordion sessions compare with the last three?", "accordion", F.DIFFERENCE,
         80 / 3, 6),
        ("Did I have fewer back pain entries in the second half of 2023 than in the first?", "back_pain",
         F.DIFFERENCE, -3, 7),
        ("Did I log more coughs in May than in July?", "coughs", F.DIFFERENCE, -3, 3),
        ("Did I practise more in total in the first quarter than in the second quarter?", "accordion",
         F.DIFFERENCE, 30, 5),
        ("Was my systolic pressure lower after I started ramipril than before?", "bp.systolic", F.DIFFERENCE,
         -6, 5),
        ("Was my weight in November (11 November) higher than in June (18 June)?", "weight", F.DIFFERENCE,
         1.6, 2),
        ("Is my sleep shorter than usual in September?", "sleep", F.DIFFERENCE, -250 / 3, 13),
        ("When did I last take naproxen?", "med.naproxen", F.LAST, 250, 1),
        ("When did I first take ramipril?", "med.ramipril", F.FIRST, 2.5, 1),
        ("When was my weight last below 87 kg?", "weight", F.LAST, 86.4, 1),
        ("How long ago did I last practise the accordion?", "accordion", F.LAST, 50, 1),
        ("Wann habe ich zuletzt Naproxen genommen?", "med.naproxen", F.LAST, 250, 1),
        ("What is my current weight?", "weight", F.LAST, 88, 1),
        ("What was my weight on 12 May?", "weight", F.LAST, 87.6, 1),
        ("How many days in a row did I sleep at least 5 hours?", "sleep", F.STREAK, 3, 3),
    ],
)  # fmt: skip
def test_a_question_gives_the_number_worked_out_by_hand(question, metric, function, value, n):
    first = computed(question, baker())[0]
    assert (first.metric, first.function, first.n) == (metric, function, n)
    assert first.value is None if value is None else first.value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "question",
    [
        "Why was my sleep so bad in February?",
        "What did I say about my weight?",
        "How do I feel about my back pain?",
        "What helps my back pain?",
        "What was my average pain after lifting flour?",
        "What was my average tooth pain?",
        "How much does the accordion cost?",
        "How much is the monthly rental for the accordion?",
        "Who measured my blood pressure?",
        "What mark did I get in the accordion exam?",
        "How many accordion lessons with Ruth did I have?",
        "How many loaves did I bake in March?",
        "Where did I sleep in March?",
        "Did ramipril help?",
        "Am I giving up the accordion?",
        "How many days was I on ramipril?",
        "When did I start the accordion?",
        "What are the side effects of naproxen?",
        "Should I stop ramipril?",
        "What time did I go to sleep on 4 April?",
        "How many hours did Ruth sleep in March?",
        "Did my weight affect my mood?",
        "How was my week?",
        "Plan a week without back pain",
        "What medicines do I take?",
        "How old was I when I weighed 80 kg?",
        "How does my sleep compare with my mood?",
        "What was my cholesterol in March?",
        "What did the doctor say my blood pressure should be?",
        "When is my next blood pressure check?",
        "How heavy was the flour?",
        "Is 5 hours of sleep enough?",
        "Did I sleep well on 2 January?",
        "What was my highest score in the quiz?",
        "What is the bakery fund for?",
        "How many blood pressure readings under 5 kg did I log?",
        "What did the notes of my sleep mention?",
        "How many days between my first and last blood pressure reading?",
        "Is there a link between my sleep and my mood?",
        "What was my average mood on accordion days?",
        "What was my average sleep in May and July?",
        "How many weights did I log on Mondays?",
        "What was my mean sleep on nights with coughs?",
        "How many entries mention my sleep?",
        "Did I pay the baker more in May than in June?",
    ],
)
def test_what_is_told_and_not_kept_is_not_answered_with_a_number(question):
    assert asked(question, baker()) is None


def test_without_observations_nothing_is_a_question_for_numbers():
    stores = diary_of(("2023-01-02", "Slept well. Weight fine."))
    assert asked("What was my average sleep?", stores) is None


def test_a_blood_pressure_gives_a_number_for_each_part():
    numbers = computed("What was my latest blood pressure reading?", baker())
    assert [(number.metric, number.value) for number in numbers] == [
        ("bp.systolic", 126),
        ("bp.diastolic", 80),
    ]


def test_a_day_without_an_observation_has_no_value_and_names_the_nearest():
    number = computed("What did I weigh on 1 May?", baker())[0]
    assert number.value is None
    assert not number.known
    assert number.why == (
        "Not enough data: there is no note of weight on 1 May 2023; the nearest is of 12 May 2023."
    )


def test_none_that_meets_a_condition_is_a_count_of_none_among_those_looked_at():
    number = computed("How many nights did I sleep more than ten hours?", baker())[0]
    assert (number.value, number.n, number.among) == (0, 0, 12)


def test_a_difference_is_the_later_minus_the_earlier_whichever_is_named_first():
    one = computed("Was my mood better in June than in February?", baker())
    other = computed("Was my mood better in February than in June?", baker())
    assert one[0].value == other[0].value == 1.5
    assert [number.label for number in one[1:]] == ["in February", "in June"]
    assert one[0].parts == one[1:]


def test_a_difference_of_means_from_less_than_three_days_a_side_carries_a_caution():
    assert computed("Was my mood better in June than in February?", baker())[0].caution
    assert computed("Was my sleep longer in February than in May to December?", baker())[0].caution is None


def test_missing_days_are_those_of_the_range_without_an_observation():
    number = computed("What was my average sleep in February?", baker())[0]
    assert number.missing_days == 24
    assert [row.day.day for row in number.rows] == [1, 14, 15, 16]


def test_a_range_given_apart_overrides_the_one_in_the_words():
    from tests.unit.retrieval.numbers.made import days

    number = computed("What was my average sleep in May?", baker(), range=days("2023-02-14", "2023-02-15"))[0]
    assert (number.value, number.n) == (345, 2)


def test_two_keys_that_mean_the_same_are_one_metric():
    stores = diary_of(("2023-01-01", "bp:: 120/80"), ("2023-01-02", "blood_pressure:: 130/84"))
    assert computed("What was my average systolic pressure?", stores)[0].value == 125


def test_values_in_another_unit_are_left_out_and_counted():
    stores = diary_of(
        ("2023-01-01", "jumps:: 3 kg"), ("2023-01-02", "jumps:: 5 kg"), ("2023-01-03", "jumps:: 9 km")
    )
    number = computed("What was my average of jumps?", stores)[0]
    assert (number.value, number.unit, number.n, number.left_out) == (4, "kg", 2, 1)


def test_a_word_that_says_which_pain_is_checked_against_the_notes():
    knee = diary_of(("2023-01-01", "My knee again. pain:: 6/10"), ("2023-01-02", "Knee quiet. pain:: 2/10"))
    assert computed("What was my average knee pain?", knee)[0].value == 4
    assert asked("What was my average tooth pain?", knee) is None


def test_a_metric_of_ones_own_is_asked_for_by_the_words_of_its_key():
    stores = diary_of(("2023-01-01", "garden-hours:: 2 h"), ("2023-01-02", "garden-hours:: 3 h"))
    assert computed("How many garden hours did I log?", stores)[0].metric == "garden-hours"


def test_practice_means_the_one_metric_of_ones_own_that_is_a_length_of_time():
    two = diary_of(("2023-01-01", "viola:: 20 min; harp:: 30 min"))
    assert asked("How long did I practise in January?", two) is None
    one = diary_of(("2023-01-01", "viola:: 20 min; sleep:: 6h"))
    assert computed("How long did I practise in January?", one)[0].metric == "viola"


SAID = ["half an hour", "an hour", "6h40m", "£500", "sechs Stunden", "eine Stunde", "7 out of 10", *NUMBERS]


@pytest.mark.parametrize("amount", [word for word in SAID if word not in ("a", "an")])
def test_whatever_is_an_amount_is_looked_for(amount: str) -> None:
    text = f"more than {amount}".lower()
    assert may_hold_amount(text) or not re.search(AMOUNT, text)


def test_amounts_are_not_looked_for_where_there_is_neither_a_figure_nor_a_number_word() -> None:
    assert not may_hold_amount("how did a headache come before the rain?")
