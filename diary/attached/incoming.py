"""Files become attachments: looked at, opened once, read to their end, and refused when they are not what
they were.

Rules: a regular file only, told by the open descriptor and not by the name, so that nothing can be put in
its place; a link that a person names is followed, one that lies in the exchange folder is not. Pipes and
devices are refused without being read. The vault's own files are refused by any name. A file that grows,
shrinks or is written while it is read is refused: half of one state and half of another is no copy.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Container, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diary.attached.signatures import HEAD_BYTES, media_type_of
from diary.errors import AttachmentRefused, DiaryError, StorageFailed
from diary.model.attachment import AttachmentDraft
from diary.model.progress import Progress, Report
from diary.printable import safe

Own = Container[tuple[int, int]]
"""Device and inode of the vault's own files."""

MEGABYTE = 1_000_000
_FOLLOWED = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that could be attached. :ivar size: in bytes."""

    path: Path
    size: int


class _OpenFile:
    """A file that is being attached: a Content that gives no more and no less than was there at first."""

    def __init__(
        self, file: BinaryIO, about: os.stat_result, path: Path, name: str, step: Callable[[int], None]
    ) -> None:
        self._file = file
        self._about = about
        self._path = path
        self._step = step
        self._given = 0
        with _told(path):
            self._head = file.read(HEAD_BYTES)
        self.media_type = media_type_of(self._head, name, whole=len(self._head) == about.st_size)

    def read(self, size: int, /) -> bytes:
        """So many bytes; fewer at the end only.

        :raises diary.errors.AttachmentRefused: when it is not what it was.
        """
        piece, self._head = self._head[:size], self._head[size:]
        if len(piece) < size:
            with _told(self._path):
                piece += self._file.read(size - len(piece))
        self._given += len(piece)
        self._step(len(piece))
        if self._given > self._about.st_size or (len(piece) < size and self._has_changed()):
            raise _refused(
                self._path,
                "changed while it was read",
                hint="Wait until whatever writes it has finished, and try again.",
            )
        return piece

    def _has_changed(self) -> bool:
        now = os.fstat(self._file.fileno())
        same = (now.st_size, now.st_mtime_ns) == (self._about.st_size, self._about.st_mtime_ns)
        return self._given != self._about.st_size or not same


def require_usable(paths: Sequence[Path], *, own: Own) -> int:
    """Open each and close it again; how many bytes they have together.

    :raises diary.errors.AttachmentRefused: when one cannot be attached.
    """
    total = 0
    for path in paths:
        file, about = _opened(path, own)
        file.close()
        total += about.st_size
    return total


def drafts(
    paths: Sequence[Path], *, name: str | None, own: Own, report: Report
) -> Generator[AttachmentDraft]:
    """Each file, open while it is its turn; all are looked at before the first is given.

    :raises diary.errors.AttachmentRefused: when one cannot be attached.
    """
    total = max(require_usable(paths, own=own) // MEGABYTE, 1)
    done = 0

    def step(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if before // MEGABYTE != done // MEGABYTE:
            report(Progress("Attaching (MB)", min(done // MEGABYTE, total), total))

    for path in paths:
        file, about = _opened(path, own)
        with file:
            called = path.name if name is None else name
            content = _OpenFile(file, about, path, called, step)
            yield AttachmentDraft(name=called, media_type=content.media_type, content=content)


def offered(folder: Path, *, own: Own) -> list[Offered]:
    """The regular files in a folder, by name; links, hidden files and the vault's own are left out.

    :raises diary.errors.StorageFailed: when the folder cannot be read.
    """
    found = []
    try:
        for path in folder.iterdir():
            about = path.lstat()
            if (
                stat.S_ISREG(about.st_mode)
                and not path.name.startswith(".")
                and (about.st_dev, about.st_ino) not in own
            ):
                found.append(Offered(path, about.st_size))
    except OSError as error:
        raise StorageFailed(
            f"The folder {_shown(folder)} cannot be read ({_short(error)}). Nothing was changed.",
            hint="Look whether it is there, and whether you may read it.",
        ) from None
    return sorted(found, key=lambda one: (one.path.name.casefold(), one.path.name))


def _opened(path: Path, own: Own) -> tuple[BinaryIO, os.stat_result]:
    with _told(path):
        # Looked at before it is opened too: closing the database's file would drop the locks held on it.
        _require_usable(path, path.stat(), own)
        file = os.fdopen(os.open(path, _FOLLOWED), "rb")
        about = os.fstat(file.fileno())
    try:
        _require_usable(path, about, own)
    except BaseException:
        file.close()
        raise
    return file, about


def _require_usable(path: Path, about: os.stat_result, own: Own) -> None:
    if stat.S_ISDIR(about.st_mode):
        raise _refused(
            path, "is a folder", hint="Name the files in it, or pack it into one file first, with tar or zip."
        )
    if not stat.S_ISREG(about.st_mode):
        raise _refused(path, "is no regular file", hint="A pipe or a device has no end that can be kept.")
    if (about.st_dev, about.st_ino) in own:
        raise _refused(path, "is a part of this diary", hint="For a copy of the diary: diary backup FILE")


@contextmanager
def _told(path: Path) -> Generator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _refused(path, "is not there", hint="Look at how the name is written.") from None
    except PermissionError:
        raise _refused(path, "may not be read", hint="Look at its permissions.") from None
    except OSError as error:
        hint = "The disk or stick it is on may be failing, or it is no file that can be read."
        raise _refused(path, f"cannot be read ({_short(error)})", hint=hint) from None


def _refused(path: Path, why: str, *, hint: str) -> DiaryError:
    return AttachmentRefused(f"{_shown(path)} {why}, so nothing was attached.", hint=hint)


def _shown(path: Path) -> str:
    """The name with nothing in it that could steer a terminal."""
    return safe(os.fspath(path))


def _short(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "unknown")
