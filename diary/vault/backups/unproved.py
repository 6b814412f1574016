"""What is there of a damaged backup, taken out as it is: for a check, and for a salvage, page by page.

Nothing is compared and no key is asked for, since what comes out is as encrypted as what went in: the sums of
the members are passed over, what the disk cannot read is left as zeros, and of a chain whose base is missing
the pages that are there are laid where they belong, with nothing between. What comes out is no diary that may
be trusted before `diary doctor` has looked at it, and is never put in the place of one.

What it cannot do: take anything out of a backup without its frame, which says where each member is.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO

from diary.durable import sync
from diary.errors import BackupDamaged, NotABackup
from diary.model.backup import TakenOut
from diary.model.progress import Cancelled, Report, never, silent
from diary.vault.backups.chain import base_of
from diary.vault.backups.container import Container
from diary.vault.backups.index import DATABASE_MEMBER, HEADER_MEMBER, MANIFEST_MEMBER, PAGES_MEMBER
from diary.vault.backups.moving import Mover
from diary.vault.backups.restoring import (
    RESTORING,
    empty_folder,
    exchange,
    for_replacing,
    require_outside,
    told_of_restoring,
)
from diary.vault.files import FOLDER_OWNER_ONLY, OWNER_ONLY
from diary.vault.header import COPY, HEADER
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS

_BLOCK = 64 * 1024


def take_out_unproved(
    file: Path, folder: Path, *, report: Report = silent, cancelled: Cancelled = never
) -> TakenOut:
    """Write what is there of a backup into a folder, as the files of a vault.

    :param folder: missing or empty; whatever happens, it is there whole or not at all.
    :raises diary.errors.VaultExists: or FileExists, when something is there.
    :raises diary.errors.NotABackup: or BackupDamaged, when it does not say what is in it.
    :raises diary.errors.DiskFull: or StorageFailed, when it cannot be written.
    """
    require_outside(folder)
    with told_of_restoring(), for_replacing(folder, replace=False), ExitStack() as opened:
        links, lacks = _links(file, opened)
        mover = Mover("Taking out (MB)", sum(link.size for link in links), report=report, cancelled=cancelled)
        with empty_folder(folder.with_name(folder.name + RESTORING)) as new:
            out = _Out(new, mover)
            out.database(links)
            missing = out.others(links)
            for path in (new / ATTACHMENTS, new / SPOOLS, new):
                sync(path)
            exchange(new, folder, None)
        mover.end()
    return TakenOut(folder=folder, unread=out.unread, missing=missing, lacks=lacks)


def _links(file: Path, opened: ExitStack) -> tuple[list[Container], str | None]:
    """The backup and what it goes on from, the newest first, as far as that is there; what is not."""
    try:
        links = [opened.enter_context(Container.open(file))]
    except BackupDamaged as error:
        error.hint = (
            "Nothing can be taken out of this one: what says where each part is, is damaged. Try another."
        )
        raise
    while (increment := links[-1].increment) is not None:
        base = increment.base
        try:
            links.append(
                opened.enter_context(closing(base_of(links[-1], file.parent, base.name, base.sha256)))
            )
        except (NotABackup, BackupDamaged):
            return links, base.name
    return links, None


class _Out:
    """Writes into a new folder.

    :ivar unread: bytes that the disk did not give, and that are zeros.
    """

    def __init__(self, folder: Path, mover: Mover) -> None:
        self._folder = folder
        self._mover = mover
        self.unread = 0
        for name in (ATTACHMENTS, SPOOLS):
            (folder / name).mkdir(mode=FOLDER_OWNER_ONLY)

    def database(self, links: list[Container]) -> None:
        """Put together from the oldest to the newest, each over the one before."""
        with self._created(DATABASE_MEMBER) as out:
            for link in reversed(links):
                if link.increment is None:
                    self._copy(link, DATABASE_MEMBER, [(0, link.members[DATABASE_MEMBER].size)], out)
                    continue
                pages = link.increment.database
                out.truncate(pages.count * pages.page_size)
                places = [
                    (pages.page_size * (first - 1), pages.page_size * count) for first, count in pages.runs
                ]
                self._copy(link, PAGES_MEMBER, places, out)
            _force(out)

    def others(self, links: list[Container]) -> int:
        """Every other file, from the newest that has it; how many none has."""
        newest = links[0]
        kept = newest.increment.kept if newest.increment else ()
        names = {*newest.members, *kept} - {DATABASE_MEMBER, PAGES_MEMBER, MANIFEST_MEMBER}
        missing = 0
        for name in sorted(names):
            link = next((link for link in links if name in link.members), None)
            if link is None:
                missing += 1
                continue
            for path in (HEADER, COPY) if name == HEADER_MEMBER else (name,):
                with self._created(path) as out:
                    self._copy(link, name, [(0, link.members[name].size)], out)
                    _force(out)
        return missing

    def _copy(self, link: Container, name: str, places: list[tuple[int, int]], out: BinaryIO) -> None:
        start = 0
        for place, size in places:
            for at in range(0, size, _BLOCK):
                piece = self._read(link, name, start + at, min(_BLOCK, size - at))
                os.pwrite(out.fileno(), piece, place + at)
                self._mover.moved(len(piece))
            start += size

    def _read(self, link: Container, name: str, start: int, size: int) -> bytes:
        try:
            return link.part(name, start, size).ljust(size, b"\0")
        except OSError:
            self.unread += size
            return bytes(size)

    def _created(self, name: str) -> BinaryIO:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.fdopen(os.open(self._folder / name, flags, OWNER_ONLY), "w+b")


def _force(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())
