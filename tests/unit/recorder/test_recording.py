"""Sound through the real, sealed recorder: what a microphone hears arrives, and what goes wrong is said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from diary.errors import MicrophoneFailed, MicrophoneMissing
from diary.recorder.client import RecorderClient
from diary.recorder.streams import Capture
from policies.before_the_wall import surroundings
from tests.unit.recorder.conftest import NULL
from tests.virtual_microphone import (
    RATE,
    SECOND,
    SOURCE,
    VirtualMicrophone,
    correlation,
    speech_like,
    start_server,
)

ALIKE = 0.99


def heard(capture: Capture, until: Callable[[], bool], most: float = 30.0) -> bytes:
    """All that is heard until something has happened."""
    got, ends = b"", time.monotonic() + most
    while not until():
        assert time.monotonic() < ends
        got += capture.read(0.1) or b""
    return got


def rest(capture: Capture) -> bytes:
    """What is left after a stop."""
    got = b""
    while (piece := capture.read(1.0)) is not None:
        got += piece
    return got


def hears(server: VirtualMicrophone, sound: np.ndarray, microphone: str = SOURCE) -> Callable[[], bool]:
    """Let a microphone hear a sound meanwhile; tells whether that is over."""
    playing = threading.Thread(target=server.hears, args=(sound, microphone))
    playing.start()
    return lambda: not playing.is_alive()


def test_what_the_microphone_hears_arrives_and_nothing_while_paused(
    recorder: RecorderClient, virtual_microphone: VirtualMicrophone
) -> None:
    before, between, after = speech_like(0.6, seed=3), speech_like(0.2, seed=4), speech_like(0.4, seed=5)
    capture = recorder.record(None)
    assert (capture.microphone.id, capture.microphone.name) == (SOURCE, "Desk")
    got = heard(capture, hears(virtual_microphone, before))
    capture.pause()
    over = hears(virtual_microphone, between)
    got += heard(capture, lambda: over() and not virtual_microphone.in_use())  # the microphone is released
    capture.resume()
    got += capture.read(20.0) or b""
    got += heard(capture, hears(virtual_microphone, after))
    capture.stop()
    got += rest(capture)
    assert correlation(got, before) > ALIKE
    assert correlation(got, after) > ALIKE
    assert correlation(got, between) < 0.5
    assert capture.lost == 0
    assert not virtual_microphone.in_use()


def test_microphones_are_listed_and_the_second_can_be_chosen(
    recorder: RecorderClient, virtual_microphone: VirtualMicrophone
) -> None:
    found = recorder.microphones()
    assert [(each.id, each.name, each.default) for each in found] == [
        (SOURCE, "Desk", True),
        (SECOND, "Headset", False),
    ]
    # as sharp as an s: a server that converts to 16 kHz itself takes 8 dB of it away
    sound = (0.5 * np.sin(2 * np.pi * 7_000 * np.arange(0.4 * RATE) / RATE)).astype(np.float32)
    capture = recorder.record(SECOND)
    got = heard(capture, hears(virtual_microphone, sound, SECOND))
    capture.stop()
    samples = np.frombuffer(got + rest(capture), "<i2") / 32_767
    loudest = np.convolve(samples**2, np.ones(3_200) / 3_200, "valid").max()
    assert 10 * np.log10(loudest / 0.125) == pytest.approx(0, abs=0.5)


def test_a_server_is_found_where_it_usually_listens(
    start: Callable[..., RecorderClient], virtual_microphone: VirtualMicrophone
) -> None:
    """No variable names it, as on most machines; libpulse by itself would want to make a folder first."""
    usual = {"XDG_RUNTIME_DIR": str(virtual_microphone.socket.parent.parent), "HOME": "/nonexistent"}
    assert start(**surroundings(usual)).microphones()[0].id == SOURCE


def test_a_microphone_that_is_not_there_and_one_too_many_are_refused(recorder: RecorderClient) -> None:
    with pytest.raises(MicrophoneMissing, match="chosen microphone is not there"):
        recorder.record("attic")
    first = recorder.record(None)
    with pytest.raises(MicrophoneFailed, match="running already"):
        recorder.record(SECOND)
    first.stop()
    rest(first)
    again = recorder.record(SECOND)
    assert again.read(20.0)


def test_unplugging_is_said_and_what_was_heard_is_kept(
    start: Callable[..., RecorderClient], tmp_path: Path
) -> None:
    server = start_server(tmp_path)
    recorder = start(**server.environment)
    capture = recorder.record(SECOND)
    assert capture.read(20.0)
    server.unplug(SECOND)
    with pytest.raises(MicrophoneFailed, match=r"unplugged or switched off\. What it heard before is kept"):
        heard(capture, lambda: False)
    capture = recorder.record(None)
    assert capture.read(20.0)
    server.end()
    with pytest.raises(MicrophoneFailed, match="sound server went away"):
        heard(capture, lambda: False)
    with pytest.raises(MicrophoneMissing, match="No sound server answers"):
        recorder.microphones()


def test_what_is_played_is_heard_and_ends(
    recorder: RecorderClient, virtual_microphone: VirtualMicrophone
) -> None:
    sound = speech_like(0.4, seed=7)
    for _ in range(3):  # a busy machine leaves holes in what a loudspeaker gets in time
        likeness = correlation(heard_of(recorder, virtual_microphone, sound), sound)
        if likeness > 0.9:
            break
    # Every third sample without a filter folds what is above 8 kHz, of which there is little.
    assert likeness > 0.9


def heard_of(recorder: RecorderClient, microphone: VirtualMicrophone, sound: np.ndarray) -> bytes:
    """What came out of the loudspeaker while this was played to its end."""
    listener = microphone.listen()
    try:
        playback = recorder.play()
        playback.write((sound[::3] * 32767).astype("<i2").tobytes())
        positions = [playback.played()]
        while not playback.finish():
            positions.append(playback.played())
    finally:
        listener.terminate()
    assert positions == sorted(positions)
    assert playback.played() == pytest.approx(0.4, abs=0.01)
    assert listener.stdout is not None
    return bytes(listener.stdout.read())


def test_a_stopped_playback_is_silent_at_once_and_another_can_begin(recorder: RecorderClient) -> None:
    playback = recorder.play()
    playback.write(bytes(int(1.5 * 32_000)))
    playback.stop()
    assert playback.finish()
    assert playback.played() < 1.5
    recorder.play().stop()


def test_much_sound_waits_for_the_loudspeaker(start: Callable[..., RecorderClient]) -> None:
    playback = start(NULL).play()
    began = time.monotonic()
    playback.write(bytes(int(1.65 * 32_000)))
    assert time.monotonic() - began > 0.1
    playback.stop()
