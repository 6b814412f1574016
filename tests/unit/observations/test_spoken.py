"""Numbers told in words: which lines are offered, and when none is."""

from __future__ import annotations

import pytest

from ingest.observations.reading import read_observations
from ingest.observations.spoken import spoken_observations
from ingest.observations.spoken_numbers import told_in


def offered(text: str) -> list[str]:
    """The lines offered, each told by words of the text and read back to values."""
    found = spoken_observations(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.value is not None for offer in found for one in read_observations(offer.line))
    return [one.line for one in found]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("slept six hours forty", "sleep:: 6h40m"),
        ("I slept for seven and a half hours", "sleep:: 7h30m"),
        ("I slept 6 hours 40 last night", "sleep:: 6h40m"),
        ("Slept 6 hours and 40 minutes.", "sleep:: 6h40m"),
        ("I only slept about four hours, woke at 3.", "sleep:: 4h"),
        ("I got seven hours of sleep", "sleep:: 7h"),
        ("Had six and three quarter hours sleep", "sleep:: 6h45m"),
        ("Sleep was seven hours.", "sleep:: 7h"),
        ("I slept six hours and a half", "sleep:: 6h30m"),
        ("I slept for 6:40", "sleep:: 6h40m"),
        ("I slept fifty minutes", "sleep:: 50m"),
        ("After dinner with my sister I slept seven hours", "sleep:: 7h"),
        ("I slept badly, only four hours.", "sleep:: 4h"),
        ("Pain 4 out of 10, worse than yesterday.", "pain:: 4/10"),
        ("my anxiety was like an eight out of ten", "anxiety:: 8/10"),
        ("blood sugar after lunch was nine point one", "glucose:: 9.1"),
        ("slept: 7½ hours", "sleep:: 7h30m"),
        ("slept 6h 40m", "sleep:: 6h40m"),
        ("six-and-a-half hours of sleep", "sleep:: 6h30m"),
        ("pain four out of ten", "pain:: 4/10"),
        ("Pain: 7/10 today", "pain:: 7/10"),
        ("my pain was a seven", "pain:: 7"),
        ("knee pain six out of ten", "pain:: 6/10 knee"),
        ("I'd put my pain at six out of ten.", "pain:: 6/10"),
        ("four out of ten for pain", "pain:: 4/10"),
        ("mood six out of ten", "mood:: 6/10"),
        ("my stress today is three out of five", "stress:: 3/5"),
        ("My headache was an eight this morning", "headache:: 8"),
        ("tiredness 5/10", "fatigue:: 5/10"),
        ("blood pressure one twenty four over seventy nine", "bp:: 124/79"),
        ("My blood pressure this morning was 124 over 79.", "bp:: 124/79"),
        ("BP 124/79 this morning.", "bp:: 124/79"),
        ("heart rate sixty eight", "pulse:: 68"),
        ("my pulse is one oh five", "pulse:: 105"),
        ("pulse was 68 beats per minute", "pulse:: 68"),
        ("weight seventy two point five kilos", "weight:: 72.5 kg"),
        ("I weigh eleven stone four", "weight:: 11 st 4 lb"),
        ("weight 160 pounds", "weight:: 160 lb"),
        ("weight seventy two point five", "weight:: 72.5"),
        ("temperature thirty eight point two", "temperature:: 38.2"),
        ("Temperature 101 fahrenheit", "temperature:: 101 °F"),
        ("a fever of 38.5 degrees celsius", "temperature:: 38.5 °C"),
        ("glucose eight point four", "glucose:: 8.4"),
        ("my blood sugar was 8.4 millimoles per litre", "glucose:: 8.4 mmol/L"),
        ("glucose 151 mg/dl", "glucose:: 151 mg/dL"),
        ("oxygen saturation ninety six percent", "spo2:: 96 %"),
        ("steps eight thousand two hundred", "steps:: 8200"),
        ("walked 8,200 steps today", "steps:: 8,200"),
        ("I did about eight thousand steps", "steps:: 8000"),
        ("took fifty milligrams of sertraline", "med:: sertraline 50 mg"),
        ("took my Sertraline 50 milligrams", "med:: Sertraline 50 mg"),
        ("Took half a tablet of lorazepam", "med:: lorazepam 0.5 tablet"),
        ("I had two puffs of salbutamol", "med:: salbutamol 2 puff"),
        ("took a 50 milligram tablet of sertraline", "med:: sertraline 50 mg"),
        ("took 50mg sertraline tablets", "med:: sertraline 50 mg"),
        ("took vitamin D 25 micrograms", "med:: vitamin D 25 mcg"),
        ("Ich habe sechseinhalb Stunden geschlafen", "schlaf:: 6h30m"),
        ("Ich habe sechs Stunden vierzig geschlafen", "schlaf:: 6h40m"),
        ("Schmerzen vier von zehn", "schmerzen:: 4/10"),
    ],
)
def test_what_is_told_is_offered_as_a_line(said: str, line: str) -> None:
    assert offered(said) == [line]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (
            "I took 50 mg of sertraline this morning and 10 mg of propranolol at bedtime",
            ["med:: sertraline 50 mg", "med:: propranolol 10 mg"],
        ),
        ("blood pressure was 124 over 79 and pulse 68", ["bp:: 124/79", "pulse:: 68"]),
        (
            "I took my meds, 50 milligrams of sertraline and 200 milligrams of lamotrigine.",
            ["med:: sertraline 50 mg", "med:: lamotrigine 200 mg"],
        ),
        ("Pain four, mood six.", ["pain:: 4", "mood:: 6"]),
        ("My mother slept nine hours. I slept six.\nSlept 6 hours in all.", ["sleep:: 6h"]),
    ],
)
def test_several_are_offered_in_the_order_they_are_told(said: str, lines: list[str]) -> None:
    assert offered(said) == lines


