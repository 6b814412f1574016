"""Blocks on their way to a disk and back: whatever the size, with O_DIRECT and without, and when it lies."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.vault.backups import blocks
from diary.vault.backups.blocks import ALIGNED, BlockWriter, NotAsWritten
from diary.vault.backups.sums import checksum

BLOCK = 1024 * 1024  # so that several are quickly written
STAND_IN = b"not finished"
SIZES = (0, 1, ALIGNED - 1, ALIGNED, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + ALIGNED, 3 * BLOCK + 12_345)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", BLOCK)


@pytest.fixture
def handle(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT, 0o600)
    yield opened
    os.close(opened)


def is_direct(handle: int) -> bool:
    return bool(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_DIRECT)


def no_direct(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """A file system without O_DIRECT: one that says so, and one that says so when it is used."""
    pwrite, same = os.pwrite, fcntl.fcntl

    def refuses(handle: int, content: memoryview, place: int) -> int:
        if is_direct(handle):
            raise OSError(errno.EINVAL, "no")
        return pwrite(handle, content, place)

    def says_so(handle: int, command: int, flags: int = 0) -> int:
        if command == fcntl.F_SETFL and flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, "no")
        return same(handle, command, flags)

    if way == "refused":
        monkeypatch.setattr(blocks.os, "pwrite", refuses)
    elif way == "unknown":
        monkeypatch.setattr(blocks.fcntl, "fcntl", says_so)


def content_of(handle: int) -> bytes:
    return Path(f"/proc/self/fd/{handle}").read_bytes()


def written(handle: int, content: bytes, *, stand_in: bytes | None) -> None:
    dice = random.Random(len(content))
    with BlockWriter(handle, stand_in=stand_in) as writer:
        place = 0
        while place < len(content):
            size = dice.choice([1, 1000, BLOCK // 2, 2 * BLOCK])
            writer.write(content[place : place + size])
            place += size
        assert writer.place == len(content)
        if stand_in is not None:
            assert content_of(handle).startswith(stand_in)
        writer.finish()


@pytest.mark.parametrize("way", ["direct", "refused", "unknown"])
@pytest.mark.parametrize("stand_in", [None, STAND_IN])
def test_what_is_written_is_there_whatever_its_size(
    handle: int, monkeypatch: pytest.MonkeyPatch, way: str, stand_in: bytes | None
) -> None:
    no_direct(monkeypatch, way)
    for size in SIZES[stand_in is not None :] if way == "direct" else SIZES[-1:]:
        os.ftruncate(handle, 0)
        content = random.Random(3).randbytes(size)
        written(handle, content, stand_in=stand_in)
        assert os.fstat(handle).st_size == size
        assert content_of(handle) == content
    assert is_direct(handle) == (way == "direct")


@pytest.mark.parametrize("stand_in", [None, STAND_IN])
def test_a_bit_that_comes_back_otherwise_is_told_wherever_it_is(
    handle: int, monkeypatch: pytest.MonkeyPatch, stand_in: bytes | None
) -> None:
    content = random.Random(4).randbytes(2 * BLOCK + 5)
    preadv = os.preadv
    for place in (0, ALIGNED, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 4):

        def lies(handle: int, views: list[memoryview], start: int, place: int = place) -> int:
            count = preadv(handle, views, start)
            if start <= place < start + count:
                views[0][place - start] ^= 1
            return count

        os.ftruncate(handle, 0)
        with monkeypatch.context() as patch:
            patch.setattr(blocks.os, "preadv", lies)
            with pytest.raises(NotAsWritten):
                written(handle, content, stand_in=stand_in)


@pytest.mark.parametrize("place", [0, 7, 15])
def test_no_byte_of_what_stands_for_a_block_may_differ(
    handle: int, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """By a stand-in of which one byte alone tells the blocks apart; a GMAC differs in all of them."""

    def tells_in_one_byte(_: BlockWriter, __: int, content: memoryview) -> bytes:
        return bytes(place) + bytes([content[-1]]) + bytes(15 - place)

    preadv = os.preadv

    def lies(handle: int, views: list[memoryview], start: int) -> int:
        count = preadv(handle, views, start)
        views[0][4] ^= 1
        return count

    monkeypatch.setattr(BlockWriter, "_fingerprint", tells_in_one_byte)
    monkeypatch.setattr(blocks.os, "preadv", lies)
    with pytest.raises(NotAsWritten):
        written(handle, b"words", stand_in=None)


@pytest.mark.parametrize("way", ["direct", "refused", "unknown"])
@pytest.mark.parametrize("stand_in", [None, STAND_IN])
def test_each_block_was_forced_to_the_disk_and_is_out_of_the_cache_when_it_is_read_back(
    handle: int, monkeypatch: pytest.MonkeyPatch, way: str, stand_in: bytes | None
) -> None:
    no_direct(monkeypatch, way)
    pwrite, fdatasync, preadv = os.pwrite, os.fdatasync, os.preadv
    there, forced, told, came = set[int](), set[int](), set[int](), list[int]()

    def writes(handle: int, view: memoryview, place: int) -> int:
        count = pwrite(handle, view, place)
        forced.discard(place)
        there.add(place)
        return count

    def forces(handle: int) -> None:
        before = set(there)
        fdatasync(handle)
        forced.update(before)

    def reads(handle: int, views: list[memoryview], place: int) -> int:
        assert place in forced
        assert is_direct(handle) or place in told
        came.append(place)
        return preadv(handle, views, place)

    monkeypatch.setattr(blocks.os, "pwrite", writes)
    monkeypatch.setattr(blocks.os, "fdatasync", forces)
    monkeypatch.setattr(blocks.os, "preadv", reads)
    monkeypatch.setattr(blocks.os, "posix_fadvise", lambda _, place, *__: told.add(place))
    written(handle, random.Random(8).randbytes(2 * BLOCK + 9), stand_in=stand_in)
    assert sorted(came) == [0, BLOCK, 2 * BLOCK]


def test_a_file_that_is_cut_off_meanwhile_is_told(handle: int, monkeypatch: pytest.MonkeyPatch) -> None:
    forces = os.fdatasync

    def cuts(handle: int) -> None:
        forces(handle)
        os.ftruncate(handle, BLOCK)

    monkeypatch.setattr(blocks.os, "fdatasync", cuts)
    with pytest.raises(NotAsWritten):
        written(handle, bytes(BLOCK + 5), stand_in=None)


def test_a_disk_that_takes_less_than_it_was_given_gets_the_rest(
    handle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(
        blocks.os, "pwrite", lambda handle, view, place: pwrite(handle, view[: 3 * ALIGNED], place)
    )
    content = random.Random(5).randbytes(100_000)
    written(handle, content, stand_in=STAND_IN)
    assert content_of(handle) == content


@pytest.mark.parametrize("call", ["pwrite", "fdatasync", "preadv", "fsync"])
def test_an_error_of_the_disk_is_told(handle: int, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def fails(*_: object) -> int:
        raise OSError(errno.EIO, "pulled out")

    monkeypatch.setattr(blocks.os, call, fails)
    with pytest.raises(OSError, match="pulled out"):
        written(handle, bytes(2 * BLOCK), stand_in=None)


def test_the_first_block_is_there_only_once_all_others_came_back(
    handle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, preadv, came = random.Random(6).randbytes(2 * BLOCK + 9), os.preadv, list[int]()

    def watched(handle: int, views: list[memoryview], start: int) -> int:
        assert content_of(handle).startswith(STAND_IN) == (start > 0)
        came.append(start)
        return preadv(handle, views, start)

    monkeypatch.setattr(blocks.os, "preadv", watched)
    written(handle, content, stand_in=STAND_IN)
    assert (sorted(came), came[-1]) == ([0, BLOCK, 2 * BLOCK], 0)


def test_what_is_still_coming_is_written_once_it_is_there(handle: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    content, comes = random.Random(7).randbytes(3 * BLOCK), threading.Event()

    def put(room: memoryview, place: int) -> None:
        comes.wait(60)
        room[:] = content[place : place + len(room)]

    with ThreadPoolExecutor(1) as pool, BlockWriter(handle) as writer:
        while writer.place < len(content):
            room = writer.room()[: BLOCK // 2]
            writer.filled(len(room), coming=pool.submit(put, room, writer.place))
        threading.Timer(0.05, comes.set).start()
        writer.finish()
    assert content_of(handle) == content


def test_memory_is_not_used_again_before_everybody_has_read_it(handle: int) -> None:
    """The sums of a member are made of the block where it is."""
    from concurrent.futures import Future, ThreadPoolExecutor

    slow: list[Future[int]] = []
    with ThreadPoolExecutor(1) as pool, BlockWriter(handle) as writer:
        for number in range(30):
            room = writer.room()
            room[:] = bytes([number]) * len(room)
            slow.append(pool.submit(lambda room: max(room[:: ALIGNED // 2]), room))
            writer.filled(len(room), slow[-1])
        writer.finish()
        assert [one.result() for one in slow] == list(range(30))


def test_a_checksum_tells_where_a_piece_belongs() -> None:
    assert checksum(0, b"piece") == checksum(0, b"piece")
    others = [(1, b"piece"), (0, b"piecf"), (0, b"piece\0"), (0, b"")]
    assert len({checksum(0, b"piece"), *(checksum(*other) for other in others)}) == 5
