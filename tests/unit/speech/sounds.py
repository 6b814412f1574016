"""Sound files made in memory for the tests of speech: the toy voice, encoded as people's recorders would."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import av
import numpy as np
from numpy.typing import NDArray

from tests.toy_whisper.folder import TEST_SENTENCES
from tests.toy_whisper.voice import RATE, say, silence

FORMATS = {
    "wav": ("wav", "pcm_s16le", 44_100, "stereo"),
    "flac": ("flac", "flac", 48_000, "mono"),
    "mp3": ("mp3", "libmp3lame", 44_100, "stereo"),
    "m4a": ("ipod", "aac", 44_100, "mono"),
    "ogg": ("ogg", "libopus", 48_000, "mono"),
    "webm": ("webm", "libopus", 48_000, "mono"),
    "amr": ("amr", "libopencore_amrnb", 8_000, "mono"),
    "caf": ("caf", "alac", 44_100, "mono"),
    "aac": ("adts", "aac", 44_100, "mono"),
}
"""By file ending: FFmpeg's writer, the codec, samples a second, channels."""

WITHOUT_LENGTH = ("amr", "aac")
"""One frame after another: nothing in them says how many there should be."""

PAUSE = 2.5  # seconds between sentences: more than the product allows within one window


def spoken(sentences: Sequence[Sequence[str]] = TEST_SENTENCES, seed: int = 90_000) -> NDArray[np.float32]:
    """The sentences with pauses around them; mono float32 at 16 kHz."""
    parts = [silence(1.0)]
    for number, words in enumerate(sentences):
        parts += [say(words, seed + number).wave, silence(PAUSE, number)]
    return np.concatenate(parts)


def pcm(samples: NDArray[np.float32], rate: int = RATE) -> bytes:
    """A WAV file of 16 bits, as the standard library writes it."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def encoded(ending: str, samples: NDArray[np.float32], *, picture: bool = False, made: str = "") -> bytes:
    """A file as its ending says, written by FFmpeg; with a video stream when `picture`."""
    writer, codec, rate, layout = FORMATS[ending]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=writer) as container:
        if made:
            container.metadata["creation_time"] = made
        video = container.add_stream("mpeg4", rate=5, width=64, height=64) if picture else None
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if video is not None:
            for _ in range(10):
                image = np.zeros((64, 64, 3), dtype=np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(
            (samples * 32767).astype("<i2")[None, :], format="s16", layout="mono"
        )
        frame.rate = RATE
        resampler = av.AudioResampler(
            format=stream.format.name, layout=layout, rate=rate, frame_size=1024 if "pcm" in codec else None
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            piece.pts = None
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return buffer.getvalue()
