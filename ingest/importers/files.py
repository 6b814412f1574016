"""Reading files that someone else wrote: bounded, regular files only, never out of the folder that was
named.

Rules: a path the person named may be a link; inside a folder no link is followed (its target is read in its
own place when it lies in the folder), and one that leads outside is listed. Hidden files and folders are
passed over (`.obsidian`, `.trash`, `.git`). Pipes and devices are refused without being read. UTF-16 and
UTF-32 are read when a byte order mark says so; other encodings than UTF-8 are refused, never guessed: a
wrong guess is mojibake that nobody notices for years.
"""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from diary.errors import ImportRefused
from ingest.importers.staging import Staging, counted
from ingest.importers.unusable import Unusable

HEAD_BYTES = 65_536
_DEEPEST = 64
_CHUNK = 2**20
# The 32-bit marks first: the little-endian one begins with the 16-bit one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def place(path: Path | str) -> str:
    """A path as text that can be stored and shown, whatever bytes its name has."""
    return os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """A regular file, opened for reading; O_NONBLOCK so that a pipe cannot hang us before we see what it is.

    :raises OSError: when it cannot be opened.
    :raises Unusable: when it is no regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Unusable("it is no regular file")
    return file


def read_utf8(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """The whole file without a byte order mark, other Unicode encodings turned into UTF-8.

    The bytes are not checked to be UTF-8: readers decode them item by item.

    :raises OSError: when it cannot be read.
    :raises Unusable: when it is no regular file, larger than `limit` bytes, or breaks its own mark.
    """
    with open_regular(path, follow=follow) as file:
        return _as_utf8(_read(file, limit))


def head(path: Path, *, follow: bool = True) -> bytes:
    """The first bytes of a file, in UTF-8 without a byte order mark, to tell its format.

    :raises OSError: when it cannot be read.
    :raises Unusable: when it is no regular file.
    """
    with open_regular(path, follow=follow) as file:
        data = file.read(HEAD_BYTES)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    return data


def lines(path: Path, limit: int, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """(offset after the line, line) of a file in UTF-8; None for a line longer than `longest` bytes.

    :raises OSError: when it cannot be read.
    :raises Unusable: when it is no regular file, larger than `limit` bytes, or breaks its own mark.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > limit:
            raise Unusable(_too_large(limit))
        source: BinaryIO = file
        start = file.read(4)
        if start.startswith(tuple(mark for mark, _ in _MARKS)):
            file.seek(0)
            source = BytesIO(_as_utf8(_read(file, limit)))
        else:
            file.seek(0)
        yield from _bounded_lines(source, limit, longest)


def decoded(untrusted_bytes: bytes) -> str:
    """Text of UTF-8 bytes.

    :raises Unusable: when they are not UTF-8.
    """
    try:
        return untrusted_bytes.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable("it is not UTF-8 text; save it as UTF-8 and import again") from None


def walk(folder: Path, suffixes: tuple[str, ...], staging: Staging) -> Iterator[Path]:
    """Files of a folder with one of these suffixes, in the order of names; others are counted in a note."""
    others = 0
    waiting: list[tuple[Path, int]] = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop()
        deeper: list[tuple[Path, int]] = []
        for found in _listed(here, folder, staging):
            staging.check_stopped()
            path = Path(found.path)
            if found.name.startswith("."):
                continue
            if found.is_symlink():
                _note_link(path, folder, staging)
            elif found.is_dir(follow_symlinks=False):
                deeper.append((path, depth + 1))
            elif path.suffix.lower() in suffixes:
                yield path
            else:
                others += 1
        if deeper and depth + 1 > _DEEPEST:
            staging.refuse(place(here.relative_to(folder)), f"its folders are nested deeper than {_DEEPEST}")
        else:
            waiting += reversed(deeper)
    if others:
        staging.note(place(folder.name), f"left where they are: {counted(others, 'file')} of other kinds")


def sentence(error: OSError) -> str:
    """Why a file could not be read, without its path."""
    return f"it cannot be read ({(error.strerror or 'unknown reason').lower()})"


def refused(path: Path, why: str, *, hint: str = "") -> ImportRefused:
    """The refusal of a source that was named."""
    return ImportRefused(f"“{place(path)}” was not imported: {why}. Nothing was added.", hint=hint)


def _listed(here: Path, folder: Path, staging: Staging) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(here) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if here == folder:
            raise
        staging.refuse(place(here.relative_to(folder)), sentence(error))
        return []


def _note_link(path: Path, folder: Path, staging: Staging) -> None:
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        inside = False
    if not inside:
        staging.refuse(place(path.relative_to(folder)), "it is a link that leads outside the folder")


def _read(file: BinaryIO, limit: int) -> bytes:
    data = file.read(limit + 1)
    if len(data) > limit:
        raise Unusable(_too_large(limit))
    return data


def _too_large(limit: int) -> str:
    return f"it is larger than {limit / 2**20:,.3g} MB"


def _as_utf8(data: bytes) -> bytes:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if encoding == "utf-8":
                return data[len(mark) :]
            try:
                return data[len(mark) :].decode(encoding).encode()
            except UnicodeError:
                raise Unusable(f"it says that it is {encoding} text, but it is not") from None
    return data


def _bounded_lines(source: BinaryIO, limit: int, longest: int) -> Iterator[tuple[int, bytes | None]]:
    offset = 0
    while line := source.readline(longest + 1):
        offset += len(line)
        if len(line) > longest and not line.endswith(b"\n"):
            while rest := source.readline(_CHUNK):
                offset += len(rest)
                if rest.endswith(b"\n") or offset > limit:
                    break
            yield offset, None
        else:
            yield offset, line
        if offset > limit:  # it grew while it was read
            raise Unusable(_too_large(limit))
