"""Spoken into a microphone: the real screen, session, vault, recorder and engine; no real sound card."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input, TextArea

from diary.bootstrap import stores_of
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from diary.model.entry import Kind, Transcript
from diary.recorder.client import RecorderClient
from diary.session import Engines, Session
from diary.settings import Speech
from diary.tui.app import DiaryApp
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.recording import RecordingScreen
from diary.tui.screens.transcript import TranscriptScreen
from diary.vault.vault import Vault
from policies.before_the_wall import spawn
from tests.fakes.models import FakeEmbedder
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.toy_whisper.voice import RATE as TOY_RATE
from tests.toy_whisper.voice import say, silence
from tests.tui.driving import CONTEXT, Opened
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.vault.fresh import CHEAPEST
from tests.virtual_microphone import RATE, VirtualMicrophone, virtual_microphone  # noqa: F401  likewise

SPOKEN = TEST_SENTENCES[1]


def now() -> datetime:
    return datetime.now().astimezone()


@pytest.fixture
def session(
    tmp_path: Path,
    virtual_microphone: VirtualMicrophone,  # noqa: F811  see above
    toy: WhisperFolder,  # noqa: F811  see above
) -> Iterator[Session]:
    """An open diary that hears the virtual microphone and knows the toy voice."""
    pipes = spawn("diary.recorder", {"PATH": "/usr/bin:/bin", **virtual_microphone.environment})
    assert pipes is not None
    vault, _ = Vault.create(tmp_path / "vault", "a passphrase of some words", kdf=CHEAPEST)
    transcriber, rough, recorder = EngineTranscriber(toy), EngineTranscriber.rough(), RecorderClient(pipes)

    def close() -> None:
        for engine in (transcriber, rough):
            engine.close()
        vault.close()

    stores = stores_of(vault)
    engines = Engines(
        embedder=FakeEmbedder(),
        language_model=None,
        transcriber=transcriber,
        rough_transcriber=rough,
        sound=recorder,
    )
    session = Session(stores, engines, close=close, now=now, speech=Speech(language="en"))
    yield session
    session.close()
    recorder.close()


def speak(microphone: VirtualMicrophone) -> threading.Thread:
    """Somebody says a sentence as soon as it is recorded."""
    wave = np.concatenate([silence(0.3), say(SPOKEN, 90_001).wave, silence(1.0)])
    at = np.arange(len(wave) * RATE // TOY_RATE) * TOY_RATE / RATE
    sound = np.interp(at, np.arange(len(wave)), wave).astype(np.float32)

    def play() -> None:
        deadline = time.monotonic() + 20
        while not microphone.in_use() and time.monotonic() < deadline:
            time.sleep(0.05)
        microphone.hears(sound)

    player = threading.Thread(target=play)
    player.start()
    return player


@FIRST_TIME
async def test_what_is_spoken_into_the_microphone_becomes_an_entry_through_the_screen(
    session: Session,
    virtual_microphone: VirtualMicrophone,  # noqa: F811  see above
) -> None:
    app = DiaryApp(lambda *_: session, lambda: None, CONTEXT)
    async with app.run_test(size=(80, 24)) as pilot:
        diary = Opened(app, pilot, session)  # type: ignore[arg-type]  # the real one in the fake's place
        diary.screen.query_one(Input).value = "anything"
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        player = speak(virtual_microphone)
        await diary.press("v")
        await diary.until(lambda: isinstance(diary.screen, RecordingScreen))
        await diary.sees("● Recording")
        await diary.sees("Desk")
        await diary.sees("♪ hears you")
        await diary.until(lambda: not player.is_alive())
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
        await diary.until(lambda: diary.screen.query_one(TextArea).text == " ".join(SPOKEN))
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees(" ".join(SPOKEN)[:12])
        (entry,) = session.entries()
        assert (entry.kind, entry.transcript) == (Kind.VOICE, Transcript.TRANSCRIBED)
        assert entry.text == " ".join(SPOKEN)
        (version,) = session.voice.transcripts(entry.id)
        assert "".join(segment.text for segment in version.segments) == entry.text
        assert session.voice.unfinished() == []
        app._exit = True  # as when a person leaves
