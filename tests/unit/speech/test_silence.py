"""Silero hears speech in the toy voice and none in a quiet room, block by block as well as at once."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from ingest.engines.silence import FRAME, Detector, Listener
from ingest.engines.sound import RATE
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.toy_whisper.voice import silence
from tests.unit.speech.sounds import spoken


def in_blocks(samples: np.ndarray, size: int) -> list[np.ndarray]:
    return [samples[at : at + size] for at in range(0, len(samples), size)]


@pytest.mark.parametrize("frames", [1, 7, 312])
def test_blocks_give_the_same_probabilities_as_the_whole(frames):
    samples = spoken(TEST_SENTENCES[:2])
    samples = samples[: len(samples) // FRAME * FRAME]
    detector = Detector()
    parts = [detector.probabilities(block) for block in in_blocks(samples, frames * FRAME)]
    whole = get_vad_model()(samples.copy()).reshape(-1)
    # but for the last frame, whose end faster-whisper overwrites with zeros
    assert np.allclose(np.concatenate(parts)[:-1], whole[:-1], atol=1e-4)


@pytest.mark.parametrize("size", [RATE // 3 + 1, 10 * RATE, 10**9])
def test_every_sentence_is_one_utterance_with_its_own_sound(size):
    samples = spoken()
    listener = Listener()
    utterances = list(listener.parts(in_blocks(samples, size)))
    assert len(utterances) == len(TEST_SENTENCES)
    assert listener.seconds == len(samples) / RATE
    for utterance in utterances:
        start = round(utterance.start * RATE)
        assert np.array_equal(utterance.samples, samples[start : start + len(utterance.samples)])
        assert utterance.end <= listener.seconds


def test_a_quiet_room_has_no_utterance_and_no_speech():
    listener = Listener()
    assert list(listener.parts(in_blocks(silence(60), 10 * RATE))) == []
    assert listener.speech_seconds == 0
    assert listener.seconds == 60


def test_digital_silence_and_a_steady_hum_have_no_speech():
    hum = (0.1 * np.sin(2 * np.pi * 50 * np.arange(20 * RATE) / RATE)).astype(np.float32)
    for sound in (np.zeros(20 * RATE, dtype=np.float32), hum):
        listener = Listener()
        assert list(listener.parts([sound])) == []


def test_what_is_held_of_a_long_recording_is_less_than_two_windows():
    samples, held = np.tile(spoken(), 6), [0]
    listener = Listener()

    def watched():
        for block in in_blocks(samples, 10 * RATE):
            yield block
            held.append(len(listener.held))

    assert len(list(listener.parts(watched()))) == 6 * len(TEST_SENTENCES)
    assert max(held) < 40 * RATE < len(samples)
