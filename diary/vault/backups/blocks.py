"""Bytes on their way to a disk in aligned blocks, past the system's cache where it lets us, and back again.

What is written is read back while the rest is still to come, and compared: some 64 MiB behind, once the disk
was told to keep them. Where the file system knows O_DIRECT no copy of a block is left in memory, so that what
comes back comes from the disk, and neither way costs the processor much; elsewhere the system is asked to
forget its copies first.

Compared are GMACs (NIST SP 800-38D) of the blocks under a key that is made for the run and kept nowhere:
nobody can have made a block to fit, and two that differ agree by a chance of about 2^-107. It runs at several
times the speed of SHA-256.

A first block that is held back goes to the disk last, when everything else is there and came back; until then
a stand-in is in its place. So a file is known as unfinished until it is one.
"""

from __future__ import annotations

import errno
import fcntl
import hmac
import mmap
import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Given at once, as a disk likes it: with 4 MiB it took twice the time while others used the machine.
BLOCK = 16 * 1024 * 1024
ALIGNED = 4096
_IN_FLIGHT = 8  # blocks; those that are still being read and those that wait for their sums included
_SETTLED_AT_ONCE = 4
_WRITERS = 2
_READERS = 2
_KEY_BITS = 128
_NONCE_BYTES = 12


class NotAsWritten(Exception):
    """What came back from the disk is not what was written to it."""


class _Block:
    """Memory for one block.

    :ivar view: of all of it. :ivar filled: bytes. :ivar coming: who still writes into it.
    :ivar needed: who still reads it.
    """

    def __init__(self) -> None:
        self.view = large_pages(BLOCK)
        self.filled = 0
        self.place = 0
        self.coming: list[Future[None]] = []
        self.needed: list[Future[Any]] = []


