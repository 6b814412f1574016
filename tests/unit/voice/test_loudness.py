"""The level meter: what it shows, and when somebody seems to speak."""

from __future__ import annotations

import pytest

from ingest.loudness import DIGITAL_SILENCE, Loudness
from tests.unit.voice.sounds import hum, hush, tone


def measured(*pieces: bytes) -> Loudness:
    loudness = Loudness()
    for piece in pieces:
        for at in range(0, len(piece), 3200):
            loudness.add(piece[at : at + 3200])
    return loudness


@pytest.mark.parametrize("level", [-3.0, -20.0, -50.0])
def test_the_peak_is_in_decibels_of_full_scale(level):
    assert measured(hum(0.1, level=level)).peak == pytest.approx(level, abs=0.3)


def test_digital_silence_is_the_lowest_level_and_the_loudest_sample_is_zero():
    assert measured(hush(0.1)).peak == DIGITAL_SILENCE
    assert measured(b"\x00\x80" * 100).peak == 0.0


def test_the_peak_is_that_of_the_newest_piece():
    assert measured(tone(1), hush(0.1)).peak == DIGITAL_SILENCE


def test_a_voice_is_heard_after_silence_and_at_the_very_beginning():
    assert measured(hush(2), tone(1)).heard
    assert measured(tone(1)).heard


def test_silence_a_fan_and_a_click_are_no_voice():
    assert not measured(hush(2)).heard
    assert not measured(hum(12)).heard
    assert not measured(hush(1), hum(0.06), hush(0.5)).heard
    assert not Loudness().heard


def test_a_voice_is_no_more_heard_a_second_after_it_ended():
    assert not measured(hush(1), tone(1), hush(1.2)).heard


def test_quiet_seconds_are_counted_from_the_last_sound():
    assert measured(tone(1), hush(2.5)).quiet_seconds == pytest.approx(2.5)
    assert measured(hush(2.5), tone(1)).quiet_seconds == 0
    assert measured(hum(4, level=-80)).quiet_seconds == pytest.approx(4)


def test_an_odd_byte_at_the_end_is_not_measured():
    loudness = Loudness()
    loudness.add(b"\x00")
    loudness.add(b"")
    assert loudness.peak == DIGITAL_SILENCE
