"""Whether what was found answers the question."""

from __future__ import annotations

from datetime import date

import pytest

from diary.model.time_range import TimeRange
from retrieval.asked_for import Asked, asked_for, class_asked_for, holds
from retrieval.sufficiency import Case, Evidence, Verdict, asked_words, judge
from retrieval.thresholds import UNFITTED, Thresholds, thresholds_for

KINDS = {
    "What did Dad's smoke alarm cost?": Asked.MONEY,
    "How much did I pay the plumber?": Asked.MONEY,
    "How much did I sleep?": Asked.ANYTHING,
    "What interest rate is the loan at?": Asked.PERCENTAGE,
    "What time did the operation begin?": Asked.CLOCK,
    "How old is the cat?": Asked.AGE,
    "What is Zofia's surname?": Asked.NAME,
    "What is the course called?": Asked.NAME,
    "Who gave me the jab?": Asked.PERSON,
    "Who is Clifford?": Asked.ANYTHING,
    "How many pupils came?": Asked.COUNT,
    "How many migraines have I logged?": Asked.ANYTHING,
    "How was the day?": Asked.ANYTHING,
    "How much did the decorators quote?": Asked.MONEY,
    "What does the dog walker charge?": Asked.MONEY,
    "What dose of vitamin D do I take?": Asked.DOSE,
    "What was my cholesterol in June?": Asked.FIGURE,
    "What exactly was my ferritin level?": Asked.FIGURE,
    "How much does Nora weigh?": Asked.FIGURE,
    "What level of pain is bearable to me?": Asked.ANYTHING,
    "What colour did we paint the shed?": Asked.COLOUR,
}

HELD = [
    ("What did the alarm cost?", "Fitted Dad's smoke alarm, £19 from the market.", True),
    ("What did the alarm cost?", "Fitted Dad's smoke alarm at 24 Mill Lane.", False),
    ("What did the alarm cost?", "Twelve pounds, the alarm.", True),
    ("What rate is the loan at?", "The loan is at 4.2 % now.", True),
    ("What rate is the loan at?", "The loan is 4 years.", False),
    ("What time did it begin?", "Began at half past six.", True),
    ("What time did it begin?", "Began in the morning.", False),
    ("How old is the cat?", "The cat is seven now.", True),
    ("How old is the cat?", "The cat ate.", False),
    ("What is Zofia's surname?", "Zofia Nowak teaches me.", True),
    ("What is Zofia's surname?", "Zofia says I rush.", False),
    ("What is the course called?", "It is called Night School.", True),
    ("What is the course called?", "The course is good.", False),
    ("Who gave me the jab?", "Had the jab, from Anjali.", True),
    ("Who gave me the jab?", "Had the jab, left arm.", False),
    ("What dose of vitamin D do I take?", "Vitamin D, 25 micrograms.", True),
    ("What dose of vitamin D do I take?", "Took the vitamin D late.", False),
    ("What was my cholesterol?", "Cholesterol 5.1, she said.", True),
    ("What was my cholesterol?", "Cholesterol is fine, she said.", False),
    ("What colour is the shed?", "The shed is dark green now.", True),
    ("What colour is the shed?", "The shed needs paint.", False),
    ("How many pupils came?", "We took 41 pupils to Whitby.", True),
    (
        "How many pupils came?",
        "The pupils sang. I had three cups of tea and then some more of the cake.",
        False,
    ),
]


@pytest.mark.parametrize("question", KINDS)
def test_the_kind_asked_for_is_told_from_the_words(question: str):
    assert asked_for(question) is KINDS[question]


@pytest.mark.parametrize(("question", "note", "held"), HELD)
def test_a_note_holds_a_kind_by_its_form(question: str, note: str, held: bool):
    kind = asked_for(question) if "rate" not in question else Asked.PERCENTAGE
    assert holds(kind, question, note) is held


FITTED = Thresholds(
    near_topic=0.34,
    nowhere_near=0.25,
    nowhere_near_without_words=0.33,
    covered_for_one_missing=0.45,
    said_otherwise=0.44,
    several_missing=0.3,
)


def verdict(
    question: str,
    note: str,
    *,
    cosine: float = 0.5,
    used: TimeRange | None = None,
    unknown: str = "",
    nearest: float = 0.2,
    thresholds: Thresholds = FITTED,
) -> Verdict:
    near = dict.fromkeys(unknown.split(), nearest)
    evidence = Evidence(text=note, around=note, day=date(2024, 3, 5), cosine=cosine, nearest=near)
    frequencies = {word: 0 if word in unknown.split() else 3 for word in asked_words(question, used)}
    return judge(Case(question, used, [evidence], frequencies, 100), thresholds)


def test_a_note_on_the_question_answers():
    assert verdict("Where did I plant tomatoes?", "Planted tomatoes by the wall.") is Verdict.ENOUGH


def test_nothing_found_answers_nothing():
    assert judge(Case("Where?", None, [], {}, 0), FITTED) is Verdict.NOTHING


