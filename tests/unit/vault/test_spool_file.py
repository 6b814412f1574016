"""The file of an unsaved recording: whatever was done to it, no wrong sound comes out, no loss is silent."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.vault.spool_file import LONGEST, MOST, START, Finished, SpoolFile
from diary.vault.stream import TAG, NotAuthentic

KEY, IDENTITY = b"k" * 32, b"vault and file"
PIECES = [bytes([number + 1]) * (20 + 2 * number) for number in range(5)]
SOUND = b"".join(PIECES)


def made(path: Path, pieces: list[bytes] = PIECES, *, identity: bytes = IDENTITY) -> bytes:
    """A file of these pieces; its bytes."""
    file = SpoolFile.create(path, KEY, identity)
    for piece in pieces:
        file.append(piece)
    file.close()
    return path.read_bytes()


def records_of(content: bytes) -> list[bytes]:
    found = []
    while content:
        length = START.size + START.unpack(content[: START.size])[0] + TAG
        found.append(content[:length])
        content = content[length:]
    return found


def read_all(path: Path, content: bytes, *, identity: bytes = IDENTITY) -> tuple[bytes, bool]:
    """What can be read of a file of these bytes from its beginning on, and whether damage was told."""
    path.write_bytes(content)
    file = SpoolFile.open(path, KEY, identity)
    found = b""
    try:
        while piece := file.read(len(found), 64):
            found += piece
        return found, not file.is_whole()
    except NotAuthentic:
        assert not file.is_whole()
        return found, True
    finally:
        file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_a_file_cut_off_at_any_byte_of_its_last_two_records_keeps_the_whole_ones(path: Path) -> None:
    content = made(path)
    sizes = [len(record) for record in records_of(content)]
    assert sum(sizes) == len(content)
    for size in range(sum(sizes[:3]), len(content) + 1):
        whole = next(number for number in range(5, 2, -1) if sum(sizes[:number]) <= size)
        assert read_all(path, content[:size]) == (b"".join(PIECES[:whole]), False), size


@pytest.mark.parametrize("rest", [b"\x00", b"\xff", None])
def test_a_file_as_long_as_it_should_be_whose_last_record_came_in_part_keeps_the_others(
    path: Path, rest: bytes | None
) -> None:
    """A power cut may leave the new length with some of the new blocks only, the later ones too."""
    content = made(path)
    last = len(records_of(content)[-1])
    begin = len(content) - last
    for size in range(last):
        torn = content[:begin] + (
            bytes(last - size) + content[len(content) - size :]
            if rest is None
            else content[begin : begin + size] + rest * (last - size)
        )
        if torn != content:
            assert read_all(path, torn) == (b"".join(PIECES[:-1]), False), size


def flipped(content: bytes) -> Iterator[tuple[int, bytes]]:
    for place in range(len(content)):
        for bit in (0, 7):
            spoilt = bytearray(content)
            spoilt[place] ^= 1 << bit
            yield place, bytes(spoilt)


def test_any_flipped_bit_is_told_but_in_the_last_record_which_counts_as_torn(path: Path) -> None:
    content = made(path)
    records = records_of(content)
    ends = [sum(map(len, records[: number + 1])) for number in range(5)]
    for place, spoilt in flipped(content):
        spoilt_record = next(number for number in range(5) if place < ends[number])
        before = b"".join(PIECES[:spoilt_record])
        assert read_all(path, spoilt) == (before, spoilt_record < 4), place


@pytest.mark.parametrize(
    ("order", "before"),
    [
        ((1, 0, 2, 3, 4), 0),
        ((0, 2, 1, 3, 4), 1),
        ((0, 2, 3, 4), 1),
        ((0, 1, 1, 2, 3, 4), 2),
        ((0, 1, 2, 4, 3), 3),
        ((0, 1, 3, 4), 2),
        ((4, 1, 2, 3, 0), 0),
    ],
)
def test_records_exchanged_doubled_or_left_out_are_told(
    path: Path, order: tuple[int, ...], before: int
) -> None:
    records = records_of(made(path))
    found = read_all(path, b"".join(records[number] for number in order))
    assert found == (b"".join(PIECES[:before]), True)


def test_a_record_of_another_file_of_the_same_key_or_place_is_told(tmp_path: Path) -> None:
    other = records_of(made(tmp_path / "other", identity=b"other file"))
    mine = records_of(made(tmp_path / "mine"))
    mixed = b"".join([*mine[:2], other[2], *mine[3:]])
    assert read_all(tmp_path / "mixed", mixed) == (b"".join(PIECES[:2]), True)
    with pytest.raises(NotAuthentic):
        SpoolFile.open(tmp_path / "mixed", KEY, b"third").read(0, 1)


def test_the_same_sound_is_never_encrypted_to_the_same_bytes_in_one_file(path: Path) -> None:
    records = records_of(made(path, [b"same" * 10] * 4))
    assert len({record[START.size :] for record in records}) == 4
    assert len({record[4 : START.size] for record in records}) == 4


def test_silence_stands_for_what_is_damaged_when_asked_for(path: Path) -> None:
    records = records_of(made(path))
    spoilt = bytearray(records[2])
    spoilt[-1] ^= 1
    path.write_bytes(b"".join([*records[:2], spoilt, *records[3:]]))
    file = SpoolFile.open(path, KEY, IDENTITY)
    without = b"".join([*PIECES[:2], bytes(len(PIECES[2])), *PIECES[3:]])
    assert file.read(0, 999, without_damage=True) == without
    assert file.read(50, 40, without_damage=True) == without[50:90]
    assert file.read(len(without), 1, without_damage=True) == b""
    begin = sum(map(len, PIECES[:3]))
    assert file.read(begin, 999) == b"".join(PIECES[3:])
    assert file.size == len(SOUND)


def test_lengths_that_lead_nowhere_are_told_at_the_end_of_what_is_readable(path: Path) -> None:
    records = records_of(made(path, [bytes(MOST)] * 4))
    path.write_bytes(records[0] + b"\xff" * len(records[1]) + records[2] + records[3])
    file = SpoolFile.open(path, KEY, IDENTITY)
    assert file.read(0, 2 * MOST) == bytes(MOST)
    assert file.size == MOST
    with pytest.raises(NotAuthentic):
        file.read(MOST, 1)
    assert file.read(MOST, 1, without_damage=True) == b""


def test_what_is_appended_at_once_becomes_records_of_a_second_at_most(path: Path) -> None:
    content = made(path, [bytes(2 * MOST + 10)])
    assert [len(record) for record in records_of(content)] == [LONGEST, LONGEST, START.size + 10 + TAG]


def test_a_failed_append_keeps_what_came_before_and_the_next_is_encrypted_under_another_nonce(
    path: Path,
) -> None:
    file = SpoolFile.create(path, KEY, IDENTITY)
    file.append(PIECES[0])
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 30, hard))
    try:
        with pytest.raises(OSError, match="large"):
            file.append(PIECES[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (path.read_bytes(), file.size) == (before, len(PIECES[0]))
    file.append(PIECES[2])
    file.close()
    first, second = records_of(path.read_bytes())
    assert (first[4 : START.size], second[4 : START.size]) == (b"\0\0\0\1", b"\0\0\0\3")
    assert read_all(path, path.read_bytes()) == (PIECES[0] + PIECES[2], False)


def test_a_read_decrypts_what_it_gives_and_no_more(path: Path) -> None:
    class Counting(SpoolFile):
        decrypted = 0

        def _sound(self, number: int) -> bytes | None:
            Counting.decrypted += 1
            return super()._sound(number)

    made(path, [bytes([number]) * 160 for number in range(60)])
    file = Counting.open(path, KEY, IDENTITY)
    assert Counting.decrypted == 1  # the last, which may be torn
    assert file.read(160 * 40 + 80, 160) == bytes([40]) * 80 + bytes([41]) * 80
    assert Counting.decrypted == 3


def test_nothing_is_appended_or_read_after_the_end(path: Path) -> None:
    file = SpoolFile.create(path, KEY, IDENTITY)
    file.append(PIECES[0])
    file.finish()
    with pytest.raises(Finished):
        file.append(PIECES[1])
    assert file.read(0, 99) == PIECES[0]
    file.close()
    file.close()
    with pytest.raises(Finished):
        file.read(0, 1)
    with pytest.raises(FileExistsError):
        SpoolFile.create(path, KEY, IDENTITY)
