"""A backup with all that it goes on from: an incremental, its base, the base of that, and a whole one last.

A base is known by its sum, not by its name: it is looked for under the name that it had, and then among the
other backups beside the incremental. When it is missing or another file now, that is told with its name.

The database is put together from the whole one's, with the changed pages of each incremental laid over it,
oldest first. An attachment is in the newest link that has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, Self

from diary.errors import BackupDamaged, NotABackup
from diary.vault.backups.container import Container, Moved
from diary.vault.backups.index import DATABASE_MEMBER, PAGES_MEMBER
from diary.vault.backups.pages import TAG_BYTES
from diary.vault.keys import VaultKey

SUFFIX = ".backup"
MOST_LINKS = 8
"""The whole one counted: each that is missing or spoilt spoils all after it."""
_MOST_READ = 64


class Chain:
    """Reads a backup; close it, or use it in a `with` statement.

    :ivar links: the newest first, the whole one last.
    :ivar names: of the vault's files in it, the database included.
    """

    def __init__(self, links: tuple[Container, ...], folder: Path) -> None:
        self.links = links
        self._folder = folder
        newest = links[0]
        self.vault_id, self.made = newest.vault_id, newest.made
        kept = newest.increment.kept if newest.increment else ()
        members = {DATABASE_MEMBER if name == PAGES_MEMBER else name for name in newest.members}
        self.names = frozenset(members | set(kept))
        self._of = {name: self._link_with(name) for name in self.names if name != DATABASE_MEMBER}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a backup and what it goes on from.

        :raises diary.errors.NotABackup: when it is none, or there is no such file.
        :raises diary.errors.BackupDamaged: when a frame is not as it was written, or a base is missing.
        """
        links = [Container.open(path)]
        try:
            while (increment := links[-1].increment) is not None:
                if len(links) == _MOST_READ:
                    raise links[0].damaged("it goes on from too many others")
                links.append(_base_of(links[-1], path.parent, increment.base.name, increment.base.sha256))
            return cls(tuple(links), path.parent)
        except BaseException:
            for link in links:
                link.close()
            raise

    @property
    def size(self) -> int:
        """Of the newest file, in bytes."""
        return self.links[0].size

    @property
    def whole_size(self) -> int:
        """Of all the files, in bytes."""
        return sum(link.size for link in self.links)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Of the files, the newest first."""
        return tuple(self._folder / link.name for link in self.links)

    def is_authentic(self, key: VaultKey) -> bool:
        """Whether somebody who has the vault key put all of it together, of one vault."""
        return all(link.is_authentic(key) and link.vault_id == self.vault_id for link in self.links)

    def check(self, *, moved: Moved) -> None:
        """Read everything through; needs no key.

        :param moved: told of each piece; what it raises ends it.
        :raises diary.errors.BackupDamaged: when a byte is not as it was written.
        """
        for link in self.links:
            for name in link.members:
                with closing(link.passing(name)) as pieces:
                    for piece in pieces:
                        moved(len(piece))

    def file_size(self, name: str) -> int:
        """Of a file in it that is not the database, in bytes."""
        return self._of[name].members[name].size

    def is_new(self, name: str) -> bool:
        """Whether the newest link has this file itself."""
        return name in self.links[0].members

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file that is not the database, as `Container.pieces`."""
        return self._of[name].pieces(name)

    def read(self, name: str) -> bytes:
        """A small file, whole."""
        return self._of[name].read(name)

    def stream(self, name: str) -> BinaryIO:
        """A file to be read; its sum is not compared.

        :raises FileNotFoundError: when there is none of this name.
        """
        if name not in self._of:
            raise FileNotFoundError(name)
        return self._of[name].stream(name)

    def write_database(self, handle: int, *, moved: Moved) -> None:
        """Put the database together in an empty file.

        :raises diary.errors.BackupDamaged: when a link is not as it was written; told at the end of it.
        :raises OSError: when the disk refuses.
        """
        for link in reversed(self.links):
            if link.increment is None:
                with closing(link.passing(DATABASE_MEMBER)) as pieces:
                    _write_at(handle, 0, pieces, moved)
                continue
            pages = link.increment.database
            os.ftruncate(handle, pages.count * pages.page_size)
            places = [((first - 1) * pages.page_size, count * pages.page_size) for first, count in pages.runs]
            with closing(link.passing(PAGES_MEMBER)) as pieces:
                _scatter(handle, places, pieces, moved)

    def tags(self, page_size: int) -> bytes:
        """The tags of the database's pages, 64 bytes each, read without the pages and their sums."""
        tags = bytearray()
        for link in reversed(self.links):
            if link.increment is None:
                tags += link.tags(DATABASE_MEMBER, page_size)
                continue
            changed, place = link.tags(PAGES_MEMBER, page_size), 0
            pages = link.increment.database
            tags = tags[: pages.count * TAG_BYTES].ljust(pages.count * TAG_BYTES, b"\0")
            for first, count in pages.runs:
                start, length = (first - 1) * TAG_BYTES, count * TAG_BYTES
                tags[start : start + length] = changed[place : place + length]
                place += length
        return bytes(tags)

    def damaged(self, detail: str) -> BackupDamaged:
        """What to raise of the newest."""
        return self.links[0].damaged(detail)

    def close(self) -> None:
        """Close the files."""
        for link in self.links:
            link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _link_with(self, name: str) -> Container:
        for link in self.links:
            if name in link.members:
                return link
        raise self.links[0].damaged("what it goes on from lacks a file that it names")


def _base_of(link: Container, folder: Path, name: str, expected: str) -> Container:
    """The base with this sum, wherever beside the link it is; it stays open.

    :raises diary.errors.BackupDamaged: when there is none.
    """
    reason = ""
    for path in _candidates(folder, name, link.name):
        try:
            found = Container.open(path)
        except NotABackup:
            reason = reason or "which is not beside it"
            continue
        except BackupDamaged:
            reason = reason or "which is damaged"
            continue
        if found.sum == expected:
            return found
        found.close()
        reason = reason or "and what has that name is another"
    raise BackupDamaged(
        f"The backup {link.name} goes on from {name}, {reason}. Nothing was changed.",
        hint=f"Put {name} into the same folder, or use another backup.",
    )


def _candidates(folder: Path, name: str, not_this: str) -> Iterator[Path]:
    yield folder / name
    with suppress(OSError):  # a folder whose names may not be read
        others = sorted(path.name for path in folder.iterdir() if path.name.endswith(SUFFIX))
        yield from (folder / other for other in others if other not in (name, not_this))


def _write_at(handle: int, place: int, pieces: Iterator[memoryview], moved: Moved) -> int:
    for piece in pieces:
        moved(len(piece))
        view = piece
        while view:
            count = os.pwrite(handle, view, place)
            view, place = view[count:], place + count
    return place


def _scatter(handle: int, places: list[tuple[int, int]], pieces: Iterator[memoryview], moved: Moved) -> None:
    """Write what comes in pieces of any size to places of given sizes, in bytes."""
    left = iter(places)
    place, room = 0, 0
    for piece in pieces:
        moved(len(piece))
        view = piece
        while view:
            if not room:
                place, room = next(left)
            count = os.pwrite(handle, view[:room], place)
            view, place, room = view[count:], place + count, room - count
