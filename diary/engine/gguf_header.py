"""What a GGUF file says of itself, read without llama.cpp: safe on any bytes, and nothing is loaded.

Why: a model file comes from anywhere, and whoever imports one wants to know what it is, what it may be used
for and how much memory it takes before a library in C parses it. Every count is bounded before it is
believed, every length is compared with what the file still holds, and each tensor must lie inside the file,
so that a download that broke off is found here.

The format: GGUF versions 2 and 3, little-endian (docs/gguf.md of the ggml project). Standard library only.

Not here: what a model needs beyond its header (`diary.model_store`), and whether it computes sense.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diary.errors import ModelDamaged

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_HEADER = 256 << 20  # bytes; the largest vocabularies come to 20 MB
_MOST_KEYS = 1 << 16
_MOST_TENSORS = 1 << 17
_MOST_DIMENSIONS = 4  # GGML_MAX_DIMS
_MOST_ELEMENTS = 1 << 48  # of a tensor
_MOST_ALIGNMENT = 1 << 20
_LONGEST_KEY = (1 << 16) - 1  # bytes, by the format
_LONGEST_TEXT = 1 << 22  # bytes; chat templates are below 100 KB
_MOST_KEPT = 4096  # elements of a list of numbers that are kept; the longest is one for each layer
_STEP = 1 << 20

_TEXT, _LIST = 8, 9
_NUMBERS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_SIZES = {kind: struct.calcsize(form) for kind, form in _NUMBERS.items()}

_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18), 42: (64, 18),
}  # fmt: skip
"""Kind of tensor → values in a block, bytes of a block: ggml_blck_size and ggml_type_size of ggml 0.25.3."""

Value = int | float | bool | str | tuple[int | float | bool, ...] | None
"""A value as it is kept; None for lists of texts and long lists, of which only the length is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """What the file says. Texts are as they stand in it: nobody has checked them.

    :ivar architecture: llama.cpp's name of the network ("llama", "gemma3", "clip").
    :ivar kind: `general.type`: "model", "mmproj", "adapter"; "model" when it does not say.
    :ivar untrusted_name, untrusted_license: as `general.name` and `general.license` say; None when they do
        not.
    :ivar chat_template: whether it has one. :ivar context_length: tokens it was trained on; 0 when unknown.
    :ivar block_count: layers. :ivar embedding_length: width of the hidden state.
    :ivar head_count, head_count_kv: heads of queries and of keys and values, one number for each layer.
    :ivar key_length, value_length: numbers in one head's key and value.
    :ivar sliding_window: tokens that windowed layers look back; 0 when none does.
    :ivar feed_forward_length: width inside a layer, the largest; 0 when unknown.
    :ivar vocabulary_size: tokens it knows. :ivar file_type: llama.cpp's number of the quantisation, or None.
    :ivar tensor_count: matrices in it. :ivar tensor_bytes: what they take together.
    :ivar parts: files the model is split into; 1 when it is whole.
    :ivar file_bytes: size of the file.
    """

    version: int
    architecture: str
    kind: str
    untrusted_name: str | None
    untrusted_license: str | None
    chat_template: bool
    context_length: int
    block_count: int
    embedding_length: int
    head_count: tuple[int, ...]
    head_count_kv: tuple[int, ...]
    key_length: int
    value_length: int
    sliding_window: int
    feed_forward_length: int
    vocabulary_size: int
    file_type: int | None
    tensor_count: int
    tensor_bytes: int
    parts: int
    file_bytes: int

    @property
    def is_mmproj(self) -> bool:
        """Whether it is what turns images into a model's tokens, not a model that writes."""
        return self.kind == "mmproj" or self.architecture == "clip"


