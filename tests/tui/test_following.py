"""Words that were heard, found again in a text that was edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diary.model.speech import Segment
from diary.tui.following import Follower, segment_at, spoken_at
from tests.fakes.voice import said

FIRST, SECOND = said(0.0, "I took my topiramade.", doubted=["topiramade"]), said(5.0, "Then I slept.")
TEXT = "I took my topiramade. Then I slept."


def found(text: str, *segments: Segment) -> list[str]:
    return [text[place.start : place.end] for place in Follower(segments or (FIRST, SECOND)).places(text)]


def test_each_heard_word_has_its_place_in_the_text_it_came_from() -> None:
    assert found(TEXT) == TEXT.split()


def test_an_edit_takes_away_the_changed_words_alone() -> None:
    edited = "Well, I took my Topiramate! Then, later, i slept"
    assert found(edited) == ["I", "took", "my", "Then,", "i", "slept"]


def test_the_words_at_a_second_are_those_spoken_then_and_in_a_pause_those_before() -> None:
    places = Follower((FIRST, SECOND)).places(TEXT)

    def at(seconds: float) -> str | None:
        span = spoken_at(places, seconds)
        return TEXT[span[0] : span[1]] if span else None

    assert [at(0.6), at(4.0), at(5.0), at(60.0)] == ["took", "topiramade.", "Then", "slept."]
    assert spoken_at(Follower((SECOND,)).places(TEXT), 1.0) is None


def test_a_segment_without_words_is_shown_as_a_whole() -> None:
    whole = Segment(start=2.0, end=4.0, text="Then I slept.", confidence=0.3)
    places = Follower((whole,)).places(TEXT)
    assert spoken_at(places, 3.0) == (22, 35) and all(place.unsure for place in places)


def test_doubt_belongs_to_a_known_low_confidence_only() -> None:
    unsure = [place.unsure for place in Follower((FIRST, said(5.0, "Then.", confidence=0.0))).places(TEXT)]
    assert unsure == [False, False, False, True, False]


def test_the_segment_of_the_cursor_is_that_of_the_words_before_it() -> None:
    places = Follower((FIRST, SECOND)).places(TEXT)
    assert [segment_at(places, offset) for offset in (0, 10, 22, 35)] == [0, 0, 1, 1]
    assert segment_at([], 5) == 0


@given(
    st.lists(st.sampled_from(["a", "b", "c", "the", "then"]), max_size=30),
    st.text(alphabet="ab \nthe", max_size=60),
)
def test_places_are_in_order_inside_the_text_and_hold_the_heard_words(words: list[str], text: str) -> None:
    segment = said(0.0, " ".join(words))
    places = Follower((segment,)).places(text)
    ends = [0, *(place.end for place in places)]
    pairs = zip(ends, places, strict=False)
    assert all(before <= place.start < place.end <= len(text) for before, place in pairs)
    heard = iter(segment.words)
    for place in places:
        assert any(word.text == text[place.start : place.end] and word.start == place.since for word in heard)
