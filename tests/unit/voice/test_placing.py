"""Words that a person wrote are never replaced by words that were heard."""

from __future__ import annotations

import pytest

from diary.model.placeholder import NO_SPEECH, NO_WORDS, NOT_YET, without_words
from diary.model.speech import Segment
from ingest.placing import added, is_own


def heard(*texts: str) -> list[Segment]:
    return [
        Segment(start=3.0 * at, end=3.0 * at + 0.5, text=text, confidence=0.9)
        for at, text in enumerate(texts)
    ]


SAID = heard("I slept badly.", "My sister called at noon.", "It is better.")


@pytest.mark.parametrize("why", [NOT_YET, NO_SPEECH, NO_WORDS])
def test_the_program_s_own_sentences_are_no_person_s(why):
    assert is_own(without_words(4000, why), [])
    assert not is_own(f"{without_words(42, why)} Ask Dr Okafor.", [])


@pytest.mark.parametrize("text", ["", " \n", "I slept badly.\n\nMy sister called at noon. It is  better.\n"])
def test_nothing_and_the_very_words_of_a_transcript_are_no_person_s_whatever_the_spaces(text):
    assert is_own(text, SAID)


@pytest.mark.parametrize(
    "text",
    [
        "I slept well.\n\nMy sister called at noon.\n\nIt is better.",
        "I slept badly.\n\nMy sister called at noon.\n\nIt is better. Or so I think.",
        "It is better.",
        "I slept badly.",
        "I slept",
    ],
)
def test_changed_longer_and_shortened_words_are_a_person_s(text):
    assert not is_own(text, SAID)


def test_the_beginning_of_a_transcript_is_what_a_stop_left_if_that_is_asked():
    beginning = "I slept badly.\n\nMy sister called at noon."
    assert is_own(beginning, SAID, or_their_beginning=True)
    assert not is_own(f"{beginning} It is", SAID, or_their_beginning=True)
    assert not is_own(beginning, SAID)


def test_segments_without_words_are_passed_over():
    assert is_own("I slept badly.", heard("", "I slept badly.", " "))


def test_what_was_heard_goes_below_a_person_s_words():
    below = "For Tuesday.\n\nI slept badly.\n\nMy sister called at noon.\n\nIt is better."
    assert added("For Tuesday.\n", SAID) == below


def test_what_stands_in_a_person_s_words_already_is_not_written_twice():
    theirs = "I slept well. My sister called at noon!\n"
    assert added(theirs.replace("!", "."), SAID) == "I slept well. My sister called at noon.\n\nIt is better."
    assert added("I slept badly. It is fine.", SAID).endswith(
        "fine.\n\nMy sister called at noon.\n\nIt is better."
    )


def test_nothing_heard_changes_nothing():
    assert added("For Tuesday.\n", []) == "For Tuesday.\n"
