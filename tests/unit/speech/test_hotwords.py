"""Hotwords fit into a prompt, the first ones first."""

from __future__ import annotations

from ingest.engines.hotwords import within_budget


def letters(text: str) -> int:
    return len(text)


def test_the_first_words_that_fit_are_taken_with_commas_between():
    assert within_budget(["Priya", "Dr Okafor", "sertraline"], letters, 17) == "Priya, Dr Okafor"


def test_nothing_fits_and_nothing_is_asked_for():
    assert within_budget(["sertraline"], letters, 5) == ""
    assert within_budget([], letters, 5) == ""


def test_marks_of_the_model_and_blanks_are_no_words():
    assert within_budget(["<|endoftext|>", "  ", "Mount\n Sinai"], letters, 100) == "Mount Sinai"
