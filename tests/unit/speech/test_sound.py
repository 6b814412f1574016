"""Nine formats decode to the same sound; what is damaged, empty, cut off or disguised is told apart."""

from __future__ import annotations

import itertools
import struct
from functools import cache

import numpy as np
import pytest

from ingest.engines import sound
from ingest.engines.sound import RATE, SoundCutOff, SoundDamaged, SoundTooLong, blocks, made
from tests.toy_whisper.voice import say, silence
from tests.unit.speech.sounds import FORMATS, WITHOUT_LENGTH, encoded, pcm


@cache
def voice() -> np.ndarray:
    talk = [say([word, "rain", "teatime"], seed).wave for seed, word in enumerate(["sad", "calm", "walk"])]
    return np.concatenate([silence(0.5), *itertools.chain(*((one, silence(0.7)) for one in talk))])


@cache
def file(ending: str) -> bytes:
    return encoded(ending, voice())


def decoded(untrusted: bytes) -> np.ndarray:
    return np.concatenate(list(blocks(untrusted)))


def envelope(samples: np.ndarray) -> np.ndarray:
    """Loudness of each 20 ms: what a codec must keep, whatever it does to phases."""
    return np.sqrt((samples[: len(samples) // 320 * 320].reshape(-1, 320) ** 2).mean(axis=1))


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_gives_the_same_sound(ending):
    heard = decoded(file(ending))
    assert heard.dtype == np.float32
    assert abs(len(heard) - len(voice())) < 0.15 * RATE
    true, got = envelope(voice()), envelope(heard)
    shared = min(len(true), len(got)) - 3
    late = [np.corrcoef(true[:shared], got[delay : delay + shared])[0, 1] for delay in range(3)]
    assert max(late) > (0.9 if ending == "amr" else 0.95)  # AAC begins 23 ms late, AMR has half the band


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending not in WITHOUT_LENGTH])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off_is_refused(ending, part):
    whole = file(ending)
    with pytest.raises(SoundDamaged):
        decoded(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("ending", FORMATS)
def test_a_header_alone_is_refused(ending):
    with pytest.raises(SoundDamaged):
        decoded(file(ending)[:60])


@pytest.mark.parametrize("ending", FORMATS)
def test_noise_after_a_good_beginning_is_refused_or_skipped_but_never_breaks(ending):
    rng = np.random.default_rng(7)
    whole = bytearray(file(ending))
    half = len(whole) // 2
    whole[half : half + 2000] = rng.bytes(2000)
    try:
        heard = decoded(bytes(whole))
    except SoundDamaged:
        return
    assert np.isfinite(heard).all() and np.abs(heard).max() <= 1


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\0",
        b"Dear diary, this is text in a file named .wav\n" * 40,
        bytes(range(256)) * 100,
        b"\xff\xfb" + bytes(5000),
        b"ID3\x04\0\0\0\0\0\0" + bytes(5000),
        b"OggS" + bytes(5000),
        b"fLaC" + bytes(5000),
        b"\x1aE\xdf\xa3" + bytes(5000),
        b"\0\0\0\x20ftypM4A " + bytes(5000),
    ],
    ids=["empty", "byte", "text", "bytes", "mp3", "id3", "ogg", "flac", "webm", "m4a"],
)
def test_what_is_no_recording_is_refused(bad):
    with pytest.raises(SoundDamaged):
        decoded(bad)


def test_a_recording_of_no_length_is_refused():
    with pytest.raises(SoundDamaged):
        decoded(pcm(np.zeros(0, dtype=np.float32)))


def test_a_play_list_that_names_another_file_is_refused_unread(tmp_path):
    target = tmp_path / "other.wav"
    target.write_bytes(pcm(voice()))
    for text in (f"ffconcat version 1.0\nfile {target}\n", f"#EXTM3U\n#EXTINF:9,\nfile://{target}\n"):
        with pytest.raises(SoundDamaged):
            decoded(text.encode())


def test_a_wav_of_a_recorder_that_streamed_has_no_length_and_is_fine():
    whole = bytearray(pcm(voice()))
    whole[4:8] = whole[40:44] = b"\xff\xff\xff\xff"
    assert len(decoded(bytes(whole))) == len(voice())


def test_an_ogg_that_ends_between_pages_is_taken_as_a_crashed_recorder_left_it():
    whole = file("ogg")
    end = whole.rfind(b"OggS")
    assert 0 < len(decoded(whole[:end])) < len(voice())


def test_a_picture_in_the_container_is_skipped():
    heard = decoded(encoded("m4a", voice(), picture=True))
    assert abs(len(heard) - len(voice())) < 0.15 * RATE


def test_values_that_are_no_numbers_become_silence_and_loud_ones_are_limited():
    samples = np.array([np.nan, np.inf, -np.inf, 5.0, 0.25] * 4000, dtype="<f4")
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + samples.nbytes, b"WAVE", b"fmt ", 16, 3, 1, RATE,
                       RATE * 4, 4, 32, b"data", samples.nbytes)  # fmt: skip
    heard = decoded(head + samples.tobytes())
    assert np.isfinite(heard).all() and np.abs(heard).max() <= 1


def test_a_recording_longer_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(sound, "LONGEST_SECONDS", 2)
    with pytest.raises(SoundTooLong):
        decoded(pcm(voice()))


def test_blocks_are_bounded():
    sizes = [len(block) for block in blocks(pcm(np.tile(voice(), 3)), seconds=1)]
    assert sum(sizes) == 3 * len(voice())
    assert max(sizes) < 2 * RATE


def test_the_time_of_recording_is_read_from_the_file():
    assert made(encoded("m4a", voice(), made="2026-05-03T12:22:11Z")) == "2026-05-03T12:22:11.000000Z"
    assert made(file("wav")) is None


def test_cut_off_is_its_own_finding():
    whole = pcm(voice())
    with pytest.raises(SoundCutOff):
        decoded(whole[:-1000])
