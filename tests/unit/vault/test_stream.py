from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.vault.stream import MAGIC, PIECE, TAG, Check, NotAuthentic, seal, unseal

KEY, IDENTITY = b"k" * 32, b"vault and file"
START = len(MAGIC) + 16
WHOLE = PIECE + TAG


def sealed(sound: bytes, *, key: bytes = KEY, identity: bytes = IDENTITY) -> bytes:
    return b"".join(seal(io.BytesIO(sound), key, identity=identity))


def unsealed(content: bytes, *, key: bytes = KEY, identity: bytes = IDENTITY) -> bytes:
    check = Check(key, identity=identity)
    for start in range(0, len(content), 50_001):
        check.see(content[start : start + 50_001])
    try:
        opened = b"".join(unseal(io.BytesIO(content), key, identity=identity))
    except NotAuthentic:
        assert not check.is_authentic()
        raise
    assert check.is_authentic()
    return opened


SOUND = bytes(number * 7 % 256 for number in range(3 * PIECE + 100))
SEALED = sealed(SOUND)
PIECES = [SEALED[START + WHOLE * number : START + WHOLE * (number + 1)] for number in range(4)]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])
def test_what_is_sealed_comes_back(size: int) -> None:
    assert unsealed(sealed(SOUND[:size])) == SOUND[:size]


def test_the_same_sound_is_never_sealed_to_the_same_bytes() -> None:
    assert sealed(SOUND) != SEALED


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_refused(place: int, bit: int) -> None:
    spoilt = bytearray(SEALED)
    spoilt[place] ^= 1 << bit
    with pytest.raises(NotAuthentic):
        unsealed(bytes(spoilt))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SEALED[:START],
        SEALED[: START - 1],
        SEALED[: START + WHOLE],
        SEALED[: START + 2 * WHOLE],
        SEALED[: START + 3 * WHOLE],
        SEALED[:-1],
        SEALED + b"\0",
        SEALED + PIECES[3],
        SEALED[:START] + PIECES[1] + PIECES[0] + PIECES[2] + PIECES[3],
        SEALED[:START] + PIECES[0] + PIECES[2] + PIECES[3],
        SEALED[:START] + PIECES[0] + PIECES[0] + PIECES[1] + PIECES[2] + PIECES[3],
        SEALED[:START] + PIECES[3],
        sealed(SOUND)[:START] + SEALED[START:],
    ],
    ids=lambda content: f"{len(content)} bytes",  # the bytes are random, and a name must not be
)
def test_pieces_cut_off_dropped_doubled_exchanged_or_of_another_file_are_refused(content: bytes) -> None:
    with pytest.raises(NotAuthentic):
        unsealed(content)


def test_another_key_or_identity_is_refused() -> None:
    with pytest.raises(NotAuthentic):
        unsealed(SEALED, key=b"j" * 32)
    with pytest.raises(NotAuthentic):
        unsealed(SEALED, identity=b"another file")
