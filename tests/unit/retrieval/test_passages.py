"""Sentences and passages."""

from __future__ import annotations

import pytest

from diary.model.placeholder import NO_SPEECH, NO_WORDS, NOT_YET, without_words
from retrieval.passages import header_of, passages_of
from retrieval.sentences import MOST_CHARACTERS, sentences
from tests.unit.retrieval.made import entry, texts

SPLIT = {
    "Slept badly. Woke at three! Why?": ["Slept badly.", "Woke at three!", "Why?"],
    "Saw Dr. Whitlock at 3 p.m. today. Fine.": ["Saw Dr. Whitlock at 3 p.m. today.", "Fine."],
    "Took 1.5 mg, e.g. half. Better.": ["Took 1.5 mg, e.g. half.", "Better."],
    "Wir fahren am 3. März. Schön.": ["Wir fahren am 3. März.", "Schön."],
    "Das ist z. B. gut, d.h. besser. Ja.": ["Das ist z. B. gut, d.h. besser.", "Ja."],
    "J. R. came. He left.": ["J. R. came.", "He left."],
    "went to bed. slept well.": ["went to bed.", "slept well."],
    "Well... maybe. Yes": ["Well... maybe.", "Yes"],
    "mood:: 6\nsleep:: 6h40m": ["mood:: 6", "sleep:: 6h40m"],
    "Plan:\n- call Nora. Then rest.\n- buy milk": ["Plan:", "- call Nora.", "Then rest.", "- buy milk"],
    "1. swim\n2. rest": ["1. swim", "2. rest"],
    "He said “Stop.” Then he left.": ["He said “Stop.”", "Then he left."],
    "Great day 🎉🎉 Home now. 👍🏽": ["Great day 🎉🎉 Home now.", "👍🏽"],
    "今日は寝た。明日も。": ["今日は寝た。", "明日も。"],
    "One\r\nTwo\rThree": ["One", "Two", "Three"],
}


@pytest.mark.parametrize("text", SPLIT, ids=repr)
def test_sentences_end_where_a_reader_would_end_them(text: str):
    assert texts(sentences(text), text) == SPLIT[text]


def test_a_line_that_was_only_wrapped_goes_on():
    text = "This line was wrapped by an editor at about seventy columns and\ngoes on here. Next."
    assert texts(sentences(text), text) == [text[: text.index(" Next.")], "Next."]


def test_speech_without_punctuation_is_cut_into_bounded_pieces():
    text = " ".join(f"word{number}" for number in range(300))
    pieces = texts(sentences(text), text)
    assert len(pieces) == 5
    assert " ".join(pieces) == text


def test_text_without_spaces_is_cut_by_characters():
    text = "x" * 2000
    assert [len(piece) for piece in texts(sentences(text), text)] == [MOST_CHARACTERS] * 4 + [80]


def test_a_passage_is_a_few_sentences_and_takes_the_values_that_follow():
    text = "Rain. Went out. Saw nobody. Then I met Nora by the weir and we walked home.\nmood:: 7"
    drafts = passages_of(entry(text))
    assert [draft.text for draft in drafts] == [
        "Rain. Went out. Saw nobody.",
        "Then I met Nora by the weir and we walked home.\nmood:: 7",
    ]


def test_the_header_names_the_day_in_english_and_the_title_on_one_line():
    assert (
        header_of(entry("x", "2023-05-08T10:00", title="On\nthe  weir")) == "[8 May 2023, Mon] On the weir:"
    )
    assert header_of(entry("x", "2023-05-08T10:00")) == "[8 May 2023, Mon]"


def test_context_is_the_neighbours_text_within_the_entry():
    long = (
        "This is sentence {} and it has more than twenty words, so that it stands alone "
        "in a passage of its own, as it should."
    )
    text = " ".join(long.format(name) for name in ("one", "two", "three"))
    first, second, third = passages_of(entry(text))
    assert first.context == second.text
    assert second.context == f"{first.text}\n{third.text}"
    assert third.context == second.text


def test_context_crosses_entries_within_an_hour_only():
    now = entry("Now.", "2024-03-05T09:00")
    near, far = entry("Near.", "2024-03-05T08:00"), entry("Far.", "2024-03-05T10:00:01")
    assert passages_of(now, before=near, after=far)[0].context == "Near."
    assert passages_of(now, before=far, after=near)[0].context == "Near."


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200a"])
def test_an_entry_without_words_has_no_passages(text: str):
    assert passages_of(entry(text)) == []


@pytest.mark.parametrize("why", [NOT_YET, NO_SPEECH, NO_WORDS])
def test_what_the_program_says_of_a_recording_without_words_is_no_passage_and_no_context(why: str):
    waiting = entry(without_words(3725, why))
    assert passages_of(waiting) == []
    beside = entry("I slept well.")
    assert [one.context for one in passages_of(beside, before=waiting, after=waiting)] == [""]
    assert len(passages_of(entry(f"{without_words(5, why)} I was whispering."))) == 1
