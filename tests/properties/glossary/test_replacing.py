"""Whatever is heard and whatever the rules: the words are the text, and their times cover what was heard."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from diary.model.glossary import Term, TermId, TermKind
from diary.model.speech import Segment, Word
from ingest.glossary.doubts import doubts
from ingest.glossary.replacing import written

_word = st.text("abAB.,'", min_size=1, max_size=4)
_words = st.lists(_word, min_size=1, max_size=3).map(" ".join)
_term = st.builds(
    Term,
    id=st.just(TermId(1)),
    text=_words,
    kind=st.just(TermKind.MEDICINE),
    instead_of=st.lists(st.one_of(_words, st.just("")), max_size=3).map(tuple),
)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    """A segment with words of which each takes a second."""
    texts = draw(st.lists(_word, min_size=1, max_size=8))
    words = tuple(
        Word(start=float(place), end=place + 1.0, text=text, confidence=draw(st.floats(0, 1)))
        for place, text in enumerate(texts)
    )
    return Segment(start=0.0, end=float(len(words)), text=" ".join(texts), confidence=0.5, words=words)


@given(segments(), st.lists(_term, max_size=4))
def test_the_words_are_the_text_and_their_times_follow_each_other(
    segment: Segment, terms: list[Term]
) -> None:
    became = written(segment, terms)
    assert " ".join(word.text for word in became.words) == became.text
    assert (became.words[0].start, became.words[-1].end) == (segment.words[0].start, segment.words[-1].end)
    assert all(word.start <= word.end for word in became.words)
    assert all(one.end <= other.start for one, other in pairwise(became.words))
    assert min(word.confidence for word in became.words) >= min(word.confidence for word in segment.words)


@given(st.text("abcdet mg50.,'-", max_size=60), st.lists(_term, max_size=4))
def test_doubts_are_of_the_text_in_order_and_apart(text: str, terms: list[Term]) -> None:
    found = doubts(text, terms)
    assert all(text[one.start : one.end] == one.heard and one.meant in terms for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
