"""Spoken into a microphone: the real command, the real recorder, a sound card that is none."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from diary.engine.whisper_folder import WhisperFolder
from ingest.word_errors import word_errors
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.models import put_in
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.toy_whisper.voice import RATE as TOY_RATE
from tests.toy_whisper.voice import say, silence
from tests.tui.terminal import Terminal
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.sounds import pcm
from tests.virtual_microphone import RATE, VirtualMicrophone, speech_like, virtual_microphone  # noqa: F401

SPOKEN = TEST_SENTENCES[1]


@pytest.fixture
def desk(home: Home, virtual_microphone: VirtualMicrophone) -> Home:  # noqa: F811  see above
    """A home with a microphone."""
    return replace(home, more=virtual_microphone.environment)


@contextmanager
def heard_by(microphone: VirtualMicrophone, sound: NDArray[np.float32]) -> Iterator[None]:
    """Inside, whoever records first hears this."""

    def play() -> None:
        ends = time.monotonic() + 30
        while not microphone.in_use() and time.monotonic() < ends:
            time.sleep(0.05)
        microphone.hears(sound)

    player = threading.Thread(target=play)
    player.start()
    yield
    player.join()


def sentence() -> NDArray[np.float32]:
    """A sentence in the toy voice between pauses."""
    return np.concatenate([silence(0.3), say(SPOKEN, 90_001).wave, silence(1.0)])


def played(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same as the virtual sound card takes it."""
    at = np.arange(len(wave) * RATE // TOY_RATE) * TOY_RATE / RATE
    return np.interp(at, np.arange(len(wave)), wave).astype(np.float32)


@FIRST_TIME
def test_what_is_spoken_into_the_microphone_becomes_an_entry_with_its_words(
    desk: Home,
    virtual_microphone: VirtualMicrophone,  # noqa: F811  see above
    toy: WhisperFolder,  # noqa: F811  see above
) -> None:
    put_in(toy.path, desk.path / ".local/share/diary/models")
    with heard_by(virtual_microphone, played(sentence())):
        spoken = desk.json("dictate", "--seconds", "3", "--language", "en", "--title", "By voice")
    assert spoken["status"] == "transcribed"
    assert " ".join(segment["text"] for segment in spoken["segments"]) == " ".join(SPOKEN)
    assert 3 <= spoken["seconds"] < 4
    (kept,) = desk.json("history", str(spoken["entry"]))["revisions"]
    assert (kept["text"], kept["title"], kept["engine"]) == (" ".join(SPOKEN), "By voice", spoken["engine"])


def test_a_recording_of_somebody_reading_is_measured_without_a_diary(
    empty_home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "reading.wav"
    file.write_bytes(pcm(sentence()))
    words = ["voice", "test", "--file", str(file), "--language", "de"]  # which no model here hears
    ran = empty_home.run("--json", *words, passphrase=None)
    assert (ran.status, ran.json["heard"], ran.json["models"]) == (0, True, [])
    assert ran.json["passage"].startswith("Am Dienstag")
    assert -40 < ran.json["speech_dbfs"] < -3
    assert not empty_home.vault.exists()


@pytest.mark.slow
@FIRST_TIME
def test_a_recording_of_somebody_reading_is_heard_by_every_model(
    empty_home: Home,
    tmp_path: Path,
    toy: WhisperFolder,  # noqa: F811  see above
) -> None:
    put_in(toy.path, empty_home.path / ".local/share/diary/models")
    file = tmp_path / "reading.wav"
    file.write_bytes(pcm(sentence()))
    ran = empty_home.run("--json", "voice", "test", "--file", str(file), passphrase=None)
    tried = ran.json
    assert (ran.status, tried["heard"]) == (0, True)
    whisper, rough = tried["models"]
    assert (whisper["text"], rough["engine"]) == (" ".join(SPOKEN), "pocketsphinx")
    errors = word_errors(tried["passage"], whisper["text"])
    assert (whisper["errors"], whisper["words"]) == (errors.errors, errors.words)
    assert whisper["speed"] > 0
    assert tried["use"] == whisper["engine"]


def at_the_terminal(desk: Home, *words: str) -> Terminal:
    secret = desk.path / "secret"
    secret.write_text(PASSPHRASE)
    command = [str(PROGRAM), "--passphrase-file", str(secret), *words]
    return Terminal(command, desk.environment())


def test_keys_pause_it_and_ctrl_c_asks_what_is_to_become_of_it(
    desk: Home,
    virtual_microphone: VirtualMicrophone,  # noqa: F811  see above
) -> None:
    terminal = at_the_terminal(desk, "dictate")
    with heard_by(virtual_microphone, speech_like(1.5)):
        terminal.sees("I hear you")
    terminal.types(" ")
    terminal.sees("paused; Space goes on")
    terminal.process.send_signal(signal.SIGINT)
    terminal.sees("s saves it, k keeps it for later, d discards it")
    terminal.types("k")
    terminal.sees("it is no entry yet")
    assert terminal.process.wait(20) == 0
    terminal.end()
    saved = desk.json("voice", "save")  # of the only one there is, which is the first entry
    assert saved["entry"] == 1
    assert saved["status"] in {"waiting", "no speech"}
    assert 1 <= saved["seconds"] < 30


def test_without_a_microphone_it_says_so(home: Home) -> None:
    refused = home.run("--json", "dictate", "--seconds", "1")
    assert (refused.status, refused.error["code"]) == (1, "microphone-missing")
