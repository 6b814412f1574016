"""Whatever is written, passages hold all of it and point at it exactly."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from retrieval.passages import MOST_WORDS, passages_of
from retrieval.sentences import MOST_CHARACTERS, sentences
from tests.unit.retrieval.made import entry

PIECES = st.sampled_from(
    [
        *(
            "Dr. ",
            "z.B. ",
            "3. ",
            "a.m. ",
            "…",
            "...",
            "! ",
            "? ",
            ". ",
            "\n",
            "\n\n",
            "\r\n",
            "- ",
            "mood:: 6",
        ),
        *(
            "1) ",
            "👩\u200d👩\u200d👧 ",
            "é",
            "e\u0301",
            "\u2028",
            "\u00a0",
            "\u200b",
            "„So“ ",
            "。",
            "x" * 500,
        ),
        *("word ", "Über ", "[", "]", " "),
    ]
)
WRITTEN = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=60).map("".join))


def solid(text: str) -> str:
    """The text without its white space."""
    return "".join(text.split())


@given(WRITTEN)
def test_sentences_hold_every_character_that_is_not_white_space_once_and_in_order(text: str):
    spans = sentences(text)
    ends = [0, *(span.end for span in spans)]
    for before, span in zip(ends, spans, strict=False):
        assert before <= span.start < span.end
        assert not text[before : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert span.end - span.start <= MOST_CHARACTERS or "::" in text[span.start : span.end]
    assert not text[ends[-1] :].strip()


@given(WRITTEN)
def test_passages_are_exact_spans_that_hold_every_word(text: str):
    made = entry(text)
    drafts = passages_of(made)
    for ordinal, draft in enumerate(drafts):
        assert draft.ordinal == ordinal
        assert draft.text
        assert text[draft.start : draft.end] == draft.text
        assert len(draft.text.split()) <= MOST_WORDS
    assert solid("".join(draft.text for draft in drafts)) == solid(text)


@given(WRITTEN, WRITTEN, WRITTEN)
def test_neighbours_change_the_context_and_nothing_else(before: str, text: str, after: str):
    alone = passages_of(entry(text))
    among = passages_of(entry(text), before=entry(before), after=entry(after))
    assert [(draft.start, draft.end, draft.text) for draft in alone] == [
        (draft.start, draft.end, draft.text) for draft in among
    ]


def test_hostile_text_is_split_in_time_that_grows_with_its_length():
    for piece in (
        "a. ",
        "x",
        "e.g. ",
        "\n",
        "wrapped line of some length that goes on and on for long\nand ",
        "mood:: ",
        '"',
        "...",
    ):
        began = time.process_time()
        passages_of(entry(piece * (400_000 // len(piece))))
        assert time.process_time() - began < 10
