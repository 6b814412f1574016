"""Broken input made of whole input: the same for the same seed and number, on every machine.

A sample is damaged by one to eight steps: bits and bytes changed, pieces cut out, doubled, moved, taken from
another sample, numbers replaced by those that overflow, words that mean something to one of the formats put
in, nesting without end, the end cut off. Source of the steps: M. Zalewski, "american fuzzy lop", technical
details (havoc and splice stages).
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Sequence

MOST = 64 * 1024
"""Bytes of one input at most; what grows with its input shows it at this size."""

_NUMBERS = (
    0,
    1,
    -1,
    2**7,
    2**8 - 1,
    2**15,
    2**16 - 1,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**63,
    2**64 - 1,
)
_PACKED = tuple(
    (number & (2 ** (8 * size) - 1)).to_bytes(size, order)
    for number in _NUMBERS
    for size in (1, 2, 4, 8)
    for order in ("big", "little")
)
_DECIMAL = re.compile(rb"-?\d+")
WORDS = (
    *(
        b"null",
        b"true",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
        b"9" * 400,
        b"9" * 5000,
        b"0x7f",
        b"''",
        b'""',
    ),
    *(
        b"{}",
        b"[]",
        b"[" * 2000,
        b'{"a":' * 2000,
        b"(" * 500,
        b"\\ud800",
        b"\\u0000",
        b"\x00",
        b"\x1b]52;c;QQ==\x07",
    ),
    *(
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xc2\x9b31m",
        b"\xe2\x80\xae",
        b"\xe2\x80\x8b",
        b"\r\n",
        b"\n\n",
    ),
    *(
        b"../" * 20,
        b"/etc/passwd",
        b"~root/",
        b"~nobody-here/x",
        b"%s%n",
        b"${HOME}",
        b"$(id)",
        b"; rm -rf /",
        b"a" * 5000,
    ),
    *(
        b"---\n",
        b"&a [*a, *a]",
        b"<<: *a",
        b"!!python/object/apply:os.system [id]",
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    ),
    *(
        b"2024-02-30",
        b"9999-12-31",
        b"0000-00-00",
        b"24:61",
        b"+99:99",
        b"last ",
        b"every ",
        b"::",
        b"@",
        b"#",
        b"'''",
        b'"""',
    ),
    *(
        struct.pack("<f", float("nan")),
        struct.pack("<d", float("inf")),
        "٣".encode(),
        "İ".encode(),
        "ß".encode(),
        "½".encode(),
    ),
)

Step = Callable[[bytearray, random.Random, Sequence[bytes]], None]


def mutated(samples: Sequence[bytes], seed: int, words: Sequence[bytes] = WORDS) -> bytes:
    """One broken input; now and then a whole one.

    :param samples: whole inputs, at least one. :param words: what is put in now and then.
    """
    chance = random.Random(seed)
    data = bytearray(chance.choice(samples))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5, 8))):
        chance.choice(_STEPS)(data, chance, words if chance.random() < 0.8 else samples)
    return bytes(data[:MOST])


def _bit(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _byte(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _number(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    packed = chance.choice(_PACKED)
    place = chance.randrange(len(data) + 1)
    data[place : place + len(packed)] = packed


def _decimal(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    found = list(_DECIMAL.finditer(data[:4096]))
    if found:
        one = chance.choice(found)
        data[one.start() : one.end()] = str(chance.choice(_NUMBERS) + chance.randrange(-1, 2)).encode()


def _cut(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    start, length = _piece(data, chance)
    del data[start : start + length]


def _double(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    start, length = _piece(data, chance)
    data[start:start] = data[start : start + length] * chance.choice((1, 1, 2, 50))
    del data[MOST:]


def _move(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    start, length = _piece(data, chance)
    piece = data[start : start + length]
    del data[start : start + length]
    place = chance.randrange(len(data) + 1)
    data[place:place] = piece


def _word(data: bytearray, chance: random.Random, words: Sequence[bytes]) -> None:
    place, word = chance.randrange(len(data) + 1), chance.choice(words)
    data[place : place + (len(word) if chance.random() < 0.5 else 0)] = word


def _splice(data: bytearray, chance: random.Random, words: Sequence[bytes]) -> None:
    other = chance.choice(words)
    data[chance.randrange(len(data) + 1) :] = other[chance.randrange(len(other) + 1) :]


def _end(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _noise(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    place = chance.randrange(len(data) + 1)
    data[place:place] = chance.randbytes(chance.choice((1, 4, 16, 200)))


def _piece(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data) - start, chance.choice((1, 2, 4, 8, 16, 64, 1024)))


_STEPS: tuple[Step, ...] = (
    *(_bit, _byte, _number, _decimal, _decimal, _cut, _double, _move, _word, _word, _splice, _end, _noise),
)
