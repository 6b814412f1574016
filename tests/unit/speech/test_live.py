"""Words while they are spoken: cut at pauses, heard once, stopped at once. The engine is never given more
than a minute that it has not written down, and what goes wrong on either side is told.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from diary.engine.live_sound import MOST_AHEAD, LiveSound
from diary.engine.messages import Sound, SoundEnd
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import EngineFailed, ModelMissing, Stopped, VaultDamaged
from diary.model.speech import RATE, Hearing, Reached, Segment
from tests.contracts.transcriber import ENGLISH, segments_of
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.toy_whisper.voice import say, silence
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.growing import Growing, as_pcm, halves
from tests.unit.speech.sounds import pcm, spoken

pytestmark = FIRST_TIME


@pytest.fixture(scope="module")
def whisper(toy: WhisperFolder) -> Iterator[EngineTranscriber]:  # noqa: F811  see above
    hearer = EngineTranscriber(toy)
    yield hearer
    hearer.close()


def sentences(pause: float) -> np.ndarray:
    parts = [silence(0.5)]
    for number, words in enumerate(TEST_SENTENCES):
        parts += [say(words, 90_000 + number).wave, silence(pause, number)]
    return np.concatenate(parts)


def test_sentences_with_pauses_of_eight_tenths_are_each_said_word_for_word(whisper):
    heard = list(whisper.listen(Growing(halves(sentences(0.8))), hearing=ENGLISH))
    segments = segments_of(heard)
    assert [one.text for one in segments] == [" ".join(words) for words in TEST_SENTENCES]
    assert all(" ".join(word.text for word in one.words) == one.text for one in segments)


def test_pieces_of_any_length_and_half_samples_are_heard_alike(whisper):
    pcm = as_pcm(spoken(TEST_SENTENCES[:2]))
    edges = np.unique(np.random.default_rng(4).integers(0, len(pcm), 40))
    pieces = [pcm[a:b] for a, b in zip([0, *edges], [*edges, len(pcm)], strict=True)]
    segments = segments_of(whisper.listen(Growing(pieces), hearing=ENGLISH))
    assert [one.text for one in segments] == [" ".join(words) for words in TEST_SENTENCES[:2]]


def test_a_sentence_that_ends_with_the_recording_is_said_and_all_of_it_reached(whisper):
    samples = np.concatenate([silence(0.5), say(TEST_SENTENCES[1], 90_001).wave])[:-7]
    heard = list(whisper.listen(Growing(halves(samples)), hearing=ENGLISH))
    assert [one.text for one in segments_of(heard)] == [" ".join(TEST_SENTENCES[1])]
    assert heard[-1] == Reached(round(len(samples) / RATE, 3))
    filed = list(whisper.transcribe(pcm(samples), hearing=ENGLISH))
    assert [one.text for one in segments_of(filed)] == [" ".join(TEST_SENTENCES[1])]
    assert filed[-1] == heard[-1]


def test_a_cough_is_no_sentence(whisper):
    cough = np.concatenate([silence(1.0), say(["sad"], 1).wave[:1500], silence(4.0)])
    assert segments_of(whisper.listen(Growing(halves(cough)), hearing=ENGLISH)) == []


def test_an_engine_killed_while_listening_is_told_and_the_next_listening_starts_another(whisper):
    sound = Growing(halves(spoken(TEST_SENTENCES[:2])), gate=8)
    live = whisper.listen(sound, hearing=ENGLISH)
    next(one for one in live if isinstance(one, Segment))
    os.kill(whisper.pid, signal.SIGKILL)
    with pytest.raises(EngineFailed, match="safe"):
        list(live)
    again = segments_of(whisper.listen(Growing(halves(spoken(TEST_SENTENCES[:1]))), hearing=ENGLISH))
    assert len(again) == 1


def test_a_stop_while_the_microphone_says_nothing_is_heard_and_the_engine_stays(whisper):
    live = whisper.listen(
        Growing(halves(silence(2.0)), gate=2), hearing=ENGLISH, cancelled=(stop := threading.Event()).is_set
    )
    next(live)
    pid = whisper.pid
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Stopped):
        list(live)
    assert whisper.pid == pid


def test_what_reading_the_sound_raises_is_raised_and_the_engine_stays(whisper):
    class Torn(Growing):
        def read(self) -> bytes | None:
            if self.given:
                raise VaultDamaged("The recording is damaged.")
            return super().read()

    live = whisper.listen(Torn(halves(silence(2.0))), hearing=ENGLISH)
    with pytest.raises(VaultDamaged):
        list(live)
    pid = whisper.pid
    assert segments_of(whisper.listen(Growing([]), hearing=ENGLISH)) == []
    assert whisper.pid == pid


def test_a_language_that_the_model_does_not_know_is_refused(whisper):
    with pytest.raises(ModelMissing):
        list(whisper.listen(Growing([]), hearing=Hearing(language="xx")))
    with pytest.raises(ModelMissing):
        list(EngineTranscriber(None).listen(Growing([]), hearing=ENGLISH))


def test_no_sound_at_all_is_no_words(whisper):
    assert list(whisper.listen(Growing([]), hearing=ENGLISH)) == [Reached(0.0)]


# What is sent


def test_sound_is_sent_in_pieces_of_a_second_and_ends():
    live = LiveSound(Growing([bytes(5 * RATE), b"", bytes(10)]))
    frames = [live.next() for _ in range(7)]
    sizes = [len(frame.data) for frame in frames if isinstance(frame, Sound)]
    assert sizes == [2 * RATE, 2 * RATE, RATE, 10]
    assert isinstance([frame for frame in frames if frame is not None][4], SoundEnd)


def test_nothing_is_read_while_a_minute_is_not_written_down():
    sound = Growing(bytes(2 * RATE) for _ in range(200))
    live = LiveSound(sound)
    while live.next() is not None:
        pass
    assert sound.given == MOST_AHEAD * 2 * RATE
    assert live.next() is None
    live.reached(10.0)
    while live.next() is not None:
        pass
    assert sound.given == (MOST_AHEAD + 10) * 2 * RATE