def is_gguf(path: Path) -> bool:
    """Whether the file begins as a GGUF does.

    :raises OSError: when it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_header(path: Path) -> GgufHeader:
    """Read the header and see that every tensor lies inside the file.

    :raises diary.errors.ModelDamaged: when it is no GGUF, of another version, cut off, or contradicts itself.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return _header(_Reader(file, size))
    except _Wrong as wrong:
        raise ModelDamaged(
            f"The file {path.name} is no whole model: {wrong}. Nothing was installed or changed.",
            hint="Compare its size and SHA-256 with those of where it comes from, and copy it again.",
        ) from None
    except OSError as error:
        raise ModelDamaged(
            f"The file {path.name} cannot be read: {error.strerror or 'disk error'}. Nothing was changed.",
            hint="Check that it is there and that you may read it.",
        ) from None


class _Wrong(Exception):
    """What is wrong with the file, as the end of a sentence."""


class _Reader:
    """Reads forward, never past the end of the file or the longest header.

    :param size: bytes of the file.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        self.place = 0

    def demand(self, count: int) -> None:
        """See that so many bytes are there."""
        if count > self.size - self.place:
            raise _Wrong("it is cut off inside its header")
        if self.place + count > _MOST_HEADER:
            raise _Wrong("its header is larger than any model's")

    def take(self, count: int) -> bytes:
        self.demand(count)
        data = self._file.read(count)
        if len(data) != count:  # became shorter while it was read
            raise _Wrong("it is cut off inside its header")
        self.place += count
        return data

    def skip(self, count: int) -> None:
        self.demand(count)
        for start in range(0, count, _STEP):
            self.take(min(_STEP, count - start))

    def number(self, kind: int) -> int | float | bool:
        """One number, or truth value."""
        data = self.take(_SIZES[kind])
        value: int | float | bool = struct.unpack(_NUMBERS[kind], data)[0]
        return value

    def count(self, most: int, what: str) -> int:
        """A 64-bit count, at most `most`."""
        value = int(self.number(10))
        if value > most:
            raise _Wrong(f"it claims to have {value} {what}")
        return value

    def text(self, most: int, what: str) -> str:
        length = int(self.number(10))
        if length > most:
            raise _Wrong(f"it has {what} of {length} bytes")
        return self.take(length).decode("utf-8", "replace")

    def value(self) -> tuple[Value, int]:
        """A value and, of a list, its length."""
        kind = int(self.number(4))
        if kind == _TEXT:
            return self.text(_LONGEST_TEXT, "a text"), 0
        if kind == _LIST:
            return self._list()
        if kind not in _NUMBERS:
            raise _Wrong(f"it has a value of the unknown kind {kind}")
        return self.number(kind), 0

    def _list(self) -> tuple[Value, int]:
        kind = int(self.number(4))
        length = int(self.number(10))
        if kind == _TEXT:
            self.demand(8 * length)  # each text has a length of 8 bytes at least
            for _ in range(length):
                self.skip(int(self.number(10)))
            return None, length
        if kind not in _NUMBERS:
            raise _Wrong(f"it has a list of the unknown kind {kind}")
        self.demand(_SIZES[kind] * length)
        if length > _MOST_KEPT:
            self.skip(_SIZES[kind] * length)
            return None, length
        return tuple(self.number(kind) for _ in range(length)), length


def _header(reader: _Reader) -> GgufHeader:
    if reader.size < 24 or reader.take(4) != MAGIC:
        raise _Wrong("it does not begin as a GGUF file does")
    version = int(reader.number(4))
    if version not in _VERSIONS:
        if version & 0xFFFF == 0:  # a small number, read backwards
            raise _Wrong("it is written for processors with another byte order")
        raise _Wrong(f"its format is version {version} of GGUF, and only 2 and 3 are understood")
    tensors = reader.count(_MOST_TENSORS, "tensors")
    said = _Said(reader)
    alignment = said.number("general.alignment", 32)
    if not 1 <= alignment <= _MOST_ALIGNMENT or alignment & (alignment - 1):
        raise _Wrong("its alignment is none")
    tensor_bytes, ends = _tensors(reader, tensors, alignment, said)
    start = -(-reader.place // alignment) * alignment
    if tensors and start + ends > reader.size:
        raise _Wrong(f"it is cut off: {start + ends} bytes are announced, {reader.size} are there")
    return said.header(version, tensors, tensor_bytes, reader.size)


def _tensors(reader: _Reader, count: int, alignment: int, said: _Said) -> tuple[int, int]:
    """Bytes of all tensors together, and where the last of them ends."""
    total = ends = 0
    for _ in range(count):
        name = reader.text(_LONGEST_KEY, "a name")
        dimensions = int(reader.number(4))
        if not 1 <= dimensions <= _MOST_DIMENSIONS:
            raise _Wrong(f"it has a tensor of {dimensions} dimensions")
        shape = [int(reader.number(10)) for _ in range(dimensions)]
        kind, offset = int(reader.number(4)), int(reader.number(10))
        if kind not in _BLOCKS:
            raise _Wrong(f"its tensors are of the unknown kind {kind}")
        block, block_bytes = _BLOCKS[kind]
        elements = math.prod(shape)
        if not 0 < elements <= _MOST_ELEMENTS or shape[0] % block or offset % alignment:
            raise _Wrong("a tensor's shape or place is impossible")
        size = elements // block * block_bytes
        total, ends = total + size, max(ends, offset + size)
        if name == "token_embd.weight":
            said.embedded = shape[-1]
    return total, ends


class _Said:
    """The keys of a header that are looked at."""

    def __init__(self, reader: _Reader) -> None:
        self.values: dict[str, Value] = {}
        self.lengths: dict[str, int] = {}
        self.embedded = 0
        """Rows of the matrix of token vectors."""
        for _ in range(reader.count(_MOST_KEYS, "keys")):
            key = reader.text(_LONGEST_KEY, "a key")
            value, length = reader.value()
            if key in self.lengths:
                raise _Wrong("it says the same thing twice")
            self.values[key], self.lengths[key] = value, length

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise _Wrong(f"{key} is no text")
        return value or None

    def number(self, key: str, default: int = 0) -> int:
        """A whole number that is not negative."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _Wrong(f"{key} is no whole number")
        return value

    def each(self, key: str, layers: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """A whole number for each layer; files give one for all, or a list."""
        value = self.values.get(key)
        if key not in self.values:
            return default
        if isinstance(value, tuple):
            if len(value) != layers or not all(_whole(one) for one in value):
                raise _Wrong(f"{key} does not fit the number of layers")
            return tuple(int(one) for one in value)
        return (self.number(key),) * layers

    def header(self, version: int, tensors: int, tensor_bytes: int, size: int) -> GgufHeader:
        architecture = self.text("general.architecture")
        if architecture is None or not architecture.isprintable() or len(architecture) > 64:
            raise _Wrong("it does not say what kind of network it is")
        of = f"{architecture}."
        layers = self.number(f"{of}block_count")
        if layers > _MOST_KEPT:
            raise _Wrong(f"it claims to have {layers} layers")
        width = self.number(f"{of}embedding_length")
        heads = self.each(f"{of}attention.head_count", layers, (0,) * layers)
        most_heads = max(heads, default=0)
        head_width = width // most_heads if most_heads else 0
        return GgufHeader(
            version=version,
            architecture=architecture,
            kind=self.text("general.type") or "model",
            untrusted_name=self.text("general.name"),
            untrusted_license=self.text("general.license"),
            chat_template=self.text("tokenizer.chat_template") is not None,
            context_length=self.number(f"{of}context_length"),
            block_count=layers,
            embedding_length=width,
            head_count=heads,
            head_count_kv=self.each(f"{of}attention.head_count_kv", layers, heads),
            key_length=self.number(f"{of}attention.key_length", head_width),
            value_length=self.number(f"{of}attention.value_length", head_width),
            sliding_window=self.number(f"{of}attention.sliding_window"),
            feed_forward_length=max(self.each(f"{of}feed_forward_length", layers, (0,)), default=0),
            vocabulary_size=self.lengths.get("tokenizer.ggml.tokens", 0) or self.embedded,
            file_type=self.number("general.file_type") if "general.file_type" in self.values else None,
            tensor_count=tensors,
            tensor_bytes=tensor_bytes,
            parts=max(1, self.number("split.count")),
            file_bytes=size,
        )


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