class BlockWriter:
    """Writes a file from front to back, and reads it back meanwhile. Use it in a `with` statement: its
    threads end. Errors of the disk, and NotAsWritten, come from whichever method is called next.

    :param handle: of an empty file, for reading and writing; stays open.
    :param stand_in: up to ALIGNED bytes to be at the front until all the rest is there; None: the first block
        is written as the others are.
    """

    def __init__(self, handle: int, *, stand_in: bytes | None = None) -> None:
        self._handle = handle
        self._direct = _ask_for_direct(handle)
        self._aead = AESGCM(AESGCM.generate_key(_KEY_BITS))
        self._writing = ThreadPoolExecutor(_WRITERS, thread_name_prefix="write")
        self._settling = ThreadPoolExecutor(1, thread_name_prefix="settle")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="back")
        self._scratch = threading.local()
        self._flying: deque[_Block] = deque()
        self._made = 0
        self._current: _Block | None = None
        self._held: _Block | None = None
        self._holds_first = stand_in is not None
        self._unsettled: list[tuple[int, int, Future[bytes]]] = []
        self._settled: list[Future[list[Future[None]]]] = []
        self._coming: list[Future[None]] = []
        self.place = 0
        """How many bytes were taken so far."""
        if stand_in is not None:
            first = large_pages(ALIGNED)
            first[: len(stand_in)] = stand_in
            self._pwrite(first, 0)

    def room(self) -> memoryview:
        """What is left of the block that is being filled; never empty."""
        if self._current is None:
            self._current = self._empty_block()
        return self._current.view[self._current.filled :]

    def filled(self, count: int, *needed: Future[Any], coming: Future[None] | None = None) -> None:
        """So many bytes were put at the front of the room, or are being put there.

        :param needed: work that reads them where they are; the memory is used again after it.
        :param coming: work that puts them there; they are written after it. What it raises, they raise.
        """
        block = self._current
        assert block is not None  # noqa: S101 - who fills asked for room
        block.filled += count
        block.needed += needed
        if coming is not None:
            block.coming.append(coming)
        self.place += count
        if block.filled == BLOCK:
            self._send(block)

    def write(self, content: bytes | memoryview) -> None:
        """Take these bytes."""
        rest = memoryview(content)
        while rest:
            room = self.room()
            part = rest[: len(room)]
            room[: len(part)] = part
            self.filled(len(part))
            rest = rest[len(part) :]

    def finish(self) -> None:
        """Everything is on the disk, and came back as it was."""
        if self._current is not None and self._current.filled:
            self._send(self._current)
        while self._flying:
            self._land()
        self._settle_meanwhile()
        for settled in self._settled:
            self._coming += settled.result()
        for one in self._coming:
            one.result()
        if self._held is not None:
            first = self._held
            for work in first.needed:
                work.result()
            mark = self._write(first)
            os.fdatasync(self._handle)
            self._read_back(first.place, first.filled, mark)
        os.fsync(self._handle)

    def _empty_block(self) -> _Block:
        if self._made < _IN_FLIGHT:
            self._made += 1
            return _Block()
        return self._land()

    def _land(self) -> _Block:
        """The block that has been flying for longest, when nobody needs it any more."""
        block = self._flying.popleft()
        for one in block.needed:
            one.result()
        block.needed, block.coming = [], []
        block.filled = 0
        return block

    def _send(self, block: _Block) -> None:
        self._current = None
        block.place = self.place - block.filled
        if block.place == 0 and self._holds_first:
            self._held = block
            return
        written = self._writing.submit(self._write, block)
        self._unsettled.append((block.place, block.filled, written))
        block.needed.append(written)
        self._flying.append(block)
        if len(self._unsettled) == _SETTLED_AT_ONCE:
            self._settle_meanwhile()

    def _write(self, block: _Block) -> bytes:
        """Write it, once it is there; its fingerprint."""
        for one in block.coming:
            one.result()
        view = block.view[: block.filled]
        mark = self._fingerprint(block.place, view)
        beyond = -len(view) % ALIGNED
        if beyond and self._direct:  # only whole sectors go past the cache
            view = block.view[: block.filled + beyond]
        self._pwrite(view, block.place)
        if beyond:
            os.ftruncate(self._handle, block.place + block.filled)
        return mark

    def _pwrite(self, view: memoryview, place: int) -> None:
        while view:
            direct = self._direct
            try:
                count = os.pwrite(self._handle, view, place)
            except OSError as error:
                self._go_through_the_cache(error, direct=direct)
                continue
            if direct and count < len(view):
                count -= count % ALIGNED
                if not count:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            view, place = view[count:], place + count

    def _settle_meanwhile(self) -> None:
        while self._settled and self._settled[0].done():
            self._coming += self._settled.pop(0).result()
        while self._coming and self._coming[0].done():
            self._coming.pop(0).result()
        self._settled.append(self._settling.submit(self._settle, self._unsettled))
        self._unsettled = []

    def _settle(self, written: list[tuple[int, int, Future[bytes]]]) -> list[Future[None]]:
        """Have the disk keep them, and begin to read them back: several at once, which most disks want."""
        marks = [one.result() for _, _, one in written]
        os.fdatasync(self._handle)
        return [
            self._reading.submit(self._read_back, place, size, mark)
            for (place, size, _), mark in zip(written, marks, strict=True)
        ]

    def _read_back(self, place: int, size: int, mark: bytes) -> None:
        if not self._direct:
            with suppress(OSError):
                os.posix_fadvise(self._handle, place, size, os.POSIX_FADV_DONTNEED)
        scratch, done = self._of_this_thread(), 0
        while done < size:
            # Past the cache whole sectors are asked for; at the end of the file fewer bytes come.
            direct = self._direct
            try:
                count = os.preadv(self._handle, [scratch[done:]], place + done)
            except OSError as error:
                self._go_through_the_cache(error, direct=direct)
                continue
            if not count:
                raise NotAsWritten
            done += count
        if not hmac.compare_digest(mark, self._fingerprint(place, scratch[:size])):
            raise NotAsWritten

    def _of_this_thread(self) -> memoryview:
        """Memory for one block."""
        if not hasattr(self._scratch, "view"):
            self._scratch.view = large_pages(BLOCK)
        view: memoryview = self._scratch.view
        return view

    def _go_through_the_cache(self, error: OSError, *, direct: bool) -> None:
        """For a file system that takes O_DIRECT and then refuses it; raises every other error.

        :param direct: as it was when that was tried: several threads find out at once.
        """
        if error.errno != errno.EINVAL or not direct:
            raise error
        self._direct = _ask_for_direct(self._handle, wanted=False)

    def _fingerprint(self, place: int, content: memoryview) -> bytes:
        return self._aead.encrypt(place.to_bytes(_NONCE_BYTES, "big"), b"", content)

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._writing, self._settling, self._reading):
            pool.shutdown(wait=True, cancel_futures=True)


def large_pages(size: int) -> memoryview:
    """So many bytes of memory, aligned; in large pages where the system has them: of those a disk is handed a
    few where it would be handed thousands, and gives twice as much."""
    # Private: what could be shared belongs to a file in memory, which most systems give no large pages.
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(memory)


def _ask_for_direct(handle: int, *, wanted: bool = True) -> bool:
    """Whether what is written to this file goes past the system's cache from now on."""
    flag = getattr(os, "O_DIRECT", 0)
    flags = fcntl.fcntl(handle, fcntl.F_GETFL)
    try:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags | flag if wanted else flags & ~flag)
    except OSError:
        return False
    return wanted and bool(flag)
