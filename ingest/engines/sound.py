"""Sound files into samples: mono float32 at 16 kHz, block by block. Runs inside the engine process.

The bytes come from outside and the decoders are C, so all of this happens in a process without keys, files or
network. The format is recognised by its first bytes and only that one reader is opened: a file that calls
itself `.wav` and is a play list is refused, not followed. Pictures and video in a container are skipped.

Damaged, empty, cut off and too long are told apart: see `SoundDamaged`. What stays in memory is the
file's bytes and one block.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from ingest.engines.wholeness import cut_off, knows_length

RATE = 16_000
BLOCK_SECONDS = 10
LONGEST_SECONDS = 6 * 3600
MOST_CHANNELS = 16
MOST_RATE = 768_000  # samples a second: of the fastest there is; a filter for a billion takes half a minute
SLACK_SECONDS, SLACK_PART, MOST_SLACK_SECONDS = 0.5, 0.01, 5.0
"""How much less than promised may decode: encoders round, and cut at edits."""

Samples = NDArray[np.float32]


class SoundDamaged(Exception):
    """The bytes are no recording that we read, or parts of it do not decode."""


class SoundCutOff(SoundDamaged):
    """The end of the recording is missing."""


class SoundTooLong(SoundDamaged):
    """The recording is longer than `LONGEST_SECONDS`."""


@dataclass(slots=True)
class _Tally:
    decoded: int = 0  # samples at 16 kHz
    broken: int = 0  # packets that did not decode
    packets: int = 0


def recognise(untrusted_sound: bytes) -> str:
    """FFmpeg's name of the reader for these first bytes.

    :raises SoundDamaged: when no format we read starts like this.
    """
    head = untrusted_sound[:16]
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    for start, name in (
        (b"fLaC", "flac"),
        (b"OggS", "ogg"),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"ID3", "mp3"),
        (b"caff", "caf"),
        (b"#!AMR", "amr"),
    ):
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "mov"
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    raise SoundDamaged("no format that we read")


def blocks(untrusted_sound: bytes, *, seconds: int = BLOCK_SECONDS) -> Iterator[Samples]:
    """The whole recording in order, in blocks of about so many seconds (the last shorter), samples between -1
    and 1.

    :raises SoundDamaged: as soon as it is known, at the latest after the last block.
    """
    reader = recognise(untrusted_sound)
    if cut_off(untrusted_sound, reader):
        raise SoundCutOff("its headers promise more")
    tally = _Tally()
    try:
        with _opened(untrusted_sound, reader) as container:
            promised = _promised_seconds(container) if knows_length(untrusted_sound, reader) else 0.0
            yield from _regrouped(_decoded(container, tally), tally, seconds * RATE)
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise SoundDamaged("does not decode") from error
    if tally.decoded == 0:
        raise SoundDamaged("no sound in it")
    length = tally.decoded / RATE
    if tally.broken * 20 > tally.packets:
        raise SoundDamaged("parts do not decode")
    slack = max(SLACK_SECONDS, min(MOST_SLACK_SECONDS, promised * SLACK_PART))
    if length < promised - slack:
        raise SoundCutOff("shorter than it promises")


def made(untrusted_sound: bytes) -> str | None:
    """The moment of recording in ISO 8601, as phones write it into their files; None when there is none.

    :raises SoundDamaged: when the bytes cannot be opened.
    """
    try:
        with _opened(untrusted_sound, recognise(untrusted_sound)) as container:
            audio = container.streams.audio
            places = [container.metadata, *(stream.metadata for stream in audio)]
            return next((place["creation_time"] for place in places if "creation_time" in place), None)
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise SoundDamaged("does not decode") from error


def _opened(untrusted_sound: bytes, reader: str) -> av.container.InputContainer:
    return av.open(io.BytesIO(untrusted_sound), mode="r", format=reader, metadata_errors="ignore")


def _promised_seconds(container: av.container.InputContainer) -> float:
    """The length of the sound as the headers say; 0 when they do not."""
    stream = _voice(container)
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and not container.streams.video:  # else it is the picture's
        return float(container.duration / av.time_base)
    return 0.0


def _voice(container: av.container.InputContainer) -> av.AudioStream:
    if not container.streams.audio:
        raise SoundDamaged("no sound in it")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise SoundDamaged("no decoder for it")
    if not 1 <= stream.codec_context.channels <= MOST_CHANNELS:
        raise SoundDamaged("more channels than a voice recording has")
    return stream


def _decoded(container: av.container.InputContainer, tally: _Tally) -> Iterator[Samples]:
    """Small pieces of samples as the decoder gives them."""
    stream = _voice(container)
    resampler = _resampler()
    for packet in container.demux(stream):
        tally.packets += 1
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            tally.broken += 1
            continue
        for frame in frames:
            if not 0 < frame.sample_rate <= MOST_RATE:
                raise SoundDamaged("more samples a second than any recorder takes")
            frame.pts = None  # gaps and jumps in time stamps are the container's business, not ours
            try:
                pieces = resampler.resample(frame)
            except ValueError:  # rate or channels changed within the file
                yield from _arrays(resampler.resample(None))
                resampler = _resampler()
                pieces = resampler.resample(frame)
            yield from _arrays(pieces)
    yield from _arrays(resampler.resample(None))


def _resampler() -> AudioResampler:
    return AudioResampler(format="flt", layout="mono", rate=RATE)


def _arrays(frames: list[av.AudioFrame]) -> Iterator[Samples]:
    for frame in frames:
        loud = np.nan_to_num(frame.to_ndarray().reshape(-1), nan=0.0, posinf=1.0, neginf=-1.0)
        yield np.clip(loud, -1.0, 1.0).astype(np.float32, copy=False)


def _regrouped(pieces: Iterator[Samples], tally: _Tally, least: int) -> Iterator[Samples]:
    waiting: list[Samples] = []
    held = 0
    for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        tally.decoded += len(piece)
        if tally.decoded > LONGEST_SECONDS * RATE:
            raise SoundTooLong("longer than we take")
        if held >= least:
            yield np.concatenate(waiting)
            waiting, held = [], 0
    if held:
        yield np.concatenate(waiting)
