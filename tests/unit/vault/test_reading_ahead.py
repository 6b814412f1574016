"""A file read ahead of its copy: from the cache or past it, and what becomes of errors on the way."""

from __future__ import annotations

import errno
import mmap
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from diary.vault.backups import blocks, reading
from diary.vault.backups.container import Container
from diary.vault.backups.container_writer import ContainerWriter
from diary.vault.backups.reading import ReadAhead, read_ahead
from diary.vault.keys import VaultKey

MIB = 1024 * 1024
SIZE = 3 * MIB + 4096 + 17
SOUND = "attachments/" + "0" * 32
CONTENT = random.Random(8).randbytes(SIZE)
Preadv = Callable[[int, Sequence[memoryview], int, int], int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    return file


@pytest.fixture
def handle(path: Path) -> Iterator[int]:
    opened = os.open(path, os.O_RDONLY)
    yield opened
    os.close(opened)


@pytest.fixture
def past_the_cache(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes came each time that a file was read past the cache."""
    counts: list[int] = []
    same = reading._read_past_the_cache

    def counted(direct: int, view: memoryview, place: int) -> int:
        counts.append(same(direct, view, place))
        return counts[-1]

    monkeypatch.setattr(reading, "_read_past_the_cache", counted)
    return counts


def cached(monkeypatch: pytest.MonkeyPatch, *, said: bool | OSError) -> None:
    """What the system says when it is asked."""
    same: Preadv = os.preadv

    def asked(handle: int, views: Sequence[memoryview], place: int, flags: int = 0) -> int:
        if not flags:
            return same(handle, views, place, 0)
        assert flags == os.RWF_NOWAIT
        if isinstance(said, OSError):
            raise said
        if not said:
            raise BlockingIOError(errno.EAGAIN, "not there")
        return 1

    monkeypatch.setattr(os, "preadv", asked)


def read(handle: int, *, size: int = SIZE, piece: int = 2 * MIB) -> bytes:
    memory = memoryview(mmap.mmap(-1, -(-size // 4096) * 4096))
    with ThreadPoolExecutor(2) as pool, ReadAhead(handle, pool) as ahead:
        coming = [
            ahead.fill(memory[place : min(place + piece, size)], place) for place in range(0, size, piece)
        ]
        for one in coming:
            one.result()
    return bytes(memory[:size])


def test_what_is_not_in_the_cache_is_read_past_it_and_what_is_there_from_there(
    handle: int, monkeypatch: pytest.MonkeyPatch, past_the_cache: list[int]
) -> None:
    cached(monkeypatch, said=True)
    assert read(handle) == CONTENT
    assert past_the_cache == []
    cached(monkeypatch, said=False)
    assert read(handle) == CONTENT
    assert sorted(past_the_cache) == [MIB + 4096, 2 * MIB]


def test_what_was_just_read_is_told_to_be_in_the_cache(handle: int) -> None:
    os.pread(handle, SIZE, 0)
    assert reading._is_cached(handle, 0, 3 * MIB)
    assert reading._is_cached(handle, 0, 5)  # not worth asking


@pytest.mark.parametrize("way", ["unknown", "refused", "nowhere"])
def test_a_file_system_without_it_is_read_through_the_cache(
    handle: int, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """One that does not know O_DIRECT, one that says so when it is used, and a system that has none."""
    cached(monkeypatch, said=False)
    opens, preadv, direct = os.open, os.preadv, set[int]()

    def opened(path: str, flags: int) -> int:
        if way == "unknown":
            raise OSError(errno.EINVAL, "no")
        direct.add(opens(path, flags))
        return max(direct)

    def refuses(handle: int, views: Sequence[memoryview], place: int, flags: int = 0) -> int:
        if handle in direct:
            raise OSError(errno.EINVAL, "no")
        return preadv(handle, views, place, flags)

    if way == "nowhere":
        monkeypatch.delattr(os, "O_DIRECT")
    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "preadv", refuses)
    assert read(handle) == CONTENT
    assert bool(direct) == (way == "refused")


@pytest.mark.parametrize("error", [errno.EOPNOTSUPP, errno.EIO])
def test_where_nobody_says_what_is_in_the_cache_it_is_read_through_it(
    handle: int, monkeypatch: pytest.MonkeyPatch, past_the_cache: list[int], error: int
) -> None:
    cached(monkeypatch, said=OSError(error, "not known"))
    assert read(handle) == CONTENT
    assert past_the_cache == []


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("left", [0, 5, MIB, 2 * MIB + 4096, SIZE - 1])
def test_a_file_that_was_cut_off_is_told_whichever_way_it_is_read(
    path: Path, handle: int, monkeypatch: pytest.MonkeyPatch, said: bool, left: int
) -> None:
    cached(monkeypatch, said=said)
    same = reading._past_the_cache

    def cuts(handle: int) -> int | None:
        opened = same(handle)
        os.truncate(path, left)
        return opened

    monkeypatch.setattr(reading, "_past_the_cache", cuts)
    with pytest.raises(FileNotFoundError):
        read(handle)


def test_an_error_of_the_disk_is_told_whichever_way_it_is_read(
    handle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in (True, False):

        def fails(_: int, views: Sequence[memoryview], __: int, flags: int = 0, said: bool = said) -> int:
            if flags and said:
                return 1
            raise BlockingIOError if flags else OSError(errno.EIO, "a bad sector")

        with monkeypatch.context() as patch, pytest.raises(OSError, match="a bad sector"):
            patch.setattr(os, "preadv", fails)
            read(handle)


def test_after_it_no_thread_reads_any_more(handle: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not begun is not read; what was begun ends before the file may be closed."""
    began, goes_on = threading.Event(), threading.Event()
    ended: list[int] = []

    def slow(_: int, view: memoryview, place: int) -> None:
        began.set()
        goes_on.wait(60)
        ended.append(place)

    monkeypatch.setattr(reading, "fill_from", slow)
    with ThreadPoolExecutor(1) as pool:
        with ReadAhead(handle, pool) as ahead:
            coming = [ahead.fill(memoryview(bytearray(10)), place) for place in range(5)]
            began.wait(60)
            threading.Timer(0.05, goes_on.set).start()
        assert ended == [0]
        for one in coming[1:]:
            with pytest.raises(CancelledError):
                one.result()


def test_a_member_that_comes_late_is_summed_and_written_as_it_is(
    handle: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", MIB)
    same, comes, key, seen = reading.fill_from, threading.Event(), VaultKey.random(), list[bytes]()

    def late(handle: int, view: memoryview, place: int) -> None:
        comes.wait(60)
        same(handle, view, place)

    monkeypatch.setattr(reading, "fill_from", late)
    out = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    with ContainerWriter(out, vault_id=bytes(16), made=1) as writer:
        threading.Timer(0.05, comes.set).start()
        writer.add("vault.db", [b"database"])
        writer.add_file(SOUND, handle, SIZE, seen=lambda part: seen.append(bytes(part)), moved=lambda _: None)
        for name in ("vault.header", "manifest"):
            writer.add(name, [b"small"])
        writer.finish(key)
    os.close(out)
    assert b"".join(seen) == CONTENT
    with Container.open(tmp_path / "out") as container:
        assert b"".join(container.pieces(SOUND)) == CONTENT


def test_an_error_on_reading_reaches_who_copies_and_the_threads_end(
    path: Path, handle: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", MIB)
    before = set(threading.enumerate())
    for cut in (0, 1, 2 * MIB):
        for error, raised in ((FileNotFoundError(), FileNotFoundError), (OSError(errno.EIO, "no"), OSError)):

            def fails(_: int, __: memoryview, place: int, cut: int = cut, error: OSError = error) -> None:
                if place >= cut:
                    raise error

            monkeypatch.setattr(reading, "fill_from", fails)
            out = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
            with (
                pytest.raises(raised) as told,
                ContainerWriter(out, vault_id=bytes(16), made=1) as writer,
            ):
                writer.add("header", [b"first"])
                writer.add_file(SOUND, handle, SIZE, seen=lambda _: None, moved=lambda _: None)
                writer._blocks.finish()
            assert told.value.errno == error.errno
            os.close(out)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("said", [True, False])
def test_a_part_of_a_file_comes_in_order_whatever_its_size(
    handle: int, monkeypatch: pytest.MonkeyPatch, said: bool
) -> None:
    cached(monkeypatch, said=said)
    monkeypatch.setattr(reading, "_AT_ONCE", MIB // 4)
    monkeypatch.setattr(reading, "_WORTH_ASKING", MIB // 8)
    for start, size in ((0, SIZE), (0, 0), (0, 1), (4096, MIB), (33, 2 * MIB + 5), (SIZE - 7, 7)):
        found = b"".join(bytes(piece) for piece in read_ahead(handle, size, start=start))
        assert found == CONTENT[start : start + size]
    with pytest.raises(FileNotFoundError):
        list(read_ahead(handle, SIZE + 1))


def test_a_part_that_is_not_read_to_its_end_leaves_no_thread(
    handle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", MIB // 4)
    before, pieces = set(threading.enumerate()), read_ahead(handle, SIZE)
    assert bytes(next(pieces)) == CONTENT[: MIB // 4]
    pieces.close()
    assert set(threading.enumerate()) <= before


def test_a_piece_stays_as_it_is_until_whoever_it_was_handed_to_is_done(
    handle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", MIB // 4)
    asked_for_all, seen = threading.Event(), list[bytes]()

    def look(piece: memoryview) -> None:
        asked_for_all.wait(60)
        seen.append(bytes(piece))

    with ThreadPoolExecutor(1) as others:
        for number, _ in enumerate(
            read_ahead(handle, SIZE, handed=lambda piece: [others.submit(look, piece)])
        ):
            if number == reading._AHEAD - 1:  # the next one has to wait for room
                asked_for_all.set()
    assert b"".join(seen) == CONTENT
