"""Which format a source has, by what is in it first and by its name second; what is not known is refused.

`FORMATS` is the table of all formats: a new one is a module with `looks_like` and `read`, and a row here.
Encrypted journals of jrnl are recognised only to say what to do with them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diary.errors import ImportRefused
from ingest.importers import interchange, jrnl_json, jrnl_text, markdown
from ingest.importers.dates import Zone
from ingest.importers.files import head, refused, sentence
from ingest.importers.staging import Staging
from ingest.importers.unusable import Unusable

_MOST_LOOKED_AT = 2_000  # names in a folder before its format must be clear
_FERNET = re.compile(rb"gAAAAA[\w-]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format we can read.

    :ivar name: as in `--format` and in the list of imports.
    :ivar about: for the sentence that names the formats.
    :ivar looks_like: whether the first 64 KiB of a file, in UTF-8 without a mark, are of this format.
    :ivar suffixes: names of single files that are taken for this format when their content does not tell.
    :ivar in_folder: suffixes of the files that make a folder one of this format; empty: files only.
    :ivar read: stages a source; raises OSError, Unusable and what Staging raises.
    """

    name: str
    about: str
    read: Callable[[Path, Staging, Zone], None]
    looks_like: Callable[[bytes], bool] | None = None
    suffixes: tuple[str, ...] = ()
    in_folder: tuple[str, ...] = ()


FORMATS = (
    Format(
        name="markdown",
        about="Markdown notes (a .md file, or a folder of them as Obsidian keeps it)",
        read=markdown.read,
        suffixes=markdown.SUFFIXES,
        in_folder=markdown.SUFFIXES,
    ),
    Format(
        name="jrnl-json",
        about="jrnl's JSON export",
        read=jrnl_json.read,
        looks_like=jrnl_json.looks_like,
    ),
    Format(
        name="jsonl",
        about="JSON lines with date and text (our own export)",
        read=interchange.read,
        looks_like=interchange.looks_like,
        suffixes=(".jsonl", ".ndjson"),
    ),
    Format(
        name="jrnl",
        about="jrnl's text file or folder",
        read=jrnl_text.read,
        looks_like=jrnl_text.looks_like,
        in_folder=(".txt",),
    ),
)
_BY_NAME = {format.name: format for format in FORMATS}
KNOWN_FORMATS = f"Known formats: {'; '.join(f'{format.name}: {format.about}' for format in FORMATS)}."


def format_of(path: Path, wanted: str | None) -> Format:
    """The format of a source that was named on the command line.

    :param wanted: the name of a format that the person says it is, or None.
    :raises diary.errors.ImportRefused: when it is missing, unreadable, encrypted, or of no known format.
    """
    if wanted is not None and wanted not in _BY_NAME:
        raise ImportRefused(f"There is no import format “{wanted}”. Nothing was added.", hint=KNOWN_FORMATS)
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        untrusted_head = b"" if is_folder else head(path)
    except FileNotFoundError:
        raise refused(path, "it does not exist") from None
    except (OSError, ValueError) as error:
        raise refused(
            path, sentence(error) if isinstance(error, OSError) else "its name is no path"
        ) from None
    except Unusable as error:
        raise refused(path, error.why) from None
    _refuse_encrypted(path, untrusted_head)
    if wanted is not None:
        return _wanted(path, _BY_NAME[wanted], is_folder=is_folder)
    found = _of_folder(path) if is_folder else _of_file(path, untrusted_head)
    if found is None:
        raise refused(path, "its format is not known", hint=KNOWN_FORMATS)
    return found


def _wanted(path: Path, format: Format, *, is_folder: bool) -> Format:
    if is_folder and not format.in_folder:
        raise refused(path, f"it is a folder, and {format.name} is read from a file", hint=KNOWN_FORMATS)
    return format


def _of_file(path: Path, untrusted_head: bytes) -> Format | None:
    suffix = path.suffix.lower()
    by_name = next((format for format in FORMATS if suffix in format.suffixes), None)
    if by_name is not None and by_name.looks_like is None:
        return by_name
    found = (format for format in FORMATS if format.looks_like and format.looks_like(untrusted_head))
    return next(found, by_name)


def _of_folder(path: Path) -> Format | None:
    """The first format of the table that a file in the folder belongs to; text files must look like it."""
    for format in FORMATS:
        for file in _files(path):
            if file.suffix.lower() not in format.in_folder:
                continue
            if format.looks_like is None or _head_looks(format.looks_like, file):
                return format
    return None


def _head_looks(looks_like: Callable[[bytes], bool], file: Path) -> bool:
    try:
        return looks_like(head(file, follow=False))
    except (OSError, Unusable):
        return False


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, breadth first, without hidden ones and links, up to a bounded number of names."""
    waiting, looked_at = [folder], 0
    while waiting and looked_at < _MOST_LOOKED_AT:
        try:
            with os.scandir(waiting.pop(0)) as entries:
                for entry in entries:
                    looked_at += 1
                    if entry.name.startswith(".") or entry.is_symlink():
                        continue
                    if entry.is_dir():
                        waiting.append(Path(entry.path))
                    else:
                        yield Path(entry.path)
                    if looked_at >= _MOST_LOOKED_AT:
                        return
        except OSError:
            continue


def _refuse_encrypted(path: Path, untrusted_head: bytes) -> None:
    start = untrusted_head.lstrip()
    if start.startswith(b"JRNLv3") or _FERNET.match(start):
        raise refused(
            path,
            "it is a journal that jrnl encrypted",
            hint="Let jrnl write “jrnl --format json --file journal.json”, import that file, then delete it.",
        )
    for magic, name, hint in _CONTAINERS:
        if untrusted_head.startswith(magic):
            raise refused(path, f"it is {name}", hint=f"{hint} {KNOWN_FORMATS}")


_CONTAINERS = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and import the folder."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and import what is in it."),
    (b"SQLite format 3\0", "a database", "Export its entries in the program that wrote it."),
    (b"%PDF", "a PDF", "Export its entries as text in the program that wrote it."),
)
