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
from diary.vault.backups.container import TAKE_OUT, Container, Moved
from diary.vault.backups.index import DATABASE_MEMBER, PAGES_MEMBER, ChangedPages
from diary.vault.backups.pages import TAG_BYTES, PageProof
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
                links.append(base_of(links[-1], path.parent, increment.base.name, increment.base.sha256))
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
    def database_size(self) -> int:
        """Of all the database's pages in the files, those that are laid over included, in bytes."""
        return sum(
            link.members[PAGES_MEMBER if link.increment else DATABASE_MEMBER].size for link in self.links
        )

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

    def write_database(self, handle: int, proof: PageProof, *, moved: Moved) -> bytes:
        """Put the database together in an empty file; the tags of its pages, 64 bytes each, once all that
        passed is known to be what diary wrote (`Container.proved`).

        :raises diary.errors.BackupDamaged: when a link is not as it was written; told at the end of it.
        :raises OSError: when the disk refuses.
        """
        return self._read_database(proof, moved, handle)

    def proved_tags(self, proof: PageProof, *, moved: Moved) -> bytes:
        """As `write_database`, and written nowhere."""
        return self._read_database(proof, moved, None)

    def tags_over(self, before: bytes, page_size: int) -> bytes:
        """The tags of an incremental's database, from those of what it goes on from; its own pages' as they
        stand there.
        """
        newest = self.links[0]
        assert newest.increment is not None  # noqa: S101 - who asks knows what the newest is
        return _laid_over(before, newest.increment.database, newest.tags(PAGES_MEMBER, page_size))

    def _read_database(self, proof: PageProof, moved: Moved, handle: int | None) -> bytes:
        tags = b""
        for link in reversed(self.links):
            found, pages = list[bytes](), link.increment.database if link.increment else None
            name, places = PAGES_MEMBER, list[tuple[int, int]]()
            if pages is None:
                name, places = DATABASE_MEMBER, [(0, link.members[DATABASE_MEMBER].size)]
            else:
                places = [
                    (pages.page_size * (first - 1), pages.page_size * count) for first, count in pages.runs
                ]
                if handle is not None:
                    os.ftruncate(handle, pages.count * pages.page_size)
            with closing(link.proved(name, proof, found)) as pieces:
                _scatter(handle, places, pieces, moved)
            tags = b"".join(found) if pages is None else _laid_over(tags, pages, b"".join(found))
        return tags

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


def base_of(link: Container, folder: Path, name: str, expected: str) -> Container:
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
        hint=f"Put {name} into the same folder, or use another backup. If there is no other: {TAKE_OUT}",
    )


def _candidates(folder: Path, name: str, not_this: str) -> Iterator[Path]:
    yield folder / name
    with suppress(OSError):  # a folder whose names may not be read
        others = sorted(path.name for path in folder.iterdir() if path.name.endswith(SUFFIX))
        yield from (folder / other for other in others if other not in (name, not_this))


def _laid_over(tags: bytes, pages: ChangedPages, changed: bytes) -> bytes:
    laid = bytearray(tags[: pages.count * TAG_BYTES].ljust(pages.count * TAG_BYTES, b"\0"))
    taken = 0
    for first, count in pages.runs:
        start, length = (first - 1) * TAG_BYTES, count * TAG_BYTES
        laid[start : start + length] = changed[taken : taken + length]
        taken += length
    return bytes(laid)


def _scatter(
    handle: int | None, places: list[tuple[int, int]], pieces: Iterator[memoryview], moved: Moved
) -> None:
    """Write what comes in pieces of any size to places of given sizes, in bytes; None: nowhere."""
    left = iter(places)
    place, room = 0, 0
    for piece in pieces:
        moved(len(piece))
        view = piece
        while view and handle is not None:
            if not room:
                place, room = next(left)
            count = os.pwrite(handle, view[:room], place)
            view, place, room = view[count:], place + count, room - count
