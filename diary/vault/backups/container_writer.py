"""Writing a backup in its form (`container`), from front to back, while other threads read ahead, sum, and
compare what comes back from the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from diary.vault.backups.blocks import BlockWriter
from diary.vault.backups.container import INCREMENT, LENGTH, OPENING, WHOLE, Moved, plain_sum, signature
from diary.vault.backups.index import (
    DATABASE_MEMBER,
    Base,
    ChangedPages,
    Increment,
    Index,
    Member,
    Whole,
    encode,
)
from diary.vault.backups.pages import PageProver
from diary.vault.backups.reading import ReadAhead
from diary.vault.backups.sums import Checksums, sums_of
from diary.vault.keys import VaultKey

_READING = 2

Seen = Callable[[memoryview], None]
"""Shown bytes, which are others afterwards."""


class ContainerWriter:
    """Writes one, from front to back; other threads read ahead (`ReadAhead`), sum, write and read back
    (`BlockWriter`). Use it in a `with` statement: the threads end.

    :param handle: of an empty file, for writing and reading; stays open.
    :param made: microseconds since 1970 UTC. :param base: what it goes on from; None for a whole one, of
        which the database has to be added first.
    """

    def __init__(self, handle: int, *, vault_id: bytes, made: int, base: Base | None = None) -> None:
        self._base = base
        self._opening = OPENING.pack(INCREMENT if base else WHOLE, vault_id, made)
        self._members: list[Member] = []
        self._reading = ThreadPoolExecutor(_READING, thread_name_prefix="ahead")
        self._summing = ThreadPoolExecutor(1, thread_name_prefix="sums")
        self._blocks = BlockWriter(handle, stand_in=None if base else self._opening)
        if base:
            self._blocks.write(self._opening)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a member, in pieces.

        :raises OSError: when the disk refuses. :raises diary.vault.backups.blocks.NotAsWritten: when what was
            written before does not come back.
        """
        digest, start = sums_of(name, checksummed=self._base is None), self._blocks.place
        for piece in pieces:
            digest.update(piece)
            self._blocks.write(piece)
        self._add(name, self._blocks.place - start, digest.hexdigest())

    def add_file(self, name: str, source: int, size: int, *, seen: Seen, moved: Moved) -> None:
        """Add a member from an open file.

        :param size: so many bytes of it. :param seen: called with its bytes in order, by another thread.
        :raises FileNotFoundError: when it was cut off. :raises: as `add`.
        """
        digest, left = hashlib.sha256(), size

        def sum_up(piece: memoryview) -> None:
            digest.update(piece)
            seen(piece)

        with ReadAhead(source, self._reading) as ahead:
            while left:
                room = self._blocks.room()[:left]
                coming = ahead.fill(room, size - left)
                moved(len(room))
                self._blocks.filled(len(room), self._sum(sum_up, room, coming), coming=coming)
                left -= len(room)
            self._summing.submit(_nothing).result()
        self._add(name, size, digest.hexdigest())

    def add_database(self, source: int, size: int, prover: PageProver, *, moved: Moved) -> None:
        """Add the database of a whole one, before all others.

        :param source: the open file. :param size: of it, in bytes, a whole number of pages.
        :param prover: is handed its pages. :raises: as `add_file`.
        """
        sums = Checksums()
        with ReadAhead(source, self._reading) as ahead:
            while left := size - self._blocks.place:
                room = self._blocks.room()[:left]
                coming = ahead.fill(room, self._blocks.place)
                moved(len(room))
                proved = prover.take_next(room, coming)
                summed = self._sum(sums.update, room, coming)
                self._blocks.filled(len(room), *proved, summed, coming=coming)
            self._summing.submit(_nothing).result()
        self._add(DATABASE_MEMBER, size, sums.hexdigest())

    def _sum(self, sum_up: Seen, room: memoryview, coming: Future[None]) -> Future[None]:
        """Have another thread see these bytes once they are there."""

        def seen_when_there() -> None:
            coming.result()
            sum_up(room)

        return self._summing.submit(seen_when_there)

    def _add(self, name: str, size: int, sum_: str) -> None:
        self._members.append(Member(name=name, sha256=sum_, size=size))

    def finish(
        self, key: VaultKey, *, database: ChangedPages | None = None, kept: tuple[str, ...] = ()
    ) -> None:
        """Write the index and the sums; then all of it is on the disk, and came back from there.

        :param database: where the pages of an incremental belong. :param kept: what it leaves to its base.
        :raises: as `add`.
        """
        index = encode(self._index(database, kept))
        length = LENGTH.pack(len(index))
        signed = self._opening + length + index
        mac = signature(signed, key)
        end = b"" if self._base else self._opening
        self._blocks.write(index + end + length + mac + plain_sum(signed + mac))
        self._blocks.finish()

    def _index(self, database: ChangedPages | None, kept: tuple[str, ...]) -> Index:
        members = tuple(self._members)
        if self._base is None or database is None:
            return Whole(members=members)
        return Increment(base=self._base, database=database, kept=kept, members=members)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reading.shutdown(wait=True, cancel_futures=True)
        self._summing.shutdown(wait=True, cancel_futures=True)
        self._blocks.__exit__()


def _nothing() -> None:
    """What is handed to a thread to know that everything before is done."""
