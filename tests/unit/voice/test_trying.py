"""A try of a microphone is heard as a recording is, and kept nowhere."""

from __future__ import annotations

import pytest

from diary.errors import MicrophoneFailed, MicrophoneMissing
from diary.model.recording import Meter, Phase
from diary.voice.trying import TryOut
from tests.fakes.sound import HEADSET, FakeSoundDevices

SOUND = bytes(range(256)) * 250  # two seconds


def tries(devices: FakeSoundDevices) -> TryOut:
    return TryOut(lambda microphone: (devices.record(microphone), ""))


def test_its_sound_is_in_memory_and_told_to_the_meter() -> None:
    devices = FakeSoundDevices(sound=SOUND)
    told: list[Meter] = []
    tryout = tries(devices)
    running = tryout.record(meter=told.append, heard=lambda _: None)
    assert devices.capture.wait_until_read()
    running.stop()
    assert tryout.newest is not None and tryout.newest.sound == SOUND
    assert (told[-1].phase, told[-1].seconds) == (Phase.ENDED, 2.0)


def test_it_names_its_microphone_for_this_once() -> None:
    devices = FakeSoundDevices()
    running = tries(devices).record(meter=lambda _: None, heard=lambda _: None, microphone=HEADSET.id)
    running.stop()
    assert devices.capture.microphone == HEADSET


def test_without_a_microphone_it_says_so() -> None:
    with pytest.raises(MicrophoneMissing):
        tries(FakeSoundDevices([])).record(meter=lambda _: None, heard=lambda _: None)


def test_a_microphone_that_goes_away_ends_it_and_is_told() -> None:
    devices = FakeSoundDevices(failure=MicrophoneFailed("It was unplugged."))
    told: list[Meter] = []
    running = tries(devices).record(meter=told.append, heard=lambda _: None)
    with pytest.raises(MicrophoneFailed):
        running.stop()
    assert told[-1].phase is Phase.ENDED
