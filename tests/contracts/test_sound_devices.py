"""The fake and the real recorder, with miniaudio's own sound card, keep the same promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from diary.errors import MicrophoneMissing
from diary.recorder.client import AbsentRecorder, RecorderClient
from policies.before_the_wall import spawn
from tests.contracts.sound_devices import SoundDevicesContract
from tests.fakes.sound import FakeSoundDevices
from tests.unit.recorder.conftest import NULL


class TestFakeSoundDevices(SoundDevicesContract):
    @pytest.fixture
    def devices(self) -> FakeSoundDevices:
        return FakeSoundDevices(sound=bytes(3 * 32_000))


class TestRecorder(SoundDevicesContract):
    @pytest.fixture(scope="class")
    @classmethod
    def devices(cls) -> Iterator[RecorderClient]:
        pipes = spawn(NULL, {"PATH": "/usr/bin:/bin"})
        assert pipes is not None
        client = RecorderClient(pipes)
        yield client
        client.close()


def test_without_a_recorder_everything_says_why():
    nothing = AbsentRecorder("No microphone was found.")
    for ask in (nothing.microphones, lambda: nothing.record(None), nothing.play):
        with pytest.raises(MicrophoneMissing, match="No microphone was found"):
            ask()
