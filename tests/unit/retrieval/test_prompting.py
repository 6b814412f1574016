"""Prompts are made so that what was read once is not read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import takewhile

from diary.model.answer import Quote
from diary.model.entry import EntryId
from retrieval.prompting import messages_for

NOTE = Quote(
    id="q1",
    entry=EntryId(7),
    source_id=None,
    day=date(2026, 5, 8),
    text="The organ was loud, and Nora laughed.",
    start=0,
    end=37,
    score=1.0,
)


def prompt(quote: Quote, question: str) -> str:
    return "\n".join(message.content for message in messages_for(quote, question))


def beginning(first: str, second: str) -> str:
    """What both begin with."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    return "".join(letter for letter, _ in same)


def test_another_question_on_a_note_begins_alike_up_to_the_question() -> None:
    """Whichever rank the note has among the quotes this time."""
    first = prompt(NOTE, "Who laughed?")
    second = prompt(replace(NOTE, id="q3", score=0.2), "How loud was it?")
    shared = beginning(first, second)
    assert shared.endswith("\nQuestion: ")
    assert NOTE.text in shared


def test_another_note_begins_alike_up_to_the_note() -> None:
    shared = beginning(prompt(NOTE, "Who?"), prompt(replace(NOTE, text="Rain."), "Who?"))
    assert shared.endswith("date=2026-05-08>\n")
