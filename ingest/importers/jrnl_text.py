"""jrnl's text file, and its folder journals (`YYYY/MM/DD.txt`).

An entry starts at the beginning of a line with a date in brackets and a space: `[2024-01-05 21:10] Title.` A
line that starts with other text in brackets belongs to the entry above. The first sentence or line is the
title; a ` *` at the end of the first line marks the entry; `@word` is a tag. There is no time zone: local
time.

The whole entry is its text, title included, so that every word of it can be quoted; a title is only set when
more follows it. The order of day and month in 5/6/2024 is taken from the rest of the file, and refused when
the file does not tell.

Not here: encrypted journals (`ingest.importers.detect` recognises and refuses them).
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ingest.importers.dates import Zone, has_date_shape, moment, slash_parts
from ingest.importers.files import decoded, place, read_utf8, sentence, walk
from ingest.importers.staging import Staging, UntrustedEntry
from ingest.importers.unusable import Unusable

_START = re.compile(rb"^\[([^\]\r\n]{6,64})\](?: |(?=\r?$))", re.MULTILINE)
_TAG = re.compile(r"(?<!\S)@([^\W_][\w/#+*-]*)")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”)\]]*\s+")
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Za-zÀ-ÿ]|Dr|Mr|Mrs|Ms|Prof|St|vs|etc|approx|ca|No|Nr|bzw|usw)|\d)\.$")
_LONGEST_TITLE = 200


def looks_like(untrusted_head: bytes) -> bool:
    """Whether the first line with words starts an entry."""
    start = _START.match(untrusted_head.lstrip())
    return start is not None and _is_date(start)


def read(path: Path, staging: Staging, zone: Zone) -> None:
    """Stage every entry of a file, or of the text files of a folder.

    :raises OSError: when the source cannot be read. :raises Unusable: when it is not text, or too large.
    """
    if not path.is_dir():
        _read_file(path, path.name, staging, zone)
        return
    for file in walk(path, (".txt",), staging):
        where = place(file.relative_to(path))
        try:
            _read_file(file, where, staging, zone)
        except OSError as error:
            staging.refuse(where, sentence(error))
        except Unusable as error:
            staging.refuse(where, error.why)


def _read_file(path: Path, name: str, staging: Staging, zone: Zone) -> None:
    untrusted = read_utf8(path, staging.limits.file_bytes)
    starts = [match for match in _START.finditer(untrusted) if _is_date(match)]
    name = place(name)
    if untrusted[: starts[0].start() if starts else None].strip():
        staging.refuse(name, "the text before its first date in brackets belongs to no entry")
    day_first = _day_first(starts)
    line = 1
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(untrusted)
        previous = starts[number - 1].start() if number else 0
        line += untrusted.count(b"\n", previous, match.start())
        where = f"{name}, line {line}"
        staging.step(f"reading {name} (KB)", end // 1000, len(untrusted) // 1000)
        try:
            happened = moment(match[1].decode("utf-8", "replace"), zone, day_first=day_first)
            staging.take(_entry(where, happened, decoded(untrusted[match.end() : end])))
        except Unusable as error:
            staging.refuse(where, error.why)


def _is_date(start: re.Match[bytes]) -> bool:
    """Whether the brackets hold a date; one out of bounds counts, so that it is listed and not swallowed."""
    return has_date_shape(start[1].decode("utf-8", "replace"))


def _day_first(starts: list[re.Match[bytes]]) -> bool | None:
    """The order of slashed dates, when some date of the file has a number that no month has."""
    pairs = {parts for match in starts if (parts := slash_parts(match[1].decode("latin-1")))}
    first = any(day > 12 for day, _ in pairs)
    second = any(day > 12 for _, day in pairs)
    return None if first == second else first


def _entry(where: str, happened: datetime, untrusted_text: str) -> UntrustedEntry:
    text, starred = without_star(untrusted_text.strip())
    return UntrustedEntry(
        where=where,
        text=text,
        title=title_of(text),
        happened=happened,
        tags=tags_in(text),
        starred=starred,
    )


def without_star(text: str) -> tuple[str, bool]:
    """The text without the mark at the end of its first line, and whether it was there."""
    first, line_end, rest = text.partition("\n")
    if first.strip() != "*" and not first.rstrip().endswith((" *", "\t*")):
        return text, False
    return (first.rstrip()[:-1].rstrip() + line_end + rest).strip(), True


def title_of(text: str) -> str | None:
    """The first sentence or line, whichever is shorter; None when it is the whole text, or too long."""
    first = text.partition("\n")[0].strip()[: _LONGEST_TITLE + 1]
    for end in _SENTENCE.finditer(first):
        if not _ABBREVIATION.search(first[: end.start()]):
            first = first[: end.end()].strip()
            break
    return None if first == text.strip() or len(first) > _LONGEST_TITLE else first


def tags_in(text: str) -> tuple[str, ...]:
    """Words marked with @, in small letters as jrnl keeps them; e-mail addresses are none."""
    return tuple(dict.fromkeys(tag.rstrip("-/+*").lower() for tag in _TAG.findall(text)))