@pytest.mark.parametrize("day", ["31 April", "2023-02-30", "the 31st of June", "29 February 2023"])
def test_a_day_that_no_calendar_has_is_not_answered_from_another(day: str):
    assert verdict(f"Which tomatoes did I plant on {day}?", "Tomatoes.") is Verdict.NO_SUCH_DAY


def test_a_time_in_which_nothing_lies_is_not_answered_from_another():
    used = TimeRange(date(2023, 8, 1), date(2023, 8, 31), "in August 2023")
    assert verdict("Tomatoes in August 2023?", "Tomatoes.", used=used) is Verdict.NOT_THEN


def test_two_days_later_may_still_tell_of_a_time():
    used = TimeRange(date(2024, 3, 3), date(2024, 3, 3), "on 3 March")
    assert verdict("Tomatoes on 3 March?", "Tomatoes.", used=used) is Verdict.ENOUGH


def test_a_name_that_no_note_contains_is_not_answered():
    question = "What did I plant with Marcus?"
    assert verdict(question, "Planted tomatoes with Nora.", unknown="marcus") is Verdict.NAME_UNKNOWN


def test_a_note_without_the_kind_asked_for_is_not_enough():
    question = "What did the smoke alarm cost?"
    assert verdict(question, "Fitted the smoke alarm.") is Verdict.KIND_MISSING
    assert verdict(question, "Fitted the smoke alarm for £19.") is Verdict.ENOUGH


def test_the_one_word_that_no_note_has_is_what_was_asked():
    question = "What did the biopsy of my shoulder show?"
    assert verdict(question, "Shoulder again.", unknown="biopsy") is Verdict.WORD_MISSING
    assert verdict(question, "Shoulder again.", unknown="biopsy", cosine=0.3) is Verdict.ENOUGH


def test_a_word_that_the_notes_say_otherwise_is_not_missing():
    question = "What did the physician say of my shoulder?"
    said = "The doctor looked at my shoulder."
    assert verdict(question, said, unknown="physician", nearest=0.7) is Verdict.ENOUGH
    assert verdict(question, said, unknown="physician", nearest=0.3) is Verdict.WORD_MISSING


def test_several_words_far_from_every_note_are_not_answered():
    question = "Whom did the dealer sell the harp?"
    assert verdict(question, "Harp.", unknown="dealer sell", nearest=0.2) is Verdict.WORD_MISSING
    assert verdict(question, "Harp.", unknown="dealer sell", nearest=0.4) is Verdict.ENOUGH


def test_what_is_asked_for_by_name_must_be_said_somehow():
    question = "Which dealer restrung the harp?"
    assert verdict(question, "Restrung.", unknown="dealer", nearest=0.2) is Verdict.WORD_MISSING
    assert verdict(question, "The shop.", unknown="dealer harp", nearest=0.6) is Verdict.ENOUGH


def test_an_amount_counts_where_the_sentence_speaks_of_what_was_asked():
    question = "What did the smoke alarm cost?"
    assert verdict(question, "The alarm went off. Lunch with Nora was £19.") is Verdict.KIND_MISSING
    assert verdict(question, "Fitted the smoke alarm. It was £19.") is Verdict.ENOUGH
    assert verdict(question, "Fitted the smoke alarm. £19 from the market.") is Verdict.ENOUGH


def test_an_age_counts_where_the_sentence_speaks_of_who_was_asked_about():
    question = "How old is the cat?"
    assert verdict(question, "The cat slept. Nora turned nine.") is Verdict.KIND_MISSING
    assert verdict(question, "The cat turned nine.") is Verdict.ENOUGH


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Which dealer sold it?", "dealer"),
        ("What kind of dog was it?", "dog"),
        ("What did it cost?", None),
        ("Which of them came?", None),
    ],
)
def test_the_class_asked_for_is_the_noun_after_which(question: str, word: str | None):
    assert class_asked_for(question) == word


def test_thresholds_that_were_not_fitted_decline_nothing_for_being_far():
    question = "What is the capital of this place?"
    assert verdict(question, "Place.", cosine=0.1, unknown="capital", thresholds=UNFITTED) is Verdict.ENOUGH


def test_the_embedded_model_has_fitted_thresholds_whatever_its_export():
    assert thresholds_for("all-MiniLM-L6-v2@0123456789abcdef") is not UNFITTED
    assert thresholds_for("all-MiniLM-L6-v2") is thresholds_for("all-MiniLM-L6-v2@fedcba9876543210")
    assert thresholds_for("another-model@0123456789abcdef") is UNFITTED


def test_what_is_nowhere_near_is_not_answered():
    question = "What is the capital of France?"
    assert verdict(question, "Planted tomatoes.", cosine=0.1) is Verdict.OFF_TOPIC
    assert verdict(question, "Planted tomatoes.", cosine=0.3, unknown="capital france") in (
        Verdict.OFF_TOPIC,
        Verdict.NAME_UNKNOWN,
    )


def test_words_of_time_and_of_asking_are_not_expected_in_a_note():
    used = TimeRange(date(2024, 5, 1), date(2024, 5, 31), "in May 2024")
    assert asked_words("What was my average sleep in May 2024?", used) == ["sleep"]