def test_the_place_of_what_is_told_is_that_of_its_words() -> None:
    text = "Up early. Pain four out of ten, then rain."
    [one] = spoken_observations(text)
    assert text[one.start : one.end] == "Pain four out of ten"


@pytest.mark.parametrize(
    "said",
    [
        "I didn't sleep six hours",
        "I did not take 50 mg of sertraline",
        "forgot to take fifty milligrams of sertraline, took nothing",
        "no pain, four out of ten people have it",
        "I never slept six hours",
        "Ich habe nicht sechs Stunden geschlafen",
    ],
)
def test_what_is_denied_is_not_offered(said: str) -> None:
    assert offered(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "I used to sleep nine hours",
        "Last year my pain was four out of ten",
        "In March my pain was four out of ten",
        "yesterday I slept six hours",
        "Ten years ago I slept nine hours",
        "I slept nine hours, ten years ago",
        "pain four out of ten, on average",
        "slept well, six hours later I woke",
        "I usually sleep seven hours, slept seven hours every night",
        "took 50 mg of sertraline every morning",
        "pain more than four out of ten",
        "I slept six hours more than Tom",
        "Before the operation I slept nine hours",
    ],
)
def test_other_days_and_comparisons_are_not_offered(said: str) -> None:
    assert offered(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "My mother slept six hours",
        "Maren slept six hours",
        "And then Maren slept six hours",
        "We slept six hours",
        "The baby slept six hours forty",
        "her blood pressure was 140 over 90",
        "Tom's pulse was 68",
        "Dad's blood pressure 150 over 90",
        "he took fifty milligrams of sertraline",
        "The doctor said my pain was a seven",
        'The letter: "my pain was a seven"',
        "> slept six hours",
    ],
)
def test_what_is_told_of_or_by_others_is_not_offered(said: str) -> None:
    assert offered(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "I should sleep eight hours; I need eight hours of sleep",
        "If my pain is four out of ten I go.",
        "Was my pain a seven?",
        "My goal: steps ten thousand",
    ],
)
def test_what_is_wished_supposed_or_asked_is_not_offered(said: str) -> None:
    assert offered(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "slept six to seven hours",
        "pulse 60 to 70",
        "my pulse was between sixty and seventy",
        "I lost two kilos",
        "pain two days ago",
        "pain is up 2",
        "took three steps back",
        "half past six",
        "went to sleep at 10:40",
        "woke with pain at 4 and got up",
        "weight training for 40 minutes",
        "the temperature outside was 31",
        "had 200 grams of pasta",
        "took 20 minutes of rest",
        "took a 50 mg tablet",
        "took four pills of Dr. Fell",
    ],
)
def test_numbers_of_something_else_are_not_offered(said: str) -> None:
    assert offered(said) == []


@pytest.mark.parametrize(
    "said", ["pain forty out of ten", "temperature was 20 degrees", "heart rate 900", "slept 30 hours"]
)
def test_what_cannot_be_is_not_offered(said: str) -> None:
    assert offered(said) == []


def test_what_is_written_on_the_line_already_is_not_offered() -> None:
    assert offered("sleep:: 6h40m slept six hours forty") == []
    assert offered("slept six hours forty (slept:: 6h40m), pain four out of ten") == ["pain:: 4/10"]
    assert offered("pain:: four out of ten") == []
    assert offered("pain:: 4/10\nLater pain six out of ten") == ["pain:: 6/10"]


def test_a_line_that_was_accepted_is_not_offered_again_wherever_it_was_put() -> None:
    text = "I slept six hours forty. Pain four out of ten, BP 124 over 79.\nTook 50 mg of Sertraline."
    lines = offered(text)
    assert len(lines) == 4
    for count, line in enumerate(lines, start=1):
        text += f"\n\n{line}"
        assert offered(text) == lines[count:]


def test_what_is_told_twice_is_offered_for_each_time_that_is_not_written() -> None:
    text = "Pain four out of ten at dawn.\nPain four out of ten at noon."
    assert offered(text) == ["pain:: 4/10"] * 2
    assert offered(f"{text}\npain:: 4/10") == ["pain:: 4/10"]
    assert offered(f"pain:: 4/10\n\n{text}\npain:: 4/10") == []
    assert offered(f"pain:: 5/10\n\n{text}") == ["pain:: 4/10"] * 2


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("zero", "0"),
        ("twenty-four", "24"),
        ("a hundred and five", "105"),
        ("one oh five", "105"),
        ("one twenty four", "124"),
        ("twelve hundred and six", "1206"),
        ("nine thousand and ninety nine point zero five", "9099.05"),
        ("two hundred thousand", "200000"),
        ("point five", "0.5"),
        ("three quarters", "0.75"),
        ("7 and a half", "7.5"),
        ("8 thousand", "8000"),
        ("8.2 thousand", "8200"),
        ("siebenundzwanzig", "27"),
        ("sieben komma fünf", "7.5"),
        ("achteinhalb", "8.5"),
        ("dreizehn", "13"),
    ],
)
def test_numbers_are_read_in_words(words: str, digits: str) -> None:
    line = told_in(words)
    assert (line.text, [told.written for told in line.numbers]) == ("<0>", [digits])
