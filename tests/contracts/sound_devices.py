"""What any SoundDevices promises; the fake and the real recorder pass the same suite."""

from __future__ import annotations

import pytest

from diary.errors import MicrophoneMissing
from diary.model.speech import RATE
from ingest.ports import Capture, SoundDevices

HALF_A_SECOND = RATE  # bytes


def read_some(capture: Capture, pieces: int) -> list[bytes]:
    got = [capture.read(20.0) for _ in range(pieces)]
    return [piece for piece in got if piece]


class SoundDevicesContract:
    """Subclasses give a fixture `devices`, with a microphone that hears something, or silence, at once."""

    def test_there_is_a_microphone_and_the_first_is_the_systems_choice(self, devices: SoundDevices):
        found = devices.microphones()
        assert found[0].default
        assert all(each.id and each.name.isprintable() for each in found)
        assert len({each.id for each in found}) == len(found)

    def test_sound_comes_in_short_pieces_of_whole_samples(self, devices: SoundDevices):
        capture = devices.record(None)
        assert capture.microphone == devices.microphones()[0]
        pieces = read_some(capture, 3)
        assert len(pieces) == 3
        assert all(len(piece) <= HALF_A_SECOND and len(piece) % 2 == 0 for piece in pieces)
        assert capture.lost == 0
        capture.stop()

    def test_one_is_opened_by_its_id_and_an_unknown_one_is_refused(self, devices: SoundDevices):
        chosen = devices.microphones()[-1]
        capture = devices.record(chosen.id)
        assert capture.microphone == chosen
        capture.stop()
        with pytest.raises(MicrophoneMissing):
            devices.record("no such microphone")

    def test_after_a_stop_the_rest_is_given_out_and_then_the_end(self, devices: SoundDevices):
        capture = devices.record(None)
        read_some(capture, 1)
        capture.stop()
        capture.stop()
        for _ in range(100):
            if capture.read(20.0) is None:
                break
        assert capture.read(0.0) is None

    def test_while_paused_nothing_comes_and_a_read_returns_in_time(self, devices: SoundDevices):
        capture = devices.record(None)
        read_some(capture, 1)
        capture.pause()
        while capture.read(0.3):
            pass
        assert capture.read(0.05) == b""
        capture.resume()
        capture.stop()

    def test_what_is_played_moves_on_and_ends(self, devices: SoundDevices):
        playback = devices.play()
        assert playback.played() == 0
        playback.write(bytes(RATE // 5))
        while not playback.finish():
            assert 0 <= playback.played() <= 0.1
        assert playback.played() == pytest.approx(0.1)
        playback.stop()

    def test_after_a_stop_nothing_more_is_played(self, devices: SoundDevices):
        playback = devices.play()
        playback.write(bytes(RATE))
        playback.stop()
        playback.write(bytes(RATE))
        assert playback.finish()
        assert playback.played() <= 0.5
