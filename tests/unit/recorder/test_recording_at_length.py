"""The recorder with sound cards of other rates, for half a minute, and with a server that hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import MicrophoneFailed
from diary.recorder.client import RecorderClient
from tests.unit.recorder.test_recording import ALIKE, heard, hears, rest
from tests.virtual_microphone import VirtualMicrophone, correlation, speech_like, start_server

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000, 192_000])
def test_a_sound_card_of_any_rate_gives_the_same(
    rate: int, start: Callable[..., RecorderClient], tmp_path: Path
) -> None:
    server = start_server(tmp_path, rate)
    try:
        sound = speech_like(3.0, seed=rate)
        capture = start(**server.environment).record(None)
        got = heard(capture, hears(server, sound), most=20)
        capture.stop()
        assert correlation(got + rest(capture), sound) > ALIKE
        assert capture.lost == 0
    finally:
        server.end()


def test_half_a_minute_has_no_gap_and_the_recorder_stays_small(
    recorder: RecorderClient, virtual_microphone: VirtualMicrophone
) -> None:
    sound = speech_like(30.0, seed=9)
    capture = recorder.record(None)
    got = heard(capture, hears(virtual_microphone, sound), most=60)
    status = Path(f"/proc/{recorder._pipes.process}/status").read_text()
    kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    capture.stop()
    assert correlation(got + rest(capture), sound) > ALIKE
    assert capture.lost == 0
    assert kilobytes < 64_000  # 43 MB on x86-64 with Python 3.11


def test_a_server_that_hangs_ends_the_recording_and_another_begins_when_it_wakes(
    start: Callable[..., RecorderClient], tmp_path: Path
) -> None:
    server = start_server(tmp_path)
    try:
        recorder = start(**server.environment)
        capture = recorder.record(None)
        assert capture.read(20.0)
        server.freeze()
        frozen = time.monotonic()
        with pytest.raises(MicrophoneFailed, match=r"no sound any more.* What it heard before is kept"):
            heard(capture, lambda: False, most=15)
        assert time.monotonic() - frozen < 10
        server.thaw()
        assert recorder.record(None).read(20.0)
    finally:
        server.end()


def test_half_a_second_that_the_server_slept_is_told_as_lost(
    start: Callable[..., RecorderClient], tmp_path: Path
) -> None:
    server = start_server(tmp_path)
    try:
        capture = start(**server.environment).record(None)
        heard(capture, _after(4.0))
        server.freeze()
        heard(capture, _after(0.5))
        server.thaw()
        heard(capture, _after(5.0))
        assert 0.1 < capture.lost < 0.6
    finally:
        server.end()


def _after(seconds: float) -> Callable[[], bool]:
    ends = time.monotonic() + seconds
    return lambda: time.monotonic() > ends
