"""What a speech engine says is checked; when it dies a sentence says so; it starts only when needed."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from diary.engine import transcriber as module
from diary.engine.messages import Busy, Heard, HeardUpTo, Measured, Pcm, Result, Spelt
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import EngineFailed, ModelMissing, Stopped
from diary.model.speech import Hearing, Reached, Word
from tests.contracts.transcriber import ENGLISH
from tests.toy_whisper.voice import silence
from tests.unit.speech.sounds import pcm, spoken

SOUND = b"ten seconds"
GOOD = Measured(10.0, 6.0)


class ScriptedClient:
    """In the place of an engine process: says what a test wrote."""

    def __init__(self, *answers: Iterable[Result]) -> None:
        self.answers = list(answers)
        self.closed = 0
        self.left = 0

    def stream(
        self, work: object, *, bulk: bytes = b"", feed: object = None, timeout: float, beat: float = 0.0
    ) -> Iterator[Result]:
        try:
            yield from self.answers.pop(0)
        finally:
            self.left += 1

    def close(self) -> None:
        self.closed += 1


def hearer(*answers: Iterable[Result]) -> tuple[EngineTranscriber, ScriptedClient]:
    made, client = EngineTranscriber.rough(), ScriptedClient(*answers)
    made._client = client
    return made, client


def test_nothing_is_started_by_making_one_or_asking_its_name(tmp_path: Path):
    whisper = WhisperFolder(name="base", path=tmp_path, files={})
    made = [EngineTranscriber(whisper), EngineTranscriber.rough(), EngineTranscriber(None)]
    assert [one.engine for one in made] == ["whisper base", "pocketsphinx", None]
    assert [one.pid for one in made] == [None, None, None]


@pytest.mark.parametrize(
    "measured",
    [
        Measured(math.nan, 1.0),
        Measured(math.inf, 1.0),
        Measured(-1.0, 0.0),
        Measured(0.0, 0.0),
        Measured(10.0, 11.0),
        Measured(10.0, -1.0),
        Measured(10.0, math.nan),
        Measured(1e9, 1.0),
        Heard(0.0, 1.0, "words", 0.5),
    ],
)
def test_a_measure_that_cannot_be_is_refused_and_the_engine_ended(measured):
    made, client = hearer([measured])
    with pytest.raises(EngineFailed):
        made.examine(SOUND)
    assert client.closed == 1


def test_an_engine_that_answers_nothing_is_refused():
    with pytest.raises(EngineFailed):
        hearer([])[0].examine(SOUND)


@pytest.mark.parametrize(
    "said",
    [
        [Heard(math.nan, 1.0, "a", 0.5)],
        [Heard(0.0, math.inf, "a", 0.5)],
        [Heard(-1.0, 1.0, "a", 0.5)],
        [Heard(2.0, 1.0, "a", 0.5)],
        [Heard(9.0, 12.0, "a", 0.5)],
        [Heard(5.0, 6.0, "a", 0.5), Heard(4.0, 6.0, "b", 0.5)],
        [Heard(0.0, 1.0, "a", 1.5)],
        [Heard(0.0, 1.0, "a", math.nan)],
        [Heard(0.0, 1.0, "a" * 5000, 0.5)],
        [Heard(0.0, 0.0, "a", 0.5)] * 301,
        [GOOD],
        [Heard(1.0, 2.0, "a b", 0.5, [Spelt(1.0, 2.0, "a", 0.5)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(1.0, 2.0, "b", 0.5)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(0.5, 1.5, "a", 0.5)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(1.5, 2.5, "a", 0.5)])],
        [Heard(1.0, 2.0, "a b", 0.5, [Spelt(1.5, 2.0, "a", 0.5), Spelt(1.0, 2.0, "b", 0.5)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(math.nan, 2.0, "a", 0.5)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(1.0, 2.0, "a", math.nan)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(1.0, 2.0, "a", -0.1)])],
        [Heard(1.0, 2.0, "a", 0.5, [Spelt(1.0, 2.0, "a", 0.5)] * 5000)],
        [HeardUpTo(math.nan)],
        [HeardUpTo(-1.0)],
        [HeardUpTo(12.0)],
        [HeardUpTo(5.0), HeardUpTo(4.0)],
        [HeardUpTo(5.0), Heard(1.0, 2.0, "a", 0.5)],
        [HeardUpTo(5.0)] * 301,
        [Pcm(b"ab")],
    ],
    ids=[
        *["nan", "inf", "before", "backwards", "after", "order", "sure", "unsure", "long", "many", "other"],
        *["fewer words", "other words", "word before", "word after", "words back", "word at nan", "word nan"],
        *["word unsure", "words without end", "nowhere", "below", "beyond", "going back", "late", "stuck"],
        "sound",
    ],
)
def test_segments_that_cannot_be_are_refused_and_the_engine_ended(said):
    made, client = hearer([GOOD], said)
    with pytest.raises(EngineFailed):
        list(made.transcribe(SOUND, hearing=ENGLISH))
    assert client.closed == 1


def test_what_can_be_passes_with_its_words():
    words = [Spelt(1.0, 1.4, "all", 0.9), Spelt(1.4, 2.0, "well", 0.2)]
    made, _ = hearer([GOOD], [HeardUpTo(0.5), Busy(), Heard(1.0, 2.0, "all well", 0.5, words), HeardUpTo(10)])
    before, segment, after = made.transcribe(SOUND, hearing=ENGLISH)
    assert (before, after) == (Reached(0.5), Reached(10))
    assert segment.words == (
        Word(start=1.0, end=1.4, text="all", confidence=0.9),
        Word(start=1.4, end=2.0, text="well", confidence=0.2),
    )


def test_after_a_start_nothing_from_before_it_is_taken():
    made, _ = hearer([GOOD], [Heard(2.0, 3.0, "again", 0.5)])
    with pytest.raises(EngineFailed):
        list(made.transcribe(SOUND, hearing=ENGLISH, start=4.0))


@pytest.mark.parametrize(
    "said",
    [[Pcm(b"")], [Pcm(b"abc")], [Pcm(bytes(40_000))], [Heard(0.0, 1.0, "a", 0.5)], [HeardUpTo(1.0)]],
    ids=["nothing", "half a sample", "more than a second", "words", "progress"],
)
def test_samples_that_cannot_be_are_refused_and_the_decoder_ended(said):
    made, client = EngineTranscriber(None), ScriptedClient(said)
    made._decoder = client
    with pytest.raises(EngineFailed):
        list(made.samples(SOUND))
    assert client.closed == 1


def test_words_are_made_printable():
    made, _ = hearer([GOOD], [Heard(0.0, 1.0, " a\x1b[31m\tb\u202ec\n\u062f\u200c\u0647 ", 0.5)])
    (segment,) = made.transcribe(SOUND, hearing=Hearing())
    assert segment.text == "a [31m b c \u062f\u200c\u0647"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-05-03T12:22:11.000000Z", datetime(2026, 5, 3, 12, 22, 11, tzinfo=UTC)),
        ("2026-05-03T12:22:11", None),
        ("1904-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("9" * 100_000, None),
    ],
)
def test_a_time_of_recording_is_believed_only_when_it_is_one(said, moment):
    made, _ = hearer([Measured(10.0, 6.0, said)])
    assert made.examine(SOUND).made == moment


def test_a_stop_while_the_engine_is_busy_ends_the_job():
    def busy() -> Iterator[Result]:
        while True:
            yield Busy()

    made, client = hearer([GOOD], busy())
    asked = iter([False, False, True])
    with pytest.raises(Stopped):
        list(made.transcribe(SOUND, hearing=ENGLISH, cancelled=lambda: next(asked)))
    assert client.left == 2  # both jobs were left, the second in its middle


def test_an_engine_that_is_busy_for_ever_is_given_up(monkeypatch):
    clock = iter(range(0, 10_000_000, 100))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    def busy() -> Iterator[Result]:
        while True:
            yield Busy()

    made, client = hearer([GOOD], busy())
    with pytest.raises(EngineFailed):
        list(made.transcribe(SOUND, hearing=ENGLISH))
    assert client.closed == 1


def test_the_same_recording_is_measured_once():
    made, client = hearer([GOOD], [], [Measured(3.0, 1.0)], [])
    made.examine(SOUND)
    list(made.transcribe(SOUND, hearing=ENGLISH))
    list(made.transcribe(b"another", hearing=ENGLISH))
    assert client.answers == []


@pytest.mark.parametrize("language", ["", "EN", "english", "e", "en-us", "../x", "de\n"])
def test_a_language_that_is_no_code_is_refused_before_any_work(language):
    made, client = hearer([GOOD], [])
    with pytest.raises(ModelMissing):
        list(made.transcribe(SOUND, hearing=Hearing(language=language)))
    assert len(client.answers) == 2


# With real processes


@pytest.fixture
def rough() -> Iterator[EngineTranscriber]:
    made = EngineTranscriber.rough()
    yield made
    made.close()


@pytest.fixture(scope="module")
def long_sound() -> bytes:
    return pcm(np.tile(spoken(), 2))


def test_an_engine_killed_in_the_middle_is_told_and_the_next_recording_starts_another(rough, long_sound):
    segments = rough.transcribe(long_sound, hearing=ENGLISH)
    next(segments)
    first = rough.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with pytest.raises(EngineFailed, match="safe"):
        list(segments)
    assert rough.examine(pcm(silence(1.0))).seconds == pytest.approx(1.0, abs=0.01)
    assert rough.pid not in (None, first)


def test_a_running_engine_is_behind_the_wall_with_no_socket_and_no_file_to_write(rough, long_sound):
    segments = rough.transcribe(long_sound, hearing=ENGLISH)
    next(segments)
    process = Path(f"/proc/{rough.pid}")
    if not process.exists():
        pytest.skip("the wall is Linux's")
    status = (process / "status").read_text()
    assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
    if os.geteuid() != 0:
        return  # the descriptors behind the wall are closed to all but root
    for descriptor in (process / "fd").iterdir():
        target = str(descriptor.readlink())
        flags = int((process / "fdinfo" / descriptor.name).read_text().split("flags:")[1].split()[0], 8)
        assert not target.startswith("socket:")
        assert flags & os.O_ACCMODE == os.O_RDONLY or target.startswith(("pipe:", "/dev/null")), target
    segments.close()


def test_pocketsphinx_hears_only_english(rough):
    sound = pcm(spoken())
    with pytest.raises(ModelMissing):
        list(rough.transcribe(sound, hearing=Hearing(language="de")))


def test_examining_needs_no_model_and_transcribing_without_one_is_refused():
    made = EngineTranscriber(None)
    try:
        assert made.examine(pcm(spoken())).speech_seconds > 4
        with pytest.raises(ModelMissing, match="kept"):
            list(made.transcribe(pcm(spoken()), hearing=ENGLISH))
    finally:
        made.close()
