"""Windows hold all speech, in order, bounded, and are cut in pauses when there are any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.utterances import LIVE, Cutter, Cutting, Window, cut

SMALL = Cutting(
    pad=2, longest_silence=12, pause=6, enough=9, longest_window=60, shortest_pause=4, search=15,
    shortest_speech=3,
)  # fmt: skip
"""The same rules with small numbers, so that a few hundred frames meet all of them."""

runs = st.lists(
    st.tuples(st.integers(1, 90), st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.95])), min_size=0, max_size=12
)


def frames(parts: list[tuple[int, float]]) -> list[float]:
    return [p for length, p in parts for _ in range(length)]


def speech(probabilities: list[float]) -> list[bool]:
    heard, talking = [], False
    for p in probabilities:
        talking = p >= (0.35 if talking else 0.5)
        heard.append(talking)
    return heard


@given(runs)
def test_every_spoken_frame_is_in_a_window_unless_it_is_a_click(parts):
    probabilities = frames(parts)
    heard = speech(probabilities)
    windows = cut(probabilities, SMALL)
    covered = {frame for w in windows for frame in range(w.start, w.end)}
    missed = [at for at, spoken in enumerate(heard) if spoken and at not in covered]
    groups: list[list[int]] = []
    for at in missed:  # what is missing must be bursts, each too short to be a word
        if groups and at - groups[-1][-1] < SMALL.longest_silence:
            groups[-1].append(at)
        else:
            groups.append([at])
    assert all(len(group) < SMALL.shortest_speech for group in groups)


@given(runs)
def test_windows_are_ordered_apart_bounded_and_inside_the_recording(parts):
    probabilities = frames(parts)
    end = 0
    for window in cut(probabilities, SMALL):
        assert end <= window.start < window.end <= len(probabilities)
        assert window.end - window.start <= SMALL.longest_window
        assert window.speech >= SMALL.shortest_speech
        end = window.end


@given(runs)
def test_a_window_counts_the_speech_it_holds(parts):
    probabilities = frames(parts)
    heard = speech(probabilities)
    for window in cut(probabilities, SMALL):
        assert window.speech == sum(heard[window.start : window.end])


@given(runs)
def test_frames_before_the_needed_one_are_never_asked_for_again(parts):
    cutter, needed = Cutter(SMALL), 0
    for probability in frames(parts):
        for window in cutter.push(probability):
            assert window.start >= needed
        assert cutter.needed >= needed
        needed = cutter.needed
    assert all(window.start >= needed for window in cutter.finish())


@given(runs, st.integers(0, 40))
def test_cutting_goes_on_after_a_window_as_if_it_had_not_stopped(parts, number):
    probabilities = frames(parts)
    windows = cut(probabilities, SMALL)
    done = windows[: number % (len(windows) + 1)]
    begin = done[-1].end if done else 0
    cutter = Cutter(SMALL, begin=begin)
    rest = [window for p in probabilities for window in cutter.push(p)] + list(cutter.finish())
    assert done + rest == windows


@given(runs, st.integers(0, 400))
def test_cutting_from_any_frame_on_leaves_out_what_is_before_and_nothing_else(parts, begin):
    probabilities = frames(parts)
    cutter = Cutter(SMALL, begin=begin)
    windows = [window for p in probabilities for window in cutter.push(p)] + list(cutter.finish())
    assert all(window.start >= begin for window in windows)
    assert all(0 <= window.start < window.end <= len(probabilities) for window in windows)


def test_while_someone_speaks_half_a_second_of_silence_ends_a_window():
    sentence, pause = [0.9] * 100, [0.1] * 16
    cutter, seen = Cutter(LIVE), []
    for at, probability in enumerate(sentence + pause + sentence):
        seen += [(at, window) for window in cutter.push(probability)]
    assert seen == [(115, Window(0, 106, 100))]


def test_while_someone_speaks_a_short_word_waits_for_more_and_a_cough_is_none():
    word, cough, pause = [0.9] * 20, [0.9] * 5, [0.1] * 25
    assert cut(word + pause + word + pause + [0.1] * 50, LIVE) == [Window(0, 71, 40)]
    assert cut(word + [0.1] * 100, LIVE) == [Window(0, 26, 20)]
    assert cut(cough + [0.1] * 100, LIVE) == []


def test_the_first_window_of_a_recording_comes_soon_and_later_ones_are_long():
    sentence, pause = [0.9] * 100, [0.1] * 20
    cutter = Cutter(first=LIVE)
    windows = [one for p in (sentence + pause) * 3 for one in cutter.push(p)] + list(cutter.finish())
    assert windows == [Window(0, 106, 100), Window(114, 346, 200)]


def test_silence_has_no_windows():
    assert cut([0.1] * 5000) == []


def test_a_click_has_no_window():
    assert cut([0.1] * 100 + [0.9] * 5 + [0.1] * 100) == []


def test_sentences_with_short_pauses_share_a_window():
    sentence, pause = [0.9] * 100, [0.1] * 20
    assert cut([0.1] * 50 + (sentence + pause) * 3 + [0.1] * 100) == [Window(44, 396, 300)]


def test_a_silence_of_a_second_ends_a_window():
    sentence, silence = [0.9] * 100, [0.1] * 80
    assert cut(sentence + [0.1] * 31 + sentence) == [Window(0, 106, 100), Window(125, 231, 100)]
    assert cut(sentence + silence + sentence) == [Window(0, 106, 100), Window(174, 280, 100)]


def test_a_short_word_waits_for_two_seconds_of_silence():
    word = [0.9] * 20
    assert cut(word + [0.1] * 50 + word + [0.1] * 100) == [Window(0, 96, 40)]
    assert cut(word + [0.1] * 62 + word + [0.1] * 100) == [Window(0, 26, 20), Window(76, 108, 20)]


def test_a_full_window_is_cut_in_its_last_pause():
    talk = [0.9] * 500 + [0.1] * 20 + [0.9] * 300 + [0.1] * 5 + [0.9] * 300
    first, second = cut(talk)
    assert (first.end, second.start) == (506, 514)


def test_talk_without_a_pause_is_cut_where_it_is_least_like_speech():
    talk = [0.9] * 800 + [0.6] + [0.9] * 700
    first, second = cut(talk)
    assert first.end == second.start == 800
    assert second.end == len(talk)


@pytest.mark.parametrize("limits", [Cutting(), LIVE], ids=["file", "live"])
def test_hours_of_talk_without_any_dip_are_cut_hard_and_nothing_is_left_out(limits):
    talk = [0.9] * 10_000
    windows = cut(talk, limits)
    assert sum(window.speech for window in windows) == len(talk)
    assert all(800 < window.end - window.start <= 875 for window in windows[:-1])
