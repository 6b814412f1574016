"""Readers of what engines and the recorder say and are told, and of the model files that others made."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from pathlib import Path

import msgspec

from diary.engine import messages as engine
from diary.engine.forms import believed
from diary.engine.frames import BadFrame, FrameReader, FrameTimeout, PipeClosed
from diary.engine.gguf_header import read_header
from diary.engine.heard import HeardInOrder, Nonsense
from diary.engine.models import Manifest, ModelFile, read_model
from diary.engine.whisper_folder import MAGIC, check_whisper_folder
from diary.errors import ModelDamaged, ModelMissing
from diary.model.form import Choice, Form, Line, Slot
from diary.model_store.sentence_folder import check_sentence_folder
from diary.recorder import messages as recorder
from diary.recorder.streams import checked
from tests.fuzz.target import Target


def framed(*frames: object) -> bytes:
    packed = [msgspec.msgpack.encode(frame) for frame in frames]
    return b"".join(len(one).to_bytes(4, "big") + one for one in packed)


def requests() -> list[bytes]:
    turn = engine.Turn("user", "How was I?")
    slots = [engine.Slot("tool", engine.Choose(["a", "b"])), engine.Slot("words", engine.Say(20, 80))]
    bodies = (
        engine.Embed(["one", "two"]),
        engine.EmbedTokens(["one"], 8),
        engine.Generate([turn], 100, 5, [3]),
        engine.Fill([turn], [engine.Form("f", slots, 2)]),
        engine.Examine(),
        engine.Transcribe(),
        engine.Listen(),
        engine.Sound(b"\0" * 40),
        engine.SoundEnd(),
        engine.Samples(1.5),
        engine.Bulk(b"x" * 99),
        engine.Cancel(),
    )
    return [
        framed(*(engine.RequestFrame(3, body) for body in some)) for some in (bodies[:4], bodies[4:8], bodies)
    ]


def responses() -> list[bytes]:
    spelt = [engine.Spelt(0.1, 0.4, "slept", 0.9), engine.Spelt(0.4, 0.9, "badly", 0.2)]
    bodies = (
        engine.Ready(),
        engine.Vectors(1, 2, bytes(8)),
        engine.TokenVectors([1], 2, b"ab", bytes(8)),
        engine.Piece("words"),
        engine.Filled(0, [[1, "words"]]),
        engine.Measured(2.0, 1.0, "2026-01-01T00:00:00Z"),
        engine.Heard(0.1, 0.9, "slept badly", 0.5, spelt),
        engine.HeardUpTo(1.0),
        engine.Pcm(bytes(8)),
        engine.Busy(),
        engine.Done(1, 2, 3),
        engine.Failed(next(iter(engine.FailureCode)), 1, 2),
    )
    return [
        framed(*(engine.ResponseFrame(3, body) for body in some))
        for some in (bodies[4:8], bodies[6:7], bodies)
    ]


_FORMS = [Form("f", (Slot("tool", Choice(("a", "b"))), Slot("words", Line(20, 80))), 2)]


def _frames(data: bytes, reader_of) -> list:
    descriptor = os.memfd_create("frames")
    try:
        os.write(descriptor, data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        reader, found = reader_of(descriptor), []
        with contextlib.suppress(BadFrame, PipeClosed, FrameTimeout):
            while True:
                found.append(reader.read(timeout=1))
        return found
    finally:
        os.close(descriptor)


def read_requests(data: bytes, _: Path) -> None:
    _frames(data, lambda descriptor: FrameReader(descriptor, engine.RequestFrame))


def read_responses(data: bytes, _: Path) -> None:
    """And believe what they say as far as the core does."""
    in_order = HeardInOrder()
    for frame in _frames(data, lambda descriptor: FrameReader(descriptor, engine.ResponseFrame)):
        if isinstance(frame.body, engine.Filled):
            believed(frame.body, _FORMS)
        elif isinstance(frame.body, engine.Heard | engine.HeardUpTo):
            in_order.checked(frame.body, 10.0)


def recorder_requests() -> list[bytes]:
    bodies = (
        recorder.Find(),
        recorder.Record("mic") if recorder.Record.__struct_fields__ else recorder.Record(),
        recorder.Pause(),
        recorder.Resume(),
        recorder.Stop(),
        recorder.Play(),
        recorder.Sound(bytes(40)),
        recorder.Last(),
        recorder.Quiet(),
    )
    return [framed(*(recorder.RequestFrame(1, body) for body in bodies))]


@functools.cache
def recorder_responses() -> list[bytes]:
    device = recorder.Device(id="mic", name="Microphone", default=True)
    bodies = (recorder.Found([device]), recorder.Opened(device), recorder.Paused(), recorder.Quieted())
    return [framed(*(recorder.ResponseFrame(1, body) for body in bodies))]


def read_recorder_requests(data: bytes, _: Path) -> None:
    _frames(data, lambda one: FrameReader(one, recorder.RequestFrame, recorder.FRAME_CAP))


def read_recorder_responses(data: bytes, _: Path) -> None:
    for frame in _frames(data, lambda one: FrameReader(one, recorder.ResponseFrame, recorder.FRAME_CAP)):
        if isinstance(frame.body, recorder.Found):
            for one in frame.body.devices:
                checked(one)


@functools.cache
def ggufs() -> list[bytes]:
    import struct

    def text(words: str) -> bytes:
        return struct.pack("<Q", len(words)) + words.encode()

    def number(name: str, value: int) -> bytes:
        return text(name) + struct.pack("<II", 4, value)

    keys = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("general.name") + struct.pack("<I", 8) + text("Tiny"),
        *(number(f"llama.{name}", 2) for name in ("block_count", "context_length", "embedding_length")),
        text("llama.attention.head_count") + struct.pack("<IIQ2I", 9, 4, 2, 4, 4),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3) + text("a") + text("b") + text("c"),
    ]
    tensor = text("token_embd.weight") + struct.pack("<I2QIQ", 2, 2, 3, 0, 0)
    whole = b"GGUF" + struct.pack("<IQQ", 3, 1, len(keys)) + b"".join(keys) + tensor
    return [whole.ljust(-(-len(whole) // 32) * 32 + 24, b"\0")]


def read_gguf(data: bytes, place: Path) -> None:
    (place / "model.gguf").write_bytes(data)
    read_header(place / "model.gguf")


_SHA = "0" * 64
_WHISPER = {
    "model.bin": b"\x06\0\0\0\x0c\0" + MAGIC + b"weights",
    "config.json": json.dumps({"alignment_heads": [[1, 2]], "lang_ids": [1]}).encode(),
    "tokenizer.json": b'{"version": "1.0"}',
    "vocabulary.json": b'["a"]',
    "preprocessor_config.json": b'{"feature_size": 128}',
}
_SENTENCES = {
    "modules.json": json.dumps(
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ]
    ).encode(),
    "config.json": b'{"model_type": "bert", "hidden_size": 384}',
    "model.safetensors": b"weights",
    "tokenizer.json": b"{}",
    "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
}


def _manifest_of(files: dict[str, bytes]) -> bytes:
    listed = [ModelFile(name=name, size=len(content), sha256=_SHA) for name, content in files.items()]
    return msgspec.json.encode(Manifest(kind="speech", name="whisper", source="x", files=listed))


def _folder(place: Path, files: dict[str, bytes], broken: str, data: bytes) -> Path:
    for name, content in (files | {broken: data}).items():
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return place


def read_whisper(data: bytes, place: Path) -> None:
    folder = place / "whisper"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    for broken in ("config.json", "model.bin"):
        _folder(folder, _WHISPER, broken, data)
        with contextlib.suppress(ModelDamaged):
            check_whisper_folder(folder)
    _folder(folder, _WHISPER, "manifest.json", data)
    check_whisper_folder(folder)


def read_sentences(data: bytes, place: Path) -> None:
    folder = place / "sentences"
    folder.mkdir(exist_ok=True)
    for broken in ("modules.json", "config.json"):
        _folder(folder, _SENTENCES, broken, data)
        with contextlib.suppress(ModelDamaged):
            check_sentence_folder(folder)


def read_model_manifest(data: bytes, place: Path) -> None:
    (place / "manifest.json").write_bytes(data)
    found = read_model(place, sizes=False)
    found.identity.encode()
    assert found.size >= 0
    read_model(place)


_REFUSED = (ModelDamaged, ModelMissing)

TARGETS = (
    Target(name="engine-requests", samples=requests, read=read_requests, share=70),
    Target(name="engine-responses", samples=responses, read=read_responses, refuses=(Nonsense,), share=70),
    Target(name="recorder-requests", samples=recorder_requests, read=read_recorder_requests, share=40),
    Target(name="recorder-responses", samples=recorder_responses, read=read_recorder_responses, share=40),
    Target(name="gguf", samples=ggufs, read=read_gguf, refuses=_REFUSED, share=40),
    Target(
        name="whisper-folder",
        samples=lambda: [_WHISPER["config.json"], _WHISPER["model.bin"], _manifest_of(_WHISPER)],
        read=read_whisper,
        refuses=_REFUSED,
        share=5,
    ),
    Target(
        name="sentence-folder",
        samples=lambda: [_SENTENCES["modules.json"], _SENTENCES["config.json"]],
        read=read_sentences,
        refuses=_REFUSED,
        share=10,
    ),
    Target(
        name="model-manifest",
        samples=lambda: [_manifest_of(_WHISPER), _manifest_of({"a.gguf": b"x"})],
        read=read_model_manifest,
        refuses=_REFUSED,
    ),
)
