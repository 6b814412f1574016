"""A process in which somebody talks: the real vault, the real core, a microphone that keeps time, until it is
killed. What the microphone heard is told from outside the recording, so nothing can be claimed too early.
"""

from __future__ import annotations

import itertools
import struct
import threading
import time
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest  # noqa: F401  stand-ins refuse to run where it was not imported

from diary.model.speech import RATE, Microphone
from diary.parts import Engines
from diary.session import Session
from diary.vault.vault import Vault
from diary.voice import Voice
from tests.fakes.models import FakeEmbedder
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.unit.voice.conversing import stores_of

MARK = b"zanahoria-9f3b-"
"""Stands in every loud piece of sound, many times over: it must not be readable anywhere."""

SECRET = "my sister must not know of the topiramate"
"""What every sentence says; likewise."""

PIECE_SECONDS = 0.2
"""As the recorder gives it out (`diary.recorder.devices`)."""

PIECE_BYTES = 2 * round(PIECE_SECONDS * RATE)
COUNT = struct.Struct("<I")


def piece_of(number: int) -> bytes:
    """Sound that can be told from its number; sentences of 0.6 s with as long a pause after each."""
    if number % 6 >= 3:
        return bytes(PIECE_BYTES)
    return ((MARK + b"%06d-" % number) * PIECE_BYTES)[:PIECE_BYTES]


class PacedCapture:
    """A Capture whose sound comes by the clock, whether anybody reads it or not.

    :param told: hears how many pieces have come, as each does.
    """

    microphone = Microphone(id="paced", name="Paced microphone")
    lost = 0.0

    def __init__(self, told: Connection) -> None:
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._keep_time, args=(told,), daemon=True).start()

    def _keep_time(self, told: Connection) -> None:
        for number in itertools.count():
            self._pieces.put(piece_of(number))
            told.send_bytes(COUNT.pack(number + 1))
            time.sleep(PIECE_SECONDS)  # never less: on a busy machine it would catch up with several at once

    def read(self, timeout: float) -> bytes | None:
        try:
            return self._pieces.get(timeout=timeout)
        except Empty:
            return b""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None: ...


class PacedDevices(FakeSoundDevices):
    def __init__(self, told: Connection) -> None:
        super().__init__()
        self._told = told

    def record(self, microphone: str | None) -> Any:
        return PacedCapture(self._told)


def opened(vault: Vault, sound: FakeSoundDevices) -> Session:
    """The real core over a real vault; only sound and models are stand-ins."""
    engines = Engines(
        embedder=FakeEmbedder(),
        language_model=None,
        transcriber=FakeTranscriber(words=[SECRET]),
        rough_transcriber=FakeTranscriber("pocketsphinx"),
        sound=sound,
    )
    return Session(stores_of(vault), engines, close=vault.close, now=lambda: datetime.now().astimezone())


def talk_until_killed(folder: Path, code: str, told: Connection) -> None:
    session = opened(Vault.unlock(folder, code), PacedDevices(told))
    voice: Voice = session.voice  # loaded once, by the server that forks this process
    voice.record(meter=lambda _: None, heard=lambda _: None)
    threading.Event().wait()
