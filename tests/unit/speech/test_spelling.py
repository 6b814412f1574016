"""Parts are joined to fill a window; what is heard in it is told in the recording's time, word by word."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.transcribe import Segment, Word

from diary.engine.messages import Heard
from ingest.engines.silence import Part, Utterance, packed
from ingest.engines.sound import RATE
from ingest.engines.spelling import placed


def part(start: float, seconds: float) -> Part:
    return Part(start, np.zeros(round(seconds * RATE), dtype=np.float32))


JOINED = Utterance((part(10.0, 2.0), part(20.0, 3.0)))
"""Two seconds from 10 on, three from 20 on."""


def decoded(*words: tuple[float, float, str], text: str | None = None) -> Segment:
    spelt = [Word(start=np.float64(a), end=np.float64(b), word=w, probability=0.5) for a, b, w in words]
    return Segment(
        id=1, seek=0, start=words[0][0], end=words[-1][1], tokens=[], avg_logprob=0.0, temperature=0.0,
        text="".join(w for _, _, w in words) if text is None else text, compression_ratio=1.0,
        no_speech_prob=0.0, words=spelt,
    )  # fmt: skip


def said(segment: Segment, utterance: Utterance = JOINED, language: str = "en") -> list[Heard]:
    return list(placed(segment, utterance, language))


def test_parts_are_joined_while_they_fit_and_never_reordered():
    parts = [part(0, 10), part(20, 10), part(40, 9), part(60, 28), part(90, 1)]
    windows = list(packed(parts, 28.0, soon=False))
    assert [[one.start for one in window.parts] for window in windows] == [[0, 20], [40], [60], [90]]
    assert [window.seconds for window in windows] == [20, 9, 28, 1]
    assert (windows[0].start, windows[0].end) == (0, 30)


def test_the_first_part_comes_alone_when_it_is_wanted_soon():
    parts = [part(0, 1), part(5, 1), part(10, 1)]
    windows = list(packed(parts, 28.0, soon=True))
    assert [[one.start for one in window.parts] for window in windows] == [[0], [5, 10]]
    assert [len(window.parts) for window in packed(parts, 0.0, soon=False)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("seconds", "moment"), [(0.0, 10.0), (1.5, 11.5), (2.0, 20.0), (4.5, 22.5), (9.0, 23.0), (-1.0, 10.0)]
)
def test_a_time_in_a_window_is_one_of_the_recording_and_never_in_between(seconds, moment):
    assert JOINED.at(seconds) == moment


def test_a_segment_does_not_go_across_a_silence_that_was_left_out():
    heard = said(decoded((0.5, 1.0, " I"), (1.0, 1.9, " slept."), (2.2, 3.0, " Better"), (3.0, 3.5, " now.")))
    assert [(one.start, one.end, one.text) for one in heard] == [
        (10.5, 11.9, "I slept."),
        (20.2, 21.5, "Better now."),
    ]
    assert [word.text for one in heard for word in one.words] == ["I", "slept.", "Better", "now."]


def test_a_word_that_begins_in_one_part_and_ends_in_the_next_lies_in_one_of_them():
    (heard,) = said(decoded((1.8, 3.0, " walking")))
    assert (heard.start, heard.end) == (20.0, 21.0)


def test_pieces_without_a_space_before_them_belong_to_the_word_before():
    (heard,) = said(decoded((0.0, 0.4, " well"), (0.4, 0.8, "-known"), (0.8, 1.0, " man")))
    assert [(word.start, word.end, word.text) for word in heard.words] == [
        (10.0, 10.8, "well-known"),
        (10.8, 11.0, "man"),
    ]


def test_words_that_overlap_or_run_backwards_are_put_in_order():
    (heard,) = said(decoded((0.5, 1.2, " a"), (0.9, 0.7, " b"), (1.0, 9.9, " c")), Utterance((part(0, 3),)))
    edges = [edge for word in heard.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[-1] == 3.0


def test_a_language_without_spaces_and_words_that_are_not_the_text_leave_the_text_alone():
    (heard,) = said(decoded((0.0, 1.0, "我"), (1.0, 1.5, "睡")), language="zh")
    assert (heard.text, heard.words) == ("我睡", [])
    (heard,) = said(decoded((0.0, 1.0, " something"), text=" something else"))
    assert (heard.text, heard.words) == ("something else", [])
