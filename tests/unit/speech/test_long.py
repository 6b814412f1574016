"""A recording of minutes: bounded memory, steady progress, a stop within a second. The figures of 35 minutes
with models of real sizes are `python -m tests.bench speech`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import Stopped
from diary.model.speech import RATE, Reached, Segment
from tests.bench.speech import peak_memory
from tests.contracts.transcriber import ENGLISH, segments_of
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.sounds import encoded, pcm, spoken

pytestmark = FIRST_TIME
TIMES = 3


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """More than a minute, with the same sentences again and again but never twice in a row."""
    return np.tile(spoken(), TIMES)


@pytest.fixture(scope="module")
def whisper(toy: WhisperFolder) -> Iterator[EngineTranscriber]:  # noqa: F811  see above
    hearer = EngineTranscriber(toy)
    yield hearer
    hearer.close()


def test_progress_is_steady_what_is_stopped_goes_on_and_memory_is_bounded(whisper, samples):
    sound = encoded("ogg", samples)
    heard: list[Segment | Reached] = []
    stop = threading.Event()
    with pytest.raises(Stopped):
        for one in whisper.transcribe(sound, hearing=ENGLISH, cancelled=stop.is_set):
            heard.append(one)
            if len(segments_of(heard)) == 3 and not stop.is_set():
                stopped, pid = time.monotonic(), whisper.pid
                stop.set()
    assert time.monotonic() - stopped < 1.0
    reached = [one.seconds for one in heard if isinstance(one, Reached)]
    whole = [one for one in segments_of(heard) if one.end <= reached[-1]]
    rest = list(whisper.transcribe(sound, hearing=ENGLISH, start=reached[-1]))
    assert whisper.pid == pid
    said = [" ".join(words) for words in TEST_SENTENCES * TIMES]
    assert [one.text for one in [*whole, *segments_of(rest)]] == said
    reached += [one.seconds for one in rest if isinstance(one, Reached)]
    assert reached == sorted(reached)
    assert max(np.diff(reached)) < 6  # the sentences are 3.5 to 4.5 seconds apart
    assert reached[-1] == pytest.approx(len(samples) / RATE, abs=0.1)
    assert peak_memory(pid) < 300e6


def test_samples_are_decoded_as_they_are_taken_and_not_in_advance(whisper, samples):
    """Ten times the pipe would be in memory otherwise."""
    pieces = whisper.samples(pcm(np.tile(samples, 3)))
    next(pieces)
    pid = whisper._decoder.pid
    assert pid is not None
    before = peak_memory(pid)
    assert sum(map(len, pieces)) == 2 * (3 * len(samples) - RATE)
    assert peak_memory(pid) - before < 5e6
