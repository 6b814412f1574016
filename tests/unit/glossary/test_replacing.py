"""Exact rules: what is written instead of what is heard."""

from __future__ import annotations

import pytest

from diary.model.glossary import Term, TermKind
from diary.model.speech import Segment, Word
from ingest.glossary.replacing import written
from tests.unit.glossary.made import term

OKAFOR = term("Dr Okafor", TermKind.PERSON, instead_of=("dr okay for", "okafor"))
TOPIRAMATE = term("Topiramate", instead_of=("topira mate", "to pyramid"))


def heard(text: str) -> Segment:
    """A segment whose words take a tenth of a second for each letter, each less sure than the one before."""
    words, at = [], 10.0
    for place, word in enumerate(text.split(" ")):
        words.append(Word(start=at, end=at + len(word) / 10, text=word, confidence=0.9 - place / 100))
        at += len(word) / 10 + 0.1
    return Segment(start=10.0, end=at, text=text, confidence=0.8, words=tuple(words))


def text_of(text: str, *terms: Term) -> str:
    """What becomes of a heard text, after its words were compared with it."""
    became = written(heard(text), terms)
    assert " ".join(word.text for word in became.words) == became.text
    return became.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("I saw dr okay for today.", "I saw Dr Okafor today."),
        ("Dr Okay For's letter came.", "Dr Okafor's letter came."),
        ("(topira mate), again", "(Topiramate), again"),
        ("dr okay for topira mate", "Dr Okafor Topiramate"),
        ("topira mate topira mate", "Topiramate Topiramate"),
        ("to pyramids", "to pyramids"),
        ("dr okay, for me", "dr okay, for me"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_whole_words_are_replaced_in_any_case_and_marks_stay(said: str, kept: str) -> None:
    assert text_of(said, OKAFOR, TOPIRAMATE) == kept


def test_the_longest_rule_wins_even_when_another_begins_before_it() -> None:
    first, second = term("One", instead_of=("a b",)), term("Two", instead_of=("b c d",))
    assert text_of("a b c d", first, second) == "a Two"


def test_the_first_of_two_equal_rules_wins() -> None:
    first, second = term("One", instead_of=("x",)), term("Two", instead_of=("x",))
    assert text_of("x", first, second) == "One"
    assert text_of("x", second, first) == "Two"


def test_what_a_rule_wrote_is_not_read_again() -> None:
    first, second = term("mate", instead_of=("friend",)), term("partner", instead_of=("mate",))
    assert text_of("friend and mate", first, second) == "mate and partner"


def test_a_name_that_stands_already_is_not_changed_within() -> None:
    assert text_of("dr okafor and Okafor", OKAFOR) == "dr okafor and Dr Okafor"


def test_an_empty_rule_changes_nothing() -> None:
    assert text_of("a b", term("X", instead_of=("", "  ")), term(" ", instead_of=("a",))) == "a b"


def test_a_segment_without_a_rule_is_the_same_segment() -> None:
    segment = heard("I saw the doctor.")
    assert written(segment, [OKAFOR]) is segment


def test_words_that_became_others_share_the_time_of_those_replaced() -> None:
    before = heard("saw dr okay for's son")
    words = written(before, [OKAFOR]).words
    assert [word.text for word in words] == ["saw", "Dr", "Okafor's", "son"]
    assert (words[0], words[3]) == (before.words[0], before.words[4])
    assert (words[1].start, words[2].end) == (before.words[1].start, before.words[3].end)
    assert words[1].end == words[2].start
    assert words[1].end - words[1].start < words[2].end - words[2].start
    assert {word.confidence for word in words[1:3]} == {before.words[3].confidence}


def test_words_that_are_not_the_text_are_left_out_and_the_text_is_right_all_the_same() -> None:
    broken = Segment(start=0, end=1, text="saw  topira mate", confidence=1, words=heard("saw topira").words)
    became = written(broken, [TOPIRAMATE])
    assert (became.text, became.words) == ("saw  Topiramate", ())
