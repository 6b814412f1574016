"""A GGUF header is read on any bytes: what it says, or a sentence; never a fault, never a flood."""

import struct
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diary.engine.gguf_header import GgufHeader, is_gguf, read_header
from diary.errors import ModelDamaged
from tests.tiny_gguf import CHATML, Tiny, write_tiny

U8, U32, F32, BOOL, TEXT, LIST, U64 = 0, 4, 6, 7, 8, 9, 10


@cache
def tiny() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.gguf"
        write_tiny(path, Tiny())
        return path.read_bytes()


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words.encode())) + words.encode()


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def whole(*keys: bytes, version: int = 3, tensors: bytes = b"", count: int = 0, keys_said: int = -1) -> bytes:
    """A file with these keys after the architecture."""
    told = [key("general.architecture", TEXT, text("llama")), *keys]
    head = b"GGUF" + struct.pack("<IQQ", version, count, len(told) if keys_said < 0 else keys_said)
    return head + b"".join(told) + tensors


def tensor(*shape: int, kind: int = 0, offset: int = 0) -> bytes:
    return (
        text("token_embd.weight")
        + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        + struct.pack("<IQ", kind, offset)
    )


def read(path: Path, data: bytes) -> GgufHeader:
    path.write_bytes(data)
    return read_header(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_a_models_header_says_what_it_is(path: Path) -> None:
    header = read(path, tiny())
    assert is_gguf(path)
    assert (header.architecture, header.untrusted_name, header.kind) == ("llama", "tiny", "model")
    assert (header.context_length, header.block_count, header.embedding_length) == (4096, 2, 32)
    assert (header.head_count, header.head_count_kv) == ((4, 4), (2, 2))
    assert (header.key_length, header.value_length, header.feed_forward_length) == (8, 8, 64)
    assert header.chat_template
    assert not header.is_mmproj
    assert header.vocabulary_size > 256
    assert header.tensor_bytes < header.file_bytes == len(tiny())


def test_it_reads_what_the_formats_own_library_writes(path: Path) -> None:
    writer = gguf.GGUFWriter(str(path), "gemma3")
    writer.add_name("Made up")
    writer.add_license("apache-2.0")
    writer.add_block_count(3)
    writer.add_head_count([4, 2, 4])
    writer.add_key_length(16)
    writer.add_sliding_window(512)
    writer.add_file_type(7)
    writer.add_chat_template(CHATML)
    writer.add_tensor(
        "token_embd.weight", np.zeros((10, 34), np.uint8), raw_dtype=gguf.GGMLQuantizationType.Q8_0
    )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(path)
    assert (header.untrusted_license, header.file_type, header.sliding_window) == ("apache-2.0", 7, 512)
    assert (header.head_count, header.head_count_kv, header.key_length) == ((4, 2, 4), (4, 2, 4), 16)
    assert (header.tensor_count, header.tensor_bytes, header.vocabulary_size) == (1, 340, 10)


def test_eyes_are_told_from_a_model(path: Path) -> None:
    assert read(path, whole(key("general.type", TEXT, text("mmproj")))).is_mmproj
    assert not read(path, whole()).chat_template


@pytest.mark.parametrize("length", [0, 3, 4, 23, 24, 200, 5000, -1, -4000])
def test_a_file_that_breaks_off_is_refused(path: Path, length: int) -> None:
    with pytest.raises(ModelDamaged) as refused:
        read(path, tiny()[:length])
    assert "no whole model" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\3\4" + bytes(100), "begin"),
        (whole(version=1), "version 1"),
        (whole(version=4), "version 4"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "byte order"),
        (whole(keys_said=2**63), "keys"),
        (whole(count=2**40), "tensors"),
        (whole(keys_said=5), "cut off"),
        (whole(key("a", 99, b"")), "kind 99"),
        (whole(key("a", LIST, struct.pack("<IQ", LIST, 1) + bytes(12))), "kind 9"),
        (whole(key("a", LIST, struct.pack("<IQ", U8, 2**62))), "cut off"),
        (whole(key("a", LIST, struct.pack("<IQ", TEXT, 2**62))), "cut off"),
        (whole(key("a", TEXT, struct.pack("<Q", 2**62))), "bytes"),
        (whole(key("a", TEXT, struct.pack("<Q", 2**20))), "cut off"),
        (whole(struct.pack("<Q", 2**20) + bytes(100)), "bytes"),
        (whole(key("a", BOOL, b"\1"), key("a", BOOL, b"\1")), "twice"),
        (whole(key("general.alignment", U32, struct.pack("<I", 3))), "alignment"),
        (whole(key("general.alignment", U32, struct.pack("<I", 0))), "alignment"),
        (whole(key("general.name", U32, struct.pack("<I", 3))), "no text"),
        (whole(key("llama.context_length", F32, struct.pack("<f", 3))), "whole number"),
        (whole(key("llama.block_count", U64, struct.pack("<Q", 2**60))), "layers"),
        (
            whole(key("llama.attention.head_count", LIST, struct.pack("<IQI", U32, 1, 4))),
            "number of layers",
        ),
        (whole(tensors=tensor(), count=1), "dimensions"),
        (whole(tensors=tensor(1, 1, 1, 1, 1), count=1), "dimensions"),
        (whole(tensors=tensor(4, kind=4), count=1), "kind 4"),
        (whole(tensors=tensor(4, kind=8), count=1), "impossible"),
        (whole(tensors=tensor(0), count=1), "impossible"),
        (whole(tensors=tensor(2**40, 2**40), count=1), "impossible"),
        (whole(tensors=tensor(4, offset=7), count=1), "impossible"),
        (whole(tensors=tensor(64), count=1), "announced"),
        (whole(tensors=tensor(64, offset=2**63), count=1), "announced"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "what kind"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused_in_a_sentence(path: Path, data: bytes, why: str) -> None:
    with pytest.raises(ModelDamaged) as refused:
        read(path, data)
    assert why in refused.value.message
    assert refused.value.message.isprintable()


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        read_header(tmp_path / "none.gguf")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=12)), min_size=1, max_size=6
    ),
    length=st.integers(0, 20_000) | st.none(),
)
def test_any_damage_is_a_header_or_a_sentence_and_soon(
    path: Path, changes: list[tuple[int, bytes]], length: int | None
) -> None:
    data = bytearray(tiny())
    for place, written in changes:
        data[place : place + len(written)] = written
    path.write_bytes(bytes(data[:length]))
    begun = time.process_time()
    try:
        header = read_header(path)
    except ModelDamaged as refused:
        assert refused.message.isprintable()
    else:
        assert header.tensor_bytes <= header.file_bytes
        assert header.architecture.isprintable()
    assert time.process_time() - begun < 5
