"""A file read ahead, by other threads, while what came before is hashed and written.

What the system has in its cache is taken from there. What it has not is read past the cache where the file
system lets us: so a backup does not throw everything else out of the memory of the machine, and the processor
copies nothing. Which of the two it is is asked at a few places of each piece (RWF_NOWAIT); where that cannot
be asked, or there is no O_DIRECT, all goes through the cache.

What is read does not change meanwhile: a database stands still, and a recording only grows.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Self

from diary.vault.backups.blocks import ALIGNED, large_pages

_WORTH_ASKING = 1024 * 1024  # bytes
_ASKED = 3  # places in each piece
_AT_ONCE = 8 * 1024 * 1024
_AHEAD = 4  # pieces
_THREADS = 2

Handed = Callable[[memoryview], Sequence[Future[Any]]]
"""Has other threads look at a piece; the work by which they do."""


class ReadAhead:
    """Reads an open file. Use it in a `with` statement: after it no thread reads any more.

    :param handle: of the file; stays open. :param pool: the threads that read.
    """

    def __init__(self, handle: int, pool: ThreadPoolExecutor) -> None:
        self._handle = handle
        self._pool = pool
        self._direct = _past_the_cache(handle)
        self._reading: deque[Future[None]] = deque()

    def fill(self, view: memoryview, place: int) -> Future[None]:
        """Fill the view with the bytes from that place on; they are there when this is done.

        It raises FileNotFoundError when the file was cut off: it is being removed. OSError: the disk refuses.
        """
        coming = self._pool.submit(self._fill, view, place)
        while self._reading and self._reading[0].done():
            self._reading.popleft()
        self._reading.append(coming)
        return coming

    def _fill(self, view: memoryview, place: int) -> None:
        whole, done = len(view) - len(view) % ALIGNED, 0
        direct = self._direct if whole >= _WORTH_ASKING and not place % ALIGNED else None
        if direct is not None and not _is_cached(self._handle, place, whole):
            done = _read_past_the_cache(direct, view[:whole], place)
        fill_from(self._handle, view[done:], place + done)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        wait([coming for coming in self._reading if not coming.cancel()])
        direct, self._direct = self._direct, None
        if direct is not None:
            os.close(direct)


def read_ahead(
    handle: int, size: int, *, start: int = 0, handed: Handed | None = None
) -> Generator[memoryview, None, None]:
    """A part of an open file in order, in pieces of some MiB; each is good until the next is asked for.

    :param size: of the part, in bytes. :param start: where it begins.
    :param handed: given each piece before it is yielded, which is then good until that work is done, too.
    :raises FileNotFoundError: when the file ends before it. :raises OSError: when the disk refuses.
    """
    if size < _WORTH_ASKING:
        memory = memoryview(bytearray(size))
        fill_from(handle, memory, start)
        looking = handed(memory) if handed else ()
        yield memory
        wait(looking)
        return
    places, left = deque(range(start, start + size, _AT_ONCE)), size
    coming: deque[tuple[memoryview, Future[None]]] = deque()
    with ThreadPoolExecutor(_THREADS, "ahead") as pool, ReadAhead(handle, pool) as ahead:
        free = [large_pages(min(_AT_ONCE, size)) for _ in range(min(_AHEAD, len(places)))]
        looked_at: deque[tuple[memoryview, Sequence[Future[Any]]]] = deque((memory, ()) for memory in free)
        while places or coming:
            while places and looked_at and (not coming or _is_done(looked_at[0][1])):
                memory, looking = looked_at.popleft()
                wait(looking)
                place = places.popleft()
                coming.append((memory, ahead.fill(memory[: start + size - place], place)))
            memory, there = coming.popleft()
            there.result()
            piece = memory[:left]
            looking = handed(piece) if handed else ()
            yield piece
            left -= len(piece)
            looked_at.append((memory, looking))


def _is_done(looking: Sequence[Future[Any]]) -> bool:
    return all(one.done() for one in looking)


def fill_from(handle: int, view: memoryview, place: int) -> None:
    """Fill the view with the bytes of an open file from that place on.

    :raises FileNotFoundError: when it was cut off: it is being removed.
    """
    while view:
        count = os.preadv(handle, [view], place)
        if not count:
            raise FileNotFoundError
        view, place = view[count:], place + count


def _past_the_cache(handle: int) -> int | None:
    """The same file once more, to be read past the cache; None where that is not known."""
    flag = getattr(os, "O_DIRECT", None)
    if flag is not None and os.fstat(handle).st_size >= _WORTH_ASKING:
        with suppress(OSError):  # by its descriptor: its name may be another file's by now
            return os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | flag | os.O_CLOEXEC)
    return None


def _read_past_the_cache(direct: int, view: memoryview, place: int) -> int:
    """How many bytes came: fewer at the end of the file, and where they are not to be had in this way."""
    done = 0
    while done < len(view) and not done % ALIGNED:
        try:
            count = os.preadv(direct, [view[done:]], place + done)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            break  # a file system that takes O_DIRECT and then refuses it, or memory that does not suit it
        if not count:
            break
        done += count
    return done


def _is_cached(handle: int, place: int, size: int) -> bool:
    """Whether the system has this part of the file in its memory, by its word; True where it gives none."""
    step = (size - 1) // (_ASKED - 1)
    places = [place + number * step for number in range(_ASKED)]
    try:
        return all(os.preadv(handle, [bytearray(1)], one, os.RWF_NOWAIT) for one in places)
    except BlockingIOError:
        return False
    except (OSError, AttributeError, NotImplementedError):
        return True
